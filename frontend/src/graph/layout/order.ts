// The order within each rank: depth first, then barycentre sweeps and sifting, best one kept.
import type { Proper } from './proper';
import { MISORDER, siftRows } from './sift';

/** Vertices of every rank, left to right, and each vertex' place in its rank. */
export interface Order {
  readonly rows: readonly Uint32Array[];
  readonly place: Uint32Array;
}

const SWEEPS = 4;
/** Sweeps and sifting are tried again from where they ended: often in small graphs, once in large. */
const TRIES = 2;
const EFFORT = 60_000; // vertices
/** A start that ends up with so many times the crossings of another is not tried again. */
const HOPELESS = 1.2;

export function orderRanks(graph: Proper): Order {
  const place = new Uint32Array(graph.vertices);
  const centre = new Float64Array(graph.vertices);
  const before = new Uint32Array(graph.vertices);
  const sifted = new Uint32Array(graph.vertices);
  let rows: Uint32Array[] = [];
  let kept: Uint32Array[] = [];
  let best = Infinity;
  const keepBest = (): number => {
    const now = crossings(graph, rows, place) + MISORDER * misordered(turns, graph.upper, place);
    if (now < best) {
      best = now;
      kept = rows.map((row) => row.slice());
    }
    return now;
  };
  const turns = portOrder(graph);
  const tries = Math.min(TRIES, Math.max(1, Math.floor(EFFORT / graph.vertices)));
  for (const start of tries > 1 ? [startUp, startDown] : [startUp]) {
    rows = start(graph);
    number(rows, place);
    keepBest();
    for (let attempt = 0; attempt < tries && best > 0; attempt++) {
      for (let sweep = 0; sweep < SWEEPS; sweep++) {
        before.set(place);
        sweepOnce(graph, rows, place, attempt % 2 === 0, centre);
        sweepOnce(graph, rows, place, attempt % 2 !== 0, centre);
        // More sweeps would only do the same again: many graphs are there after the first.
        if (same(place, before)) break;
        keepBest();
      }
      // Sifted to the end before, this would move nothing: CNNs come here as they left.
      if (!same(place, sifted)) {
        const ended = siftRows(graph, rows, place);
        if (ended) sifted.set(place);
      }
      if (keepBest() > HOPELESS * best) break;
    }
  }
  number(kept, place);
  return { rows: kept, place };
}

function number(rows: readonly Uint32Array[], place: Uint32Array): void {
  for (const row of rows) for (let at = 0; at < row.length; at++) place[row[at]] = at;
}

