// How many crossings an order has.
import { Net } from './net';

/**
 * Number of crossings between all neighbouring ranks, each edge of a trunk counted, O(E log V):
 * segments sorted by their upper end, then inversions of the lower ends counted with a binary
 * indexed tree (Barth, Mutzel, Jünger, "Simple and efficient bilayer cross counting", 2004).
 */
export function crossings(net: Net, rows: Int32Array[], place: Int32Array): f64 {
  const start = net.below.start;
  const list = net.below.list;
  const lower = net.lower;
  const load = net.load;
  let total: f64 = 0;
  // One tree for all ranks: what is made anew each time is most of the cost.
  const tree = new Float64Array(net.vertices + 1);
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const row = rows[rank];
    const size = rows[rank + 1].length;
    if (size < 2 || row.length < 2) continue;
    for (let at = 0; at <= size; at++) tree[at] = 0;
    let passed: f64 = 0;
    for (let at = 0; at < row.length; at++) {
      const first = start[row[at]];
      const end = start[row[at] + 1];
      for (let k = first; k < end; k++) {
        const segment = list[k];
        let smaller: f64 = 0;
        for (let i = place[lower[segment]] + 1; i > 0; i -= i & -i) smaller += tree[i];
        total += load[segment] * (passed - smaller);
      }
      for (let k = first; k < end; k++) {
        const segment = list[k];
        const weight = load[segment];
        for (let i = place[lower[segment]] + 1; i <= size; i += i & -i) tree[i] += weight;
        passed += weight;
      }
    }
  }
  return total;
}
