// Inputs of a node in the wrong order, and which vertices have a line that crosses another.
import { Net } from './net';

/** How many pairs (of segments into one node, that of the lower port first) stand in the wrong order. */
export function misorders(pairs: Int32Array, upper: Int32Array, place: Int32Array): i32 {
  let total: i32 = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    if (place[upper[pairs[at + 1]]] < place[upper[pairs[at]]]) total++;
  }
  return total;
}

/** 1 for the ends of segments that cross another one, and of misordered inputs. O(V + E). */
export function findTangled(
  net: Net,
  rows: Int32Array[],
  place: Int32Array,
  pairs: Int32Array,
): Uint8Array {
  const below = net.below;
  const lower = net.lower;
  const upper = net.upper;
  const tangled = new Uint8Array(net.vertices);
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const row = rows[rank];
    if (row.length < 2 || rows[rank + 1].length < 2) continue;
    let most: i32 = -1; // the rightmost lower end of all that is left of it
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