function same(a: Uint32Array, b: Uint32Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Number of neighbouring inputs of a node that stand in the wrong order. */
export function misorders(graph: Proper, place: Uint32Array): number {
  return misordered(portOrder(graph), graph.upper, place);
}

/** Pairs of neighbouring inputs, the one of the lower port first. */
function portOrder({ nodes, above, port }: Proper): Uint32Array {
  const pairs: number[] = [];
  for (let node = 0; node < nodes; node++) {
    if (above.start[node + 1] - above.start[node] < 2) continue;
    const into = above.list.slice(above.start[node], above.start[node + 1]);
    into.sort((a, b) => port[a] - port[b]);
    for (let k = 1; k < into.length; k++) pairs.push(into[k - 1], into[k]);
  }
  return Uint32Array.from(pairs);
}

function misordered(pairs: Uint32Array, upper: Uint32Array, place: Uint32Array): number {
  let total = 0;
  for (let at = 0; at < pairs.length; at += 2) {
    if (place[upper[pairs[at + 1]]] < place[upper[pairs[at]]]) total++;
  }
  return total;
}

/** Depth first from the inputs: a consumer stands under its first producer. */
function startDown(graph: Proper): Uint32Array[] {
  const { above, below, lower, nodes } = graph;
  const roots: number[] = [];
  for (let node = 0; node < nodes; node++) {
    if (above.start[node] === above.start[node + 1]) roots.push(node);
  }
  return depthFirst(graph, roots, (vertex, push) => {
    for (let k = below.start[vertex + 1]; k > below.start[vertex]; k--) push(lower[below.list[k - 1]]);
  });
}

/** Depth first from the outputs: producers stand over their consumer in the order of its inputs. */
function startUp(graph: Proper): Uint32Array[] {
  const { above, below, upper, port, nodes } = graph;
  const roots: number[] = [];
  for (let node = 0; node < nodes; node++) {
    if (below.start[node] === below.start[node + 1]) roots.push(node);
  }
  return depthFirst(graph, roots, (vertex, push) => {
    const first = above.start[vertex];
    if (above.start[vertex + 1] - first < 2) {
      if (above.start[vertex + 1] > first) push(upper[above.list[first]]);
      return;
    }
    const into = above.list.slice(first, above.start[vertex + 1]).sort((a, b) => port[a] - port[b]);
    for (let k = into.length - 1; k >= 0; k--) push(upper[into[k]]);
  });
}

function depthFirst(
  graph: Proper,
  roots: readonly number[],
  next: (vertex: number, push: (other: number) => void) => void,
): Uint32Array[] {
  const lists: number[][] = Array.from({ length: graph.ranks }, () => []);
  const seen = new Uint8Array(graph.vertices);
  const stack: number[] = [];
  const push = (vertex: number): void => {
    if (seen[vertex] === 0) stack.push(vertex);
  };
  const visit = (root: number): void => {
    push(root);
    while (stack.length > 0) {
      const vertex = stack.pop() as number;
      if (seen[vertex] === 1) continue;
      seen[vertex] = 1;
      lists[graph.rank[vertex]].push(vertex);
      next(vertex, push);
    }
  };
  for (const root of roots) visit(root);
  for (let vertex = 0; vertex < graph.vertices; vertex++) visit(vertex);
  return lists.map((list) => Uint32Array.from(list));
}

function sweepOnce(
  graph: Proper,
  rows: Uint32Array[],
  place: Uint32Array,
  down: boolean,
  centre: Float64Array,
): void {
  const links = down ? graph.above : graph.below;
  const ends = down ? graph.upper : graph.lower;
  for (let step = 1; step < rows.length; step++) {
    const row = rows[down ? step : rows.length - 1 - step];
    if (row.length < 2) continue;
    for (let at = 0; at < row.length; at++) {
      const vertex = row[at];
      const first = links.start[vertex];
      const end = links.start[vertex + 1];
      let sum = 0;
      let load = 0;
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
  let sorted = true;
  let last = -1;
  for (let at = 0; at < row.length; at++) {
    const own = centre[row[at]];
    if (own < 0) continue;
    if (own < last) sorted = false;
    last = own;
    free.push(row[at]);
  }
  if (sorted) return;
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
  // One tree for all ranks: what is made anew each time is most of the cost.
  const tree = new Float64Array(rows.reduce((most, row) => Math.max(most, row.length), 0) + 1);
  for (let rank = 0; rank + 1 < rows.length; rank++) {
    const size = rows[rank + 1].length;
    if (size < 2 || rows[rank].length < 2) continue;
    tree.fill(0, 0, size + 1);
    let passed = 0;
    const row = rows[rank];
    for (let at = 0; at < row.length; at++) {
      const first = below.start[row[at]];
      const end = below.start[row[at] + 1];
      for (let k = first; k < end; k++) {
        const segment = below.list[k];
        let smaller = 0;
        for (let i = place[lower[segment]] + 1; i > 0; i -= i & -i) smaller += tree[i];
        total += load[segment] * (passed - smaller);
      }
      for (let k = first; k < end; k++) {
        const segment = below.list[k];
        const weight = load[segment];
        for (let i = place[lower[segment]] + 1; i <= size; i += i & -i) tree[i] += weight;
        passed += weight;
      }
    }
  }
  return total;
}
