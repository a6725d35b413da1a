// What lies under a point or a box of the screen: nodes, and the stubs between them.
import { edgesIn, nodeAt, nodeBox, nodesIn, stubsIn, type Scene } from '../graph/scene';
import { boxBetween, contains, grow, type Box, type Point } from '../lib/geometry';
import type { GraphDocument } from '../graph/document';
import type { Camera } from './camera';
import { levelOf } from './frame';
import { growthOf } from './spread';

/** A node can be hit this far outside its box, screen px, where it is drawn small. */
const REACH = 3;
/** A line can be hit this far from it, screen px. */
const LINE_REACH = 4;

/** The node at a point of the screen, or -1; stubs and edges as numbers that `stubOf` and `edgeOf` read. */
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
  if (stub !== undefined) return -2 - 2 * stub;
  const edge = edgeAt(scene, world, LINE_REACH / camera.zoom);
  return edge < 0 ? -1 : -3 - 2 * edge;
}

/** The edge whose own line passes nearest to a point, at most `reach` px away, or -1. */
function edgeAt(scene: Scene, { x, y }: Point, reach: number): number {
  const { start, points } = scene;
  let best = -1;
  let least = reach;
  for (const edge of edgesIn(scene, grow({ x, y, width: 0, height: 0 }, reach))) {
    for (let at = 2 * start[edge]; at + 2 < 2 * start[edge + 1]; at += 2) {
      // Lines are level or upright: the distance is that to a flat box.
      const [ax, ay, bx, by] = points.subarray(at, at + 4);
      const dx = Math.max(Math.min(ax, bx) - x, x - Math.max(ax, bx), 0);
      const dy = Math.max(Math.min(ay, by) - y, y - Math.max(ay, by), 0);
      const far = Math.hypot(dx, dy);
      if (far < least) [best, least] = [edge, far];
    }
  }
  return best;
}

/** The layer under a point, as large as it is drawn far away, or -1. */
function grownAt(scene: Scene, document: GraphDocument, zoom: number, at: Point): number {
  const reach = REACH / zoom;
  const near = nodesIn(scene, grow(boxBetween(at, at), reach));
  return near.find((node) => document.layer[node] === 1 && contains(grow(nodeBox(scene, node), growthOf(scene, document, node, zoom)), at)) ?? -1;
}

/** The stub that `hitAt` has found, or -1. */
export function stubOf(found: number): number {
  return found <= -2 && found % 2 === 0 ? (-2 - found) / 2 : -1;
}

/** The edge that `hitAt` has found, or -1. */
export function edgeOf(found: number): number {
  return found <= -3 && found % 2 !== 0 ? (-3 - found) / 2 : -1;
}

/** The nodes that a box of the screen touches. */
export function nodesUnder(scene: Scene, camera: Camera, box: Box): number[] {
  const { zoom } = camera;
  return nodesIn(scene, { ...camera.toWorld(box), width: box.width / zoom, height: box.height / zoom });
}
