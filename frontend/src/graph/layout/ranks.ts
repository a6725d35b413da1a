// The row of each node: longest path from the inputs, then what hangs from above pulled down.
import { group, type Links } from './links';
import type { Oriented } from './acyclic';

/**
 * Rank of each node, from 0. Every edge goes down at least one rank. Two kinds of nodes move down
 * to just above their nearest consumer. One with at most one producer: its one input is then one
 * long line instead of several outputs. And one that no longest path leads to, neither directly nor
 * through what feeds it: the whole branch from an input on then stands where it is used.
 */
export function rankNodes(count: number, oriented: Oriented): Int32Array {
  const { from, to, loop } = oriented;
  const out = group(count, from);
  const waiting = new Uint32Array(count);
  for (let edge = 0; edge < from.length; edge++) if (loop[edge] === 0) waiting[to[edge]]++;

  const rank = new Int32Array(count);
  const order = new Uint32Array(count);
  const producers = new Uint8Array(count); // 0, 1, or 2 for more
  const producer = new Int32Array(count).fill(-1);
  let filled = 0;
  for (let node = 0; node < count; node++) if (waiting[node] === 0) order[filled++] = node;
  for (let at = 0; at < filled; at++) {
    const node = order[at];
    for (let k = out.start[node]; k < out.start[node + 1]; k++) {
      const edge = out.list[k];
      if (loop[edge] === 1) continue;
      const next = to[edge];
      if (rank[next] <= rank[node]) rank[next] = rank[node] + 1;
      if (producer[next] !== node) {
        producer[next] = node;
        if (producers[next] < 2) producers[next]++;
      }
      if (--waiting[next] === 0) order[filled++] = next;
    }
  }

  const rooted = onLongest(count, oriented, out, order.subarray(0, filled), rank);
  for (let at = filled - 1; at >= 0; at--) {
    const node = order[at];
    if (producers[node] > 1 && rooted[node] === 1) continue;
    const lowest = nearestConsumer(out, to, loop, rank, node);
    if (lowest > rank[node] + 1) rank[node] = lowest - 1;
  }
  return rank;
}

/** 1 for nodes on a longest path, and for all that come after one. */
function onLongest(
  count: number,
  { to, loop }: Oriented,
  out: Links,
  order: Uint32Array,
  rank: Int32Array,
): Uint8Array {
  let deepest = 0;
  for (const value of rank) deepest = Math.max(deepest, value);
  const latest = new Int32Array(count).fill(deepest);
  const rooted = new Uint8Array(count);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at];
    const nearest = nearestConsumer(out, to, loop, latest, node);
    if (nearest >= 0) latest[node] = nearest - 1;
    if (latest[node] === rank[node]) rooted[node] = 1;
  }
  for (const node of order) {
    if (rooted[node] === 0) continue;
    for (let k = out.start[node]; k < out.start[node + 1]; k++) rooted[to[out.list[k]]] = 1;
  }
  return rooted;
}

/** The least of `rank` among the consumers of `node`, -1 where there are none. */
function nearestConsumer(
  out: Links,
  to: Uint32Array,
  loop: Uint8Array,
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
