// The row of each node: longest path from the inputs, then nodes with one input pulled down.
import { group } from './links';
import type { Oriented } from './acyclic';

/**
 * Rank of each node, from 0. Every edge goes down at least one rank. A node with at most one
 * producer moves down to just above its nearest consumer: its one input is then one long line
 * instead of several outputs, and graph inputs stand where they are used.
 */
export function rankNodes(count: number, { from, to, loop }: Oriented): Int32Array {
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

  for (let at = filled - 1; at >= 0; at--) {
    const node = order[at];
    if (producers[node] > 1) continue;
    let lowest = -1;
    for (let k = out.start[node]; k < out.start[node + 1]; k++) {
      const edge = out.list[k];
      if (loop[edge] === 1) continue;
      const above = rank[to[edge]] - 1;
      if (lowest < 0 || above < lowest) lowest = above;
    }
    if (lowest > rank[node]) rank[node] = lowest;
  }
  return rank;
}
