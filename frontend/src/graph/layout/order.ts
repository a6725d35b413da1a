// The order within each rank: depth first from the inputs, then barycentre sweeps, best one kept.
import type { Proper } from './proper';
import { siftRows } from './sift';

/** Vertices of every rank, left to right, and each vertex' place in its rank. */
export interface Order {
  readonly rows: readonly Uint32Array[];
  readonly place: Uint32Array;
}

const SWEEPS = 4;
/** Sweeps and sifting are tried again from where they ended: often in small graphs, once in large. */
const TRIES = 6;
const EFFORT = 60_000; // vertices

export function orderRanks(graph: Proper): Order {
  const rows = startOrder(graph);
  const place = new Uint32Array(graph.vertices);
  const number = (): void => {
    for (const row of rows) for (let at = 0; at < row.length; at++) place[row[at]] = at;
  };
  number();
  let best = Infinity;
  let kept: Uint32Array[] = [];
  const keepBest = (): void => {
    const now = crossings(graph, rows, place);
    if (now >= best) return;
    best = now;
    kept = rows.map((row) => row.slice());
  };
  keepBest();
  const tries = Math.min(TRIES, Math.max(1, Math.floor(EFFORT / graph.vertices)));
  for (let attempt = 0; attempt < tries && best > 0; attempt++) {
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      sweepOnce(graph, rows, place, attempt % 2 === 0);
      sweepOnce(graph, rows, place, attempt % 2 !== 0);
      keepBest();
    }
    siftRows(graph, rows, place);
    keepBest();
  }
  kept.forEach((row, rank) => rows[rank].set(row));
  number();
  return { rows, place };
}

/** Depth first, inputs in their own order: a consumer stands under its first producer. */
function startOrder(graph: Proper): Uint32Array[] {
  const { below, above, lower } = graph;
  const lists: number[][] = Array.from({ length: graph.ranks }, () => []);
  const seen = new Uint8Array(graph.vertices);
  const stack: number[] = [];
  const visit = (root: number): void => {
    if (seen[root] === 1) return;
    stack.push(root);
    while (stack.length > 0) {
      const vertex = stack.pop() as number;
      if (seen[vertex] === 1) continue;
      seen[vertex] = 1;
      lists[graph.rank[vertex]].push(vertex);
      for (let k = below.start[vertex + 1]; k > below.start[vertex]; k--) {
        const next = lower[below.list[k - 1]];
        if (seen[next] === 0) stack.push(next);
      }
    }
  };
  for (let vertex = 0; vertex < graph.nodes; vertex++) {
    if (above.start[vertex] === above.start[vertex + 1]) visit(vertex);
  }
  for (let vertex = 0; vertex < graph.nodes; vertex++) visit(vertex);
  return lists.map((list) => Uint32Array.from(list));
}

function sweepOnce(
  graph: Proper,
  rows: Uint32Array[],
  place: Uint32Array,
  down: boolean,
): void {
  const links = down ? graph.above : graph.below;
  const ends = down ? graph.upper : graph.lower;
  const centre = new Float64Array(graph.vertices);
  for (let step = 1; step < rows.length; step++) {
    const row = rows[down ? step : rows.length - 1 - step];
    if (row.length < 2) continue;
    for (let at = 0; at < row.length; at++) {
      const vertex = row[at];
      const first = links.start[vertex];
      const end = links.start[vertex + 1];
      let [sum, load] = [0, 0];
      for (let k = first; k < end; k++) {
        const segment = links.list[k];
        sum += graph.load[segment] * place[ends[segment]];
        load += graph.load[segment];
      }
      centre[vertex] = end > first ? sum / load : -1;
    }
    arrange(row, centre);
    for (let at = 0; at < row.length; at++) place[row[at]] = at;
  }
}

/** Sorts by `centre`, stable; vertices with a centre below 0 keep the place they have. */
function arrange(row: Uint32Array, centre: Float64Array): void {
  const free: number[] = [];
  for (const vertex of row) if (centre[vertex] >= 0) free.push(vertex);
  free.sort((a, b) => centre[a] - centre[b]);
  let next = 0;
  for (let at = 0; at < row.length; at++) {
    if (centre[row[at]] >= 0) row[at] = free[next++];
  }
}

/**
 * Number of crossings between all neighbouring ranks, each edge of a trunk counted, O(E log V):
 * segments sorted by their upper end, then inversions of the lower ends counted with a binary
 * indexed tree (Barth, Mutzel, Jünger, "Simple and efficient bilayer cross counting", 2004).
 */
export function crossings(
  graph: Proper,
  rows: readonly Uint32Array[],
  place: Uint32Array,
): number {
  const { below, lower, load } = graph;
  let total = 0;
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const size = rows[rank + 1].length;
    const tree = new Float64Array(size + 1);
    const ends: number[] = [];
    let passed = 0;
    for (const vertex of rows[rank]) {
      ends.length = 0;
      for (let k = below.start[vertex]; k < below.start[vertex + 1]; k++) {
        ends.push(below.list[k]);
      }
      for (const segment of ends) {
        let smaller = 0;
        for (let i = place[lower[segment]] + 1; i > 0; i -= i & -i) smaller += tree[i];
        total += load[segment] * (passed - smaller);
      }
      for (const segment of ends) {
        const weight = load[segment];
        for (let i = place[lower[segment]] + 1; i <= size; i += i & -i) tree[i] += weight;
        passed += weight;
      }
    }
  }
  return total;
}
