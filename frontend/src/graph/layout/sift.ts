// Fewer crossings within each rank: every vertex in turn moves to where it crosses least.
import type { Proper } from './proper';

/** A vertex moves at most this many places per round: keeps the cost linear in wide ranks. */
const WINDOW = 24;
const ROUNDS = 8;
/** A vertex with more segments on one side has them sorted beforehand. */
const MANY = 32;
/** What it costs to have two inputs of a node in the wrong order, in crossings. */
export const MISORDER = 0.3;

/** The ends of each vertex' segments in the next rank above or below, from left to right. */
interface Ends {
  readonly start: Uint32Array;
  readonly place: Uint32Array;
  readonly load: Float64Array;
  readonly port: Uint16Array;
}

/**
 * Sifting (Matuszewski, Schönfeld, Molitor, 1999), both neighbouring ranks seen at once. True where
 * it came to its end: once more would move nothing.
 */
export function siftRows(graph: Proper, rows: readonly Uint32Array[], place: Uint32Array): boolean {
  /** 1 where the rank or one beside it has changed since it was sifted. */
  const due = new Uint8Array(rows.length).fill(1);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let step = 0; step < rows.length; step++) {
      const rank = round % 2 === 0 ? step : rows.length - 1 - step;
      if (due[rank] === 0) continue;
      due[rank] = 0;
      if (rows[rank].length < 2 || !siftRow(graph, rows[rank], place)) continue;
      moved = true;
      for (let near = Math.max(0, rank - 1); near <= rank + 1 && near < rows.length; near++) {
        due[near] = 1;
      }
    }
    if (!moved) return true;
  }
  return false;
}

function siftRow(graph: Proper, row: Uint32Array, place: Uint32Array): boolean {
  const above = endsOf(graph, row, place, true);
  const below = endsOf(graph, row, place, false);
  const order: number[] = [];
  for (let at = 0; at < row.length; at++) order.push(at);
  const more = (left: number, right: number): number =>
    turned(above, left, right) + turned(below, left, right);
  let moved = false;
  for (let item = 0; item < row.length; item++) {
    const from = order.indexOf(item);
    let best = from;
    let least = 0;
    let sum = 0;
    for (let to = from - 1; to >= Math.max(0, from - WINDOW); to--) {
      sum += more(order[to], item);
      if (sum < least) {
        best = to;
        least = sum;
      }
    }
    sum = 0;
    for (let to = from + 1; to <= Math.min(order.length - 1, from + WINDOW); to++) {
      sum += more(item, order[to]);
      if (sum < least) {
        best = to;
        least = sum;
      }
    }
    if (best === from) continue;
    order.splice(from, 1);
    order.splice(best, 0, item);
    moved = true;
  }
  if (!moved) return false;
  const old = row.slice();
  order.forEach((item, at) => {
    row[at] = old[item];
    place[old[item]] = at;
  });
  return true;
}

function endsOf(graph: Proper, row: Uint32Array, place: Uint32Array, up: boolean): Ends {
  const links = up ? graph.above : graph.below;
  const far = up ? graph.upper : graph.lower;
  let total = 0;
  for (const vertex of row) total += links.start[vertex + 1] - links.start[vertex];
  const start = new Uint32Array(row.length + 1);
  const sorted = new Uint32Array(total);
  const load = new Float64Array(total);
  const port = new Uint16Array(total);
  let end = 0;
  for (let at = 0; at < row.length; at++) {
    let segments = links.list;
    let k = links.start[row[at]];
    let last = links.start[row[at] + 1];
    if (last - k > MANY) {
      segments = segments.slice(k, last).sort((a, b) => place[far[a]] - place[far[b]]);
      [k, last] = [0, last - k];
    }
    for (; k < last; k++) {
      const segment = segments[k];
      const own = place[far[segment]];
      // Sorted while it is filled in, stable: nearly all vertices have one or two segments.
      let to = end++;
      for (; to > start[at] && sorted[to - 1] > own; to--) {
        sorted[to] = sorted[to - 1];
        load[to] = load[to - 1];
        port[to] = port[to - 1];
      }
      sorted[to] = own;
      load[to] = graph.load[segment];
      port[to] = up ? 0 : graph.port[segment];
    }
    start[at + 1] = end;
  }
  return { start, place: sorted, load, port };
}

/**
 * How many crossings more there are when `left` and `right` change places. The innermost of all:
 * here and around it no arrays are taken apart, which costs much until the code is compiled.
 */
function turned({ start, place, load, port }: Ends, left: number, right: number): number {
  let a = start[left];
  let b = start[right];
  const endA = start[left + 1];
  const endB = start[right + 1];
  if (a === endA || b === endB) return 0;
  if (endA - a === 1 && endB - b === 1) {
    if (place[a] === place[b]) return MISORDER * Math.sign(port[b] - port[a]);
    return Math.sign(place[b] - place[a]) * load[a] * load[b];
  }
  let sum = 0;
  let passedA = 0;
  let passedB = 0;
  while (a < endA && b < endB) {
    if (place[a] < place[b]) {
      passedA += load[a];
      sum -= load[a] * passedB;
      a++;
    } else if (place[b] < place[a]) {
      passedB += load[b];
      sum += load[b] * passedA;
      b++;
    } else {
      const at = place[a];
      sum += MISORDER * Math.sign(port[b] - port[a]);
      let newA = 0;
      let newB = 0;
      for (; a < endA && place[a] === at; a++) newA += load[a];
      for (; b < endB && place[b] === at; b++) newB += load[b];
      sum += newB * passedA - newA * passedB;
      passedA += newA;
      passedB += newB;
    }
  }
  for (; a < endA; a++) sum -= load[a] * passedB;
  for (; b < endB; b++) sum += load[b] * passedA;
  return sum;
}
