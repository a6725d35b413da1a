// Vertices that hang together one below the other: what is moved as one to save crossings.
import { Fan, Net } from './net';

/** Long edges, and chains of nodes with one way in and one way out: from top to bottom each. */
export function chains(net: Net, rows: Int32Array[]): Fan {
  const nodes = net.nodes;
  const above = net.above;
  const below = net.below;
  const lower = net.lower;
  const after = new Int32Array(net.vertices).fill(-1);
  for (let vertex = 0; vertex < net.vertices; vertex++) {
    const first = below.start[vertex];
    const end = below.start[vertex + 1];
    let to = end - first === 1 ? lower[below.list[first]] : -1;
    if (vertex >= nodes) {
      // A trunk goes on through its next bend, whatever leaves it there.
      for (let k = first; k < end; k++) if (lower[below.list[k]] >= nodes) to = lower[below.list[k]];
    }
    if (to >= 0 && above.start[to + 1] - above.start[to] === 1) after[vertex] = to;
  }
  return collect(rows, after);
}

/** Every vertex on one line, which goes on to the leftmost or rightmost vertex that is still free. */
export function covers(
  net: Net,
  rows: Int32Array[],
  place: Int32Array,
  rightmost: bool,
): Fan {
  const below = net.below;
  const lower = net.lower;
  const after = new Int32Array(net.vertices).fill(-1);
  const taken = new Uint8Array(net.vertices);
  for (let rank = 0; rank < rows.length; rank++) {
    const row = rows[rank];
    for (let at = 0; at < row.length; at++) {
      let best: i32 = -1;
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const to = lower[below.list[k]];
        if (taken[to] === 0 && (best < 0 || place[to] > place[best] === rightmost)) best = to;
      }
      after[row[at]] = best;
      if (best >= 0) taken[best] = 1;
    }
  }
  return collect(rows, after);
}

/** The lines that begin where nothing goes on to a vertex, by their first ranks. */
function collect(rows: Int32Array[], after: Int32Array): Fan {
  const headless = new Uint8Array(after.length);
  let lines = after.length;
  for (let vertex = 0; vertex < after.length; vertex++) {
    if (after[vertex] < 0) continue;
    headless[after[vertex]] = 1;
    lines--;
  }
  const start = new Int32Array(lines + 1);
  const list = new Int32Array(after.length);
  let line: i32 = 0;
  let end: i32 = 0;
  for (let rank = 0; rank < rows.length; rank++) {
    const row = rows[rank];
    for (let at = 0; at < row.length; at++) {
      if (headless[row[at]] === 1) continue;
      for (let vertex = row[at]; vertex >= 0; vertex = after[vertex]) list[end++] = vertex;
      start[++line] = end;
    }
  }
  return new Fan(start, list);
}
