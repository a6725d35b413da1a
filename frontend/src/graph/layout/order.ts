// The order within each rank: depth first, barycentre sweeps, then whole lines on their best way.
import { chains, covers } from './lines';
import type { Links } from './links';
import type { Proper } from './proper';
import { Rerouter } from './reroute';
import { findTangled, misorders, portPairs } from './turns';

/** Vertices of every rank, left to right, and each vertex' place in its rank. */
export interface Order {
  readonly rows: readonly Uint32Array[];
  readonly place: Uint32Array;
  /** Number of crossings, each edge of a trunk counted. */
  readonly crossings: number;
}

/**
 * How often the barycentres are taken before lines are moved, and what two inputs of a node in the
 * wrong order cost, in crossings: as much as it takes to turn them right above the node.
 */
const FIRST = { sweeps: 2, misorder: 1 };
/** Where nearly nothing crosses, without crossings comes before in order. */
const SECOND = { sweeps: 0, misorder: 0.3 };
/** No more crossings than this may all be avoidable: then the second attempt is made too. */
const FEW = 10;
/** Slots that moving lines may look at: beyond, what is left stays as it is. */
const EFFORT = 10_000_000;
/** Where the first lines stay as they are, others are tried only if that was this cheap. */
const CHEAP = 100_000;

export function orderRanks(graph: Proper): Order {
  const place = new Uint32Array(graph.vertices);
  const pairs = portPairs(graph);
  let kept: Uint32Array[] = [];
  let best = Infinity;
  let crossed = 0;
  for (const { sweeps, misorder } of [FIRST, SECOND]) {
    const rows = startUp(graph);
    number(rows, place);
    const centre = new Float64Array(graph.vertices);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      sweepOnce(graph, rows, place, true, centre);
      sweepOnce(graph, rows, place, false, centre);
    }
    untangle(graph, rows, place, pairs, misorder);
    const own = crossings(graph, rows, place);
    const now = own + SECOND.misorder * misorders(pairs, graph.upper, place);
    if (now < best) [best, kept, crossed] = [now, rows, own];
    if (best === 0 || best > FEW) break;
  }
  number(kept, place);
  return { rows: kept, place, crossings: crossed };
}

/** Moves lines that cross others: first long edges and chains, then every vertex with its like. */
function untangle(
  graph: Proper,
  rows: readonly Uint32Array[],
  place: Uint32Array,
  pairs: Uint32Array,
  misorder: number,
): void {
  const rerouter = new Rerouter(graph, rows, place, misorder);
  const pass = ({ start, list }: Links): boolean => {
    const tangled = findTangled(graph, rows, place, pairs);
    let moved = false;
    for (let line = 0; line + 1 < start.length; line++) {
      if (rerouter.spent > EFFORT) return false;
      let at = start[line];
      while (at < start[line + 1] && tangled[list[at]] === 0) at++;
      if (at < start[line + 1] && rerouter.put(list, start[line], start[line + 1])) moved = true;
    }
    return moved;
  };
  const moved = pass(chains(graph, rows));
  if (moved || rerouter.spent < CHEAP) {
    pass(covers(graph, rows, place, false));
    pass(covers(graph, rows, place, true));
  }
}

function number(rows: readonly Uint32Array[], place: Uint32Array): void {
  for (const row of rows) for (let at = 0; at < row.length; at++) place[row[at]] = at;
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
