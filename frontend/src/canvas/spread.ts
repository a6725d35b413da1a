// Far away layers are drawn larger than they are, as far as no other layer is in the way.
import type { GraphDocument } from '../graph/document';
import { OPERATOR } from '../graph/document';
import { bandOver } from '../graph/fold';
import { nodeBox, nodesIn, type Scene } from '../graph/scene';
import { grow } from '../lib/geometry';

/** A layer is at least this high on the screen, px, where there is room. */
const LEAST = 5;
/** No layer grows further than this to each side, px of the world. */
const FURTHEST = 64;
/** What stays free between two layers, px of the world. */
const APART = 6;

/** Far away an operator without weights is no wider, px of the world, whatever it says near by. */
export const TICK = 96;

const known = new WeakMap<Scene, Float32Array>();

/**
 * How far a layer grows to each side at a zoom, px of the world, so that its colour is seen and no
 * two layers meet. Operators without weights do not grow, and are no obstacle.
 */
export function growthOf(scene: Scene, document: GraphDocument, node: number, zoom: number): number {
  if (document.layer[node] !== 1) return 0;
  const wish = wishOf(scene.nodeHeight[node], zoom);
  return wish > 0 ? Math.min(wish, spareAt(scene, document, node)) : 0;
}

/** How far something so high would grow to each side at a zoom, px of the world; below 0 where it is high enough. */
export function wishOf(height: number, zoom: number): number {
  return (LEAST / zoom - height) / 2;
}

/** How far a layer may grow to each side, px of the world. */
export function spareAt(scene: Scene, document: GraphDocument, node: number): number {
  let spare = known.get(scene);
  if (spare === undefined) {
    spare = new Float32Array(scene.count).fill(NaN);
    known.set(scene, spare);
  }
  if (Number.isNaN(spare[node])) {
    // Bands are moved as they are: in each, all is as far apart as in the flat drawing.
    spare[node] =
      scene.wrapped === undefined
        ? spareOf(scene, document, node)
        : Math.max(Math.min(spareAt(scene.wrapped.flat, document, node), inBand(scene, node)), 0);
  }
  return spare[node];
}

/** How far a node may grow and stay clear of the middle between its band and the next ones. */
function inBand({ wrapped, direction, x, y, nodeWidth, nodeHeight }: Scene, node: number): number {
  if (wrapped === undefined) return Infinity;
  const { lane, bands } = wrapped.fold;
  const [from, size] = direction === 'down' ? [x[node], nodeWidth[node]] : [y[node], nodeHeight[node]];
  const band = bandOver(wrapped.fold, from + size / 2);
  const after = band + 1 < bands ? lane[band + 1] - from - size : Infinity;
  return Math.min(from - lane[band], after) - APART / 2;
}

/** Half of the way to the nearest other layer: two that grow by that much stay apart. */
function spareOf(scene: Scene, document: GraphDocument, node: number): number {
  const { x, y, nodeWidth, nodeHeight } = scene;
  const [left, top] = [x[node], y[node]];
  const [right, bottom] = [left + nodeWidth[node], top + nodeHeight[node]];
  let least = FURTHEST;
  for (const other of nodesIn(scene, grow(nodeBox(scene, node), 2 * FURTHEST))) {
    if (other === node || document.layer[other] !== 1 || document.kind[other] !== OPERATOR) continue;
    const across = Math.max(x[other] - right, left - x[other] - nodeWidth[other]);
    const along = Math.max(y[other] - bottom, top - y[other] - nodeHeight[other]);
    least = Math.min(least, (Math.max(across, along) - APART) / 2);
  }
  return Math.max(least, 0);
}
