// Inputs of a node in the wrong order, and which vertices have a line that crosses another.
import type { Proper } from './proper';
import { GAP } from './types';

/** Pairs of segments into one node, that of the lower port first. Bundles have no order. */
export function portPairs({ nodes, above, port }: Proper): Uint32Array {
  const pairs: number[] = [];
  for (let node = 0; node < nodes; node++) {
    const first = above.start[node];
    const end = above.start[node + 1];
    if (end - first < 2 || end - first > GAP.bundle) continue;
    for (let a = first; a < end; a++) {
      for (let b = a + 1; b < end; b++) {
        const one = above.list[a];
        const other = above.list[b];
        if (port[one] < port[other]) pairs.push(one, other);
        else if (port[other] < port[one]) pairs.push(other, one);
      }
    }
  }
  return Uint32Array.from(pairs);
}

/** How many of the pairs stand in the wrong order. */
export function misorders(pairs: Uint32Array, upper: Uint32Array, place: Uint32Array): number {
  let total = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    if (place[upper[pairs[at + 1]]] < place[upper[pairs[at]]]) total++;
  }
  return total;
}

/** 1 for the ends of segments that cross another one, and of misordered inputs. O(V + E). */
export function findTangled(
  graph: Proper,
  rows: readonly Uint32Array[],
  place: Uint32Array,
  pairs: Uint32Array,
): Uint8Array {
  const { below, lower, upper } = graph;
  const tangled = new Uint8Array(graph.vertices);
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const row = rows[rank];
    if (row.length < 2 || rows[rank + 1].length < 2) continue;
    let most = -1; // the rightmost lower end of all that is left of it
    for (let at = 0; at < row.length; at++) {
      let own = most;
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const to = lower[below.list[k]];
        if (place[to] < most) tangled[row[at]] = tangled[to] = 1;
        else if (place[to] > own) own = place[to];
      }
      most = own;
    }
    let least = rows[rank + 1].length;
    for (let at = row.length - 1; at >= 0; at--) {
      let own = least;
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const to = lower[below.list[k]];
        if (place[to] > least) tangled[row[at]] = tangled[to] = 1;
        else if (place[to] < own) own = place[to];
      }
      least = own;
    }
  }
  for (let at = 0; at < pairs.length; at += 2) {
    const a = upper[pairs[at]];
    const b = upper[pairs[at + 1]];
    if (place[b] < place[a]) tangled[a] = tangled[b] = 1;
  }
  return tangled;
}
