// The row of each node: longest path from the inputs, then what hangs from above pulled down.
import type { Oriented } from './acyclic';
import { group, type Links } from './links';

/**
 * Rank of each node, from 0. Every edge goes down at least one rank. Nodes move down to just above
 * their nearest consumer where no longest path leads to them, neither directly nor through what
 * feeds them, or where that makes no more long lines than it saves: inputs, shape computations and
 * parallel branches then stand where they are used.
 */
export function rankNodes(count: number, oriented: Oriented, tensor: Uint32Array): Int32Array {
  const { from, to, loop } = oriented;
  const out = group(count, from);
  const waiting = new Uint32Array(count);
  for (let edge = 0; edge < from.length; edge++) if (loop[edge] === 0) waiting[to[edge]]++;

  const rank = new Int32Array(count);
  const order = new Uint32Array(count);
  let filled = 0;
  for (let node = 0; node < count; node++) if (waiting[node] === 0) order[filled++] = node;
  for (let at = 0; at < filled; at++) {
    const node = order[at];
    for (let k = out.start[node]; k < out.start[node + 1]; k++) {
      const edge = out.list[k];
      if (loop[edge] === 1) continue;
      const next = to[edge];
      if (rank[next] <= rank[node]) rank[next] = rank[node] + 1;
      if (--waiting[next] === 0) order[filled++] = next;
    }
  }

  const nets = findNets(out, tensor);
  const load = loads(count, oriented, nets, order.subarray(0, filled), rank);
  const rooted = onLongest(count, oriented, out, order.subarray(0, filled), rank);
  for (let at = filled - 1; at >= 0; at--) {
    const node = order[at];
    if (rooted[node] === 1 && load[node] > Math.max(1, nets.leaving[node])) continue;
    const nearest = nearestConsumer(oriented, out, rank, node);
    if (nearest >= 0) rank[node] = nearest - 1;
  }
  return rank;
}

/** The least of `rank` among the consumers of `node`, -1 where there are none. */
function nearestConsumer(
  { to, loop }: Oriented,
  out: Links,
  rank: Int32Array,
  node: number,
): number {
  let nearest = -1;
  for (let k = out.start[node]; k < out.start[node + 1]; k++) {
    const edge = out.list[k];
    if (loop[edge] === 1) continue;
    if (nearest < 0 || rank[to[edge]] < nearest) nearest = rank[to[edge]];
  }
  return nearest;
}

/** 1 for nodes on a longest path, and for all that come after one. */
function onLongest(
  count: number,
  oriented: Oriented,
  out: Links,
  order: Uint32Array,
  rank: Int32Array,
): Uint8Array {
  let deepest = 0;
  for (let node = 0; node < count; node++) if (rank[node] > deepest) deepest = rank[node];
  const latest = new Int32Array(count).fill(deepest);
  const rooted = new Uint8Array(count);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    const nearest = nearestConsumer(oriented, out, latest, node);
    if (nearest >= 0) latest[node] = nearest - 1;
    if (latest[node] === rank[node]) rooted[node] = 1;
  }
  for (let at = 0; at < order.length; at++) {
    const node = order[at];
    if (rooted[node] === 0) continue;
    for (let k = out.start[node]; k < out.start[node + 1]; k++) rooted[oriented.to[out.list[k]]] = 1;
  }
  return rooted;
}

interface Nets {
  readonly count: number;
  /** Net of each edge: edges of one producer and tensor. */
  readonly of: Uint32Array;
  /** Number of nets that leave each node. */
  readonly leaving: Uint32Array;
}

function findNets(out: Links, tensor: Uint32Array): Nets {
  const nodes = out.start.length - 1;
  const of = new Uint32Array(tensor.length);
  const leaving = new Uint32Array(nodes);
  let count = 0;
  for (let node = 0; node < nodes; node++) {
    let own = out.list;
    let first = out.start[node];
    let end = out.start[node + 1];
    if (end - first > 1) {
      own = own.slice(first, end).sort((a, b) => tensor[a] - tensor[b]);
      [first, end] = [0, own.length];
    }
    for (let k = first; k < end; k++) {
      if (k === first || tensor[own[k - 1]] !== tensor[own[k]]) {
        count++;
        leaving[node]++;
      }
      of[own[k]] = count - 1;
    }
  }
  return { count, of, leaving };
}

/**
 * How many lines grow longer when a node moves down together with all that feeds it alone. A trunk
 * that passes on to lower consumers costs nothing; a producer with one consumer comes along.
 */
function loads(
  count: number,
  { from, to, loop }: Oriented,
  nets: Nets,
  order: Uint32Array,
  rank: Int32Array,
): Float64Array {
  const lowest = new Int32Array(nets.count).fill(-1);
  const uses = new Uint32Array(nets.count);
  const seen = new Int32Array(nets.count).fill(-1);
  for (let edge = 0; edge < from.length; edge++) {
    if (loop[edge] === 1) continue;
    const net = nets.of[edge];
    lowest[net] = Math.max(lowest[net], rank[to[edge]]);
    uses[net]++;
  }
  const into = group(count, to);
  const load = new Float64Array(count);
  for (let at = 0; at < order.length; at++) {
    const node = order[at];
    for (let k = into.start[node]; k < into.start[node + 1]; k++) {
      const edge = into.list[k];
      const net = nets.of[edge];
      if (loop[edge] === 1 || seen[net] === node || rank[node] < lowest[net]) continue;
      seen[net] = node;
      const alone = uses[net] === 1 && nets.leaving[from[edge]] === 1;
      load[node] += alone ? Math.min(1, load[from[edge]]) : 1;
    }
  }
  return load;
}
