// What lies under a point or a box of the screen: nodes, and the stubs between them.
import { nodeAt, nodeBox, nodesIn, stubsIn, type Scene } from '../graph/scene';
import { boxBetween, contains, grow, type Box, type Point } from '../lib/geometry';
import type { GraphDocument } from '../graph/document';
import type { Camera } from './camera';
import { levelOf } from './frame';
import { growthOf } from './spread';

/** A node can be hit this far outside its box, screen px, where it is drawn small. */
const REACH = 3;
const FIRST_STUB = -2;

/** The node at a point of the screen, or -1; a stub as a number that `stubOf` reads. */
export function hitAt(scene: Scene, document: GraphDocument, camera: Camera, at: Point): number {
  const level = levelOf(camera.zoom);
  const world = camera.toWorld(at);
  if (level === 'far') {
    const layer = grownAt(scene, document, camera.zoom, world);
    if (layer >= 0) return layer;
  }
  const node = nodeAt(scene, world, level === 'full' ? 0 : REACH / camera.zoom);
  if (node >= 0 || level === 'far') return node;
  const { x, y, width, height } = scene.stubs;
  const stub = stubsIn(scene, boxBetween(world, world)).find((one) =>
    contains({ x: x[one], y: y[one], width: width[one], height: height[one] }, world),
  );
  return stub === undefined ? -1 : FIRST_STUB - stub;
}

/** The layer under a point, as large as it is drawn far away, or -1. */
function grownAt(scene: Scene, document: GraphDocument, zoom: number, at: Point): number {
  const reach = REACH / zoom;
  const near = nodesIn(scene, grow(boxBetween(at, at), reach));
  return near.find((node) => document.layer[node] === 1 && contains(grow(nodeBox(scene, node), growthOf(scene, document, node, zoom)), at)) ?? -1;
}

/** The stub that `hitAt` has found, or -1. */
export function stubOf(found: number): number {
  return found <= FIRST_STUB ? FIRST_STUB - found : -1;
}

/** The nodes that a box of the screen touches. */
export function nodesUnder(scene: Scene, camera: Camera, box: Box): number[] {
  const { zoom } = camera;
  return nodesIn(scene, { ...camera.toWorld(box), width: box.width / zoom, height: box.height / zoom });
}
