// The x of each vertex: what must stay apart and what pulls, for the kernel to settle.
import type { Blocks } from './align';
import { kernel, signed } from './kernel';
import { group, taken, type Links } from './links';
import type { Order } from './order';
import type { Proper } from './proper';
import { GAP } from './types';

/** "Block `right` stands at least `distance` to the right of block `left`", middle to middle. */
interface Apart {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  readonly distance: Float64Array;
  readonly byLeft: Links;
  readonly byRight: Links;
  /** Blocks so that every left one comes before its right ones. */
  readonly sorted: Uint32Array;
}

/** Segments between different blocks, seen from each of the two. */
interface Pulls {
  readonly start: Uint32Array;
  readonly other: Uint32Array;
  readonly weight: Float64Array;
}

/** Middle of each vertex, px, whole numbers; the leftmost box starts at 0. */
export function placeBlocks(
  graph: Proper,
  order: Order,
  blocks: Blocks,
  width: Float32Array,
): Float64Array {
  const apart = distances(graph, order, blocks, width);
  const pulls = neighbours(graph, blocks);
  const x = new Float64Array(blocks.count);
  kernel().settle(
    x,
    signed(apart.left),
    signed(apart.right),
    apart.distance,
    signed(apart.byLeft.start),
    signed(apart.byLeft.list),
    signed(apart.byRight.start),
    signed(apart.byRight.list),
    signed(apart.sorted),
    signed(pulls.start),
    signed(pulls.other),
    pulls.weight,
    widest(graph, blocks, width),
  );

  const middle = new Float64Array(graph.vertices);
  let left = Infinity;
  for (let vertex = 0; vertex < graph.vertices; vertex++) {
    middle[vertex] = x[blocks.of[vertex]];
    left = Math.min(left, middle[vertex] - half(graph, width, vertex));
  }
  // The distances are whole numbers, so one floor for all keeps them.
  const shift = Math.ceil(-left);
  for (let vertex = 0; vertex < graph.vertices; vertex++) {
    middle[vertex] = Math.floor(middle[vertex]) + shift;
  }
  return middle;
}

/** The block with most in it, all widths taken together: the main path. */
function widest(graph: Proper, blocks: Blocks, width: Float32Array): number {
  const sum = new Float64Array(blocks.count);
  let most = 0;
  for (let node = 0; node < graph.nodes; node++) {
    const block = blocks.of[node];
    sum[block] += width[node];
    if (sum[block] > sum[most]) most = block;
  }
  return most;
}

function half(graph: Proper, width: Float32Array, vertex: number): number {
  return vertex < graph.nodes ? width[vertex] / 2 : 0;
}

function distances(
  graph: Proper,
  order: Order,
  blocks: Blocks,
  width: Float32Array,
): Apart {
  const left: number[] = [];
  const right: number[] = [];
  const distance: number[] = [];
  for (let rank = 0; rank < graph.ranks; rank++) {
    const row = order.rows[rank];
    for (let at = 1; at < row.length; at++) {
      const a = row[at - 1];
      const b = row[at];
      const bends = (a >= graph.nodes ? 1 : 0) + (b >= graph.nodes ? 1 : 0);
      const gap = bends === 0 ? GAP.node : bends === 1 ? GAP.lane : GAP.lanes;
      left.push(blocks.of[a]);
      right.push(blocks.of[b]);
      distance.push(Math.ceil(half(graph, width, a) + gap + half(graph, width, b)));
    }
  }
  const byLeft = group(blocks.count, left);
  const byRight = group(blocks.count, right);
  const waiting = new Uint32Array(blocks.count);
  for (let pair = 0; pair < right.length; pair++) waiting[right[pair]]++;
  const sorted = new Uint32Array(blocks.count);
  let filled = 0;
  for (let block = 0; block < blocks.count; block++) {
    if (waiting[block] === 0) sorted[filled++] = block;
  }
  for (let at = 0; at < filled; at++) {
    const block = sorted[at];
    for (let k = byLeft.start[block]; k < byLeft.start[block + 1]; k++) {
      const after = right[byLeft.list[k]];
      if (--waiting[after] === 0) sorted[filled++] = after;
    }
  }
  return {
    left: Uint32Array.from(left),
    right: Uint32Array.from(right),
    distance: Float64Array.from(distance),
    byLeft,
    byRight,
    sorted,
  };
}

/** A short way between two nodes pulls more than a long one: those are what the eye follows. */
function neighbours(graph: Proper, blocks: Blocks): Pulls {
  const keys: number[] = [];
  const others: number[] = [];
  const weights: number[] = [];
  for (let segment = 0; segment < graph.upper.length; segment++) {
    const a = graph.upper[segment];
    const b = graph.lower[segment];
    const from = blocks.of[a];
    const to = blocks.of[b];
    if (from === to) continue;
    const bends = (a >= graph.nodes ? 1 : 0) + (b >= graph.nodes ? 1 : 0);
    const weight = bends === 0 ? 4 : bends === 1 ? 1 : 6;
    keys.push(from, to);
    others.push(to, from);
    weights.push(weight, weight);
  }
  const links = group(blocks.count, keys);
  return {
    start: links.start,
    other: taken(new Uint32Array(keys.length), others, links.list),
    weight: taken(new Float64Array(keys.length), weights, links.list),
  };
}
