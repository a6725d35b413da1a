// Which segments run straight: vertices joined by them form blocks that share one x.
import type { Order } from './order';
import type { Proper } from './proper';

export interface Blocks {
  readonly count: number;
  /** Block of each vertex. */
  readonly of: Uint32Array;
}

/** Weight of the heaviest way through the graph that each vertex lies on. */
function mainPath(graph: Proper, order: Order, weights: Float32Array): Float64Array {
  const { above, below, upper, lower, nodes } = graph;
  const before = new Float64Array(graph.vertices);
  const after = new Float64Array(graph.vertices);
  const own = (vertex: number): number => (vertex < nodes ? weights[vertex] : 0);
  for (let rank = 0; rank < graph.ranks; rank++) {
    const row = order.rows[rank];
    for (let at = 0; at < row.length; at++) {
      const vertex = row[at];
      let longest = 0;
      for (let k = above.start[vertex]; k < above.start[vertex + 1]; k++) {
        const other = upper[above.list[k]];
        longest = Math.max(longest, before[other] + own(other));
      }
      before[vertex] = longest;
    }
  }
  for (let rank = graph.ranks - 1; rank >= 0; rank--) {
    const row = order.rows[rank];
    for (let at = 0; at < row.length; at++) {
      const vertex = row[at];
      let longest = 0;
      for (let k = below.start[vertex]; k < below.start[vertex + 1]; k++) {
        const other = lower[below.list[k]];
        longest = Math.max(longest, after[other] + own(other));
      }
      after[vertex] = longest;
    }
  }
  return before.map((value, vertex) => value + own(vertex) + after[vertex]);
}

/** The segments of one heaviest way from top to bottom: of equal ones, always the leftmost. */
function oneHeaviest(graph: Proper, { rows, place }: Order, main: Float64Array): Uint8Array {
  const { below, lower } = graph;
  const on = new Uint8Array(graph.upper.length);
  let at = -1;
  for (const row of rows) {
    for (let k = 0; k < row.length; k++) if (at < 0 || main[row[k]] > main[at]) at = row[k];
  }
  for (;;) {
    let next = -1;
    for (let k = below.start[at]; k < below.start[at + 1]; k++) {
      const segment = below.list[k];
      if (next >= 0) {
        const gain = main[lower[segment]] - main[lower[next]];
        if (gain < 0 || (gain === 0 && place[lower[segment]] > place[lower[next]])) continue;
      }
      next = segment;
    }
    if (next < 0) return on;
    on[next] = 1;
    at = lower[next];
  }
}

/**
 * Chooses greedily, per gap between two ranks, segments that do not cross: first the heaviest way
 * through the whole graph, then those inside a long edge and those between a node and its only
 * neighbour, then by the weight of the way that they lie on. `weights`: of each node.
 */
export function alignBlocks(graph: Proper, order: Order, weights: Float32Array): Blocks {
  const { nodes, above, below, upper, lower } = graph;
  const { rows, place } = order;
  const main = mainPath(graph, order, weights);
  const heaviest = oneHeaviest(graph, order, main);
  const next = new Int32Array(graph.vertices).fill(-1);
  const taken = new Uint8Array(graph.vertices);
  const degree = (start: Uint32Array, vertex: number): number => start[vertex + 1] - start[vertex];

  const rungOf = (segment: number): number => {
    const a = upper[segment];
    const b = lower[segment];
    if (heaviest[segment] === 1) return 4;
    if (a >= nodes && b >= nodes) return 3;
    if (a >= nodes || b >= nodes) return 0;
    return degree(below.start, a) === 1 && degree(above.start, b) === 1 ? 2 : 1;
  };
  const rung = new Uint8Array(upper.length);
  const weight = new Float64Array(upper.length);
  for (let segment = 0; segment < upper.length; segment++) {
    rung[segment] = rungOf(segment);
    weight[segment] = Math.min(main[upper[segment]], main[lower[segment]]);
  }

  for (const row of rows) {
    const segments: number[] = [];
    for (let at = 0; at < row.length; at++) {
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) segments.push(below.list[k]);
    }
    segments.sort((a, b) => {
      const byRung = rung[b] - rung[a];
      if (byRung !== 0) return byRung;
      const byWeight = weight[b] - weight[a];
      if (byWeight !== 0) return byWeight;
      const slant = (s: number): number => Math.abs(place[upper[s]] - place[lower[s]]);
      return slant(a) - slant(b) || place[upper[a]] - place[upper[b]] || a - b;
    });
    const chosen: number[] = []; // upper vertices, left to right
    for (let at = 0; at < segments.length; at++) {
      const a = upper[segments[at]];
      const b = lower[segments[at]];
      if (next[a] >= 0 || taken[b] === 1) continue;
      let low = 0;
      for (let high = chosen.length; low < high; ) {
        const middle = (low + high) >> 1;
        if (place[chosen[middle]] < place[a]) low = middle + 1;
        else high = middle;
      }
      if (low > 0 && place[next[chosen[low - 1]]] > place[b]) continue;
      if (low < chosen.length && place[next[chosen[low]]] < place[b]) continue;
      chosen.splice(low, 0, a);
      next[a] = b;
      taken[b] = 1;
    }
  }

  const of = new Uint32Array(graph.vertices);
  let count = 0;
  for (const row of rows) {
    for (let k = 0; k < row.length; k++) {
      if (taken[row[k]] === 1) continue;
      for (let at = row[k]; at >= 0; at = next[at]) of[at] = count;
      count++;
    }
  }
  return { count, of };
}
