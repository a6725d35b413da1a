// The shapes beside the edges: what is known of them, and where they are written in the drawing that is looked at.
import type { GraphDocument } from '../graph/document';
import { LabelPlaces, type Labels } from '../graph/labels';
import type { Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';

export class Shapes {
  /** By edge, '' where none is known. */
  texts: readonly string[] = [];
  /** Placed when the first picture needs them. */
  private places: LabelPlaces | null = null;

  /** Begins a graph, with what its file declares. */
  start(document: GraphDocument): void {
    this.texts = document.edgeLabel;
    this.places = null;
  }

  /** Takes in what was found since, by tensor. */
  tell(document: GraphDocument, shapes: Readonly<Record<string, string>>): void {
    this.texts = document.edgeTensor.map((tensor, edge) => {
      // hasOwn: a tensor may be called "constructor".
      const found = Object.hasOwn(shapes, tensor) ? shapes[tensor] : '';
      return found || document.edgeLabel[edge];
    });
    this.places = null;
  }

  /** All places, at least those in sight. */
  placed(scene: Scene, seen: Box): Labels {
    if (this.places?.scene !== scene) this.places = new LabelPlaces(scene, this.texts);
    this.places.reach(seen);
    return this.places;
  }
}
