// The order within each rank: depth first, then what the kernel makes of that.
import { kernel } from './kernel';
import { signed } from './links';
import type { Proper } from './proper';
import { GAP } from './types';

/** Vertices of every rank, left to right, and each vertex' place in its rank. */
export interface Order {
  readonly rows: readonly Uint32Array[];
  readonly place: Uint32Array;
  /** All ranks after each other, and where each begins. */
  readonly row: Int32Array;
  readonly rowStart: Int32Array;
  /** Number of crossings, each edge of a trunk counted. */
  readonly crossings: number;
}

export function orderRanks(graph: Proper): Order {
  const { above, below, rank, ranks, vertices } = graph;
  const rowStart = new Int32Array(ranks + 1);
  for (let vertex = 0; vertex < vertices; vertex++) rowStart[rank[vertex] + 1]++;
  for (let at = 0; at < ranks; at++) rowStart[at + 1] += rowStart[at];
  const row = startUp(graph, rowStart);
  const crossings = kernel().orderRows(
    row,
    rowStart,
    portPairs(graph),
    graph.nodes,
    GAP.bundle,
    rank,
    signed(graph.upper),
    signed(graph.lower),
    graph.load,
    Int32Array.from(graph.port),
    signed(above.start),
    signed(above.list),
    signed(below.start),
    signed(below.list),
  );
  const rows: Uint32Array[] = [];
  const place = new Uint32Array(vertices);
  for (let at = 0; at < ranks; at++) {
    const own = new Uint32Array(row.buffer, 4 * rowStart[at], rowStart[at + 1] - rowStart[at]);
    for (let k = 0; k < own.length; k++) place[own[k]] = k;
    rows.push(own);
  }
  return { rows, place, row, rowStart, crossings };
}

/** Pairs of segments into one node, that of the lower port first. Bundles have no order. */
export function portPairs({ nodes, above, port }: Proper): Int32Array {
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
  return Int32Array.from(pairs);
}

/** Rank after rank, depth first from the outputs: producers stand over their consumer in the order of its inputs. */
function startUp(graph: Proper, rowStart: Int32Array): Int32Array {
  const { above, below, upper, port, nodes } = graph;
  const roots: number[] = [];
  for (let node = 0; node < nodes; node++) {
    if (below.start[node] === below.start[node + 1]) roots.push(node);
  }
  return depthFirst(graph, rowStart, roots, (vertex, push) => {
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
  rowStart: Int32Array,
  roots: readonly number[],
  next: (vertex: number, push: (other: number) => void) => void,
): Int32Array {
  const row = new Int32Array(graph.vertices);
  const filled = rowStart.slice();
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
      row[filled[graph.rank[vertex]]++] = vertex;
      next(vertex, push);
    }
  };
  for (let at = 0; at < roots.length; at++) visit(roots[at]);
  for (let vertex = 0; vertex < graph.vertices; vertex++) visit(vertex);
  return row;
}
