// Far away layers are drawn larger than they are, as far as no other layer is in the way.
import type { GraphDocument } from '../graph/document';
import { OPERATOR } from '../graph/document';
import type { Scene } from '../graph/scene';

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
  const wish = (LEAST / zoom - scene.nodeHeight[node]) / 2;
  if (wish <= 0 || document.layer[node] !== 1) return 0;
  let spare = known.get(scene);
  if (spare === undefined) {
    spare = new Float32Array(scene.count).fill(NaN);
    known.set(scene, spare);
  }
  if (Number.isNaN(spare[node])) spare[node] = spareOf(scene, document, node);
  return Math.min(wish, spare[node]);
}

/** Half of the way to the nearest other layer: two that grow by that much stay apart. */
function spareOf({ x, y, nodeWidth, nodeHeight, nodeTree }: Scene, document: GraphDocument, node: number): number {
  const [left, top] = [x[node], y[node]];
  const [right, bottom] = [left + nodeWidth[node], top + nodeHeight[node]];
  const far = 2 * FURTHEST;
  let least = FURTHEST;
  nodeTree?.search(left - far, top - far, right + far, bottom + far, (other) => {
    if (other === node || document.layer[other] !== 1 || document.kind[other] !== OPERATOR) return false;
    const across = Math.max(x[other] - right, left - x[other] - nodeWidth[other]);
    const along = Math.max(y[other] - bottom, top - y[other] - nodeHeight[other]);
    least = Math.min(least, (Math.max(across, along) - APART) / 2);
    return false;
  });
  return Math.max(least, 0);
}
