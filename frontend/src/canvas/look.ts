// Which drawing is looked at: flat where nodes are read, wrapped into columns where it shows more.
import { planFold, type Fold, type Room } from '../graph/fold';
import { foldScene, intoFold, outOfFold } from '../graph/folded';
import { nodeBox, nodesIn, type Scene } from '../graph/scene';
import type { Box, Point } from '../lib/geometry';
import { MARGIN, type Camera, type View } from './camera';
import { FULL_FROM, SMALL_FROM } from './frame';
import { BESIDE, fittedView } from './free';

/** A graph that fits the screen at this zoom needs no fold: its operators can be read. */
const ENOUGH = 0.58;
/** A fold has to show the whole at least this much larger. */
const WORTH = 1.4;
/**
 * On the way out it folds where little is told of a node, or just above the fold's own fit; on the
 * way in it unfolds where nodes are read. Between them it stays what it is.
 */
const ABOVE_FIT = 1.15;
const MOST_ZOOM = 0.75;

interface Folded {
  readonly fold: Fold;
  readonly scene: Scene;
  /** Size of the canvas that it was made for, CSS px. */
  readonly width: number;
  readonly height: number;
  /** What floated on it then. */
  readonly taken: string;
  readonly below: number;
}

export class Look {
  private flat: Scene | null = null;
  private folded: Folded | null = null;
  private isFolded = false;
  /** Canvas size for which no fold is worth it. */
  private vain: { width: number; height: number } | null = null;

  constructor(
    private readonly camera: Camera,
    /** What floats on the canvas, CSS px from its corner. */
    private readonly floats: () => readonly Box[],
  ) {}

  /** Begins a graph, flat. */
  open(scene: Scene | null): void {
    this.flat = scene;
    this.folded = null;
    this.vain = null;
    this.isFolded = false;
  }

  /** Finds the fold beforehand: in a large graph that takes as long as some frames. */
  prepare(): void {
    this.makeFold();
  }

  /** The drawing on the canvas. */
  get scene(): Scene | null {
    return this.isFolded && this.folded !== null ? this.folded.scene : this.flat;
  }

  /** Sets the zoom about a screen point, and folds or unfolds where that zoom asks for it. */
  zoomTo(zoom: number, at: Point): void {
    const { camera } = this;
    camera.zoomTo(zoom, at);
    if (this.isFolded && this.folded !== null) {
      if (camera.zoom >= FULL_FROM) this.unfold(camera.toWorld(at), at);
    } else if (camera.zoom < MOST_ZOOM) {
      const folded = this.makeFold();
      if (folded !== null && camera.zoom < folded.below) this.turn(true, camera.toWorld(at), at);
    }
  }

  /** Folds if that shows more, the middle of the screen staying; tells the view of the whole. */
  whole(): View {
    // What floats comes later than a fold that was made beforehand, and grows with what it tells.
    if (this.folded !== null && this.folded.taken !== takenOf(this.room())) this.folded = { ...this.folded, width: 0 };
    const folded = this.makeFold();
    if (this.isFolded !== (folded !== null)) {
      const at = this.middle();
      this.turn(folded !== null, this.camera.toWorld(at), at);
    }
    return fittedView(this.camera, this.scene!, this.floats(), Math.min(folded?.fold.zoom ?? 1, 1));
  }

  /** Unfolds; the world point `kept` of the folded drawing stays where it is on the screen. */
  unfold(kept: Point, at: Point = this.toScreen(kept)): void {
    if (!this.isFolded) return;
    this.turn(false, kept, at);
    this.catchSight(kept, at);
  }

  /** Beside a band there is nothing in the flat drawing: then its nearest node comes to the point. */
  private catchSight(kept: Point, at: Point): void {
    const { camera, flat, folded } = this;
    if (flat === null || folded === null || nodesIn(flat, camera.visible()).length > 0) return;
    const down = flat.direction === 'down';
    const { x, y } = outOfFold(folded.fold, down, kept);
    const node = flat.nodes.nearest(x, y);
    const box = nodeBox(flat, node);
    camera.panBy(
      at.x - (box.x + box.width / 2 - camera.x) * camera.zoom,
      at.y - (box.y + box.height / 2 - camera.y) * camera.zoom,
    );
  }

  private middle(): Point {
    return { x: this.camera.width / 2, y: this.camera.height / 2 };
  }

  private toScreen({ x, y }: Point): Point {
    const { camera } = this;
    return { x: (x - camera.x) * camera.zoom, y: (y - camera.y) * camera.zoom };
  }

  private turn(fold: boolean, world: Point, at: Point): void {
    const { camera, folded, flat } = this;
    if (folded === null || flat === null) return;
    const down = flat.direction === 'down';
    const there = fold ? intoFold(folded.fold, down, world) : outOfFold(folded.fold, down, world);
    this.isFolded = fold;
    camera.go({ x: there.x - at.x / camera.zoom, y: there.y - at.y / camera.zoom, zoom: camera.zoom }, false, 0);
  }

  /** The canvas within the margins of a fitted view, and what floats on it. */
  private room(): Room {
    const { width, height } = this.camera;
    return {
      width: Math.max(width - 2 * MARGIN, 1),
      height: Math.max(height - 2 * MARGIN, 1),
      taken: this.floats().map((float) => ({
        x: float.x - MARGIN - BESIDE,
        y: float.y - MARGIN - BESIDE,
        width: float.width + 2 * BESIDE,
        height: float.height + 2 * BESIDE,
      })),
    };
  }

  /** The fold for the canvas as it is; null where none is worth it. */
  private makeFold(): Folded | null {
    const { camera, flat, vain } = this;
    const { width, height } = camera;
    if (flat === null || flat.count === 0 || width === 0 || height === 0) return null;
    const made = this.folded;
    if (made?.width === width && made.height === height) return made;
    if (vain?.width === width && vain.height === height) return null;
    const room = this.room();
    const zoom = Math.min(width / flat.width, height / flat.height);
    // Where what floats leaves too little, it lies over the drawing.
    const fold = zoom < ENOUGH ? (planFold(flat, room) ?? planFold(flat, { ...room, taken: [] })) : null;
    const own = Math.min(fold?.zoom ?? 0, 1);
    if (fold === null || own < WORTH * zoom) {
      this.vain = { width, height };
      this.folded = null;
      this.isFolded = false;
      return null;
    }
    const below = Math.min(Math.max(own * ABOVE_FIT, SMALL_FROM), MOST_ZOOM);
    const same = made !== null && sameBands(made.fold, fold);
    const taken = takenOf(room);
    this.folded = { fold, scene: same ? made.scene : foldScene(flat, fold), width, height, taken, below };
    return this.folded;
  }
}

function takenOf(room: Room): string {
  return JSON.stringify(room.taken);
}

function sameBands(a: Fold, b: Fold): boolean {
  const same = (one: Float64Array, other: Float64Array): boolean => one.every((value, at) => value === other[at]);
  return a.bands === b.bands && same(a.cuts, b.cuts) && same(a.across, b.across) && same(a.along, b.along);
}
