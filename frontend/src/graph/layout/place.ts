// The x of each block: near its neighbours, never closer to the one beside it than the gap allows.
import type { Blocks } from './align';
import { group, type Links } from './links';
import type { Order } from './order';
import type { Proper } from './proper';
import { GAP } from './types';

const ROUNDS = 40;
const SLIDES = 6;

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
  const leftward = new Float64Array(blocks.count);
  const rightward = new Float64Array(blocks.count);
  pushRight(apart, x);
  for (let round = 0; round < ROUNDS; round++) relax(apart, pulls, x, leftward, rightward);
  for (let slide = 0; slide < SLIDES; slide++) slideBlocks(apart, pulls, x, slide % 2 === 0);

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
  for (const row of order.rows) {
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
  for (const block of right) waiting[block]++;
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
    other: Uint32Array.from(links.list, (at) => others[at]),
    weight: Float64Array.from(links.list, (at) => weights[at]),
  };
}

/** Moves blocks right until every distance holds. */
function pushRight({ sorted, byLeft, right, distance }: Apart, x: Float64Array): void {
  for (let at = 0; at < sorted.length; at++) {
    const block = sorted[at];
    for (let k = byLeft.start[block]; k < byLeft.start[block + 1]; k++) {
      const pair = byLeft.list[k];
      const least = x[block] + distance[pair];
      if (x[right[pair]] < least) x[right[pair]] = least;
    }
  }
}

function pushLeft({ sorted, byRight, left, distance }: Apart, x: Float64Array): void {
  for (let at = sorted.length - 1; at >= 0; at--) {
    const block = sorted[at];
    for (let k = byRight.start[block]; k < byRight.start[block + 1]; k++) {
      const pair = byRight.list[k];
      const most = x[block] - distance[pair];
      if (x[left[pair]] > most) x[left[pair]] = most;
    }
  }
}

/**
 * One step towards the mean of the neighbours. Pushing all conflicts right and pushing all left
 * both give positions where the distances hold; they are linear, so they hold for the mean too.
 */
function relax(
  apart: Apart,
  { start, other, weight }: Pulls,
  x: Float64Array,
  leftward: Float64Array,
  rightward: Float64Array,
): void {
  for (let block = 0; block < x.length; block++) {
    let sum = 0;
    let total = 0;
    for (let k = start[block]; k < start[block + 1]; k++) {
      sum += weight[k] * x[other[k]];
      total += weight[k];
    }
    rightward[block] = total > 0 ? (x[block] + sum / total) / 2 : x[block];
  }
  leftward.set(rightward);
  pushRight(apart, rightward);
  pushLeft(apart, leftward);
  for (let block = 0; block < x.length; block++) x[block] = (rightward[block] + leftward[block]) / 2;
}

/** Each block in turn goes to the weighted median of its neighbours, as far as there is room. */
function slideBlocks(apart: Apart, pulls: Pulls, x: Float64Array, down: boolean): void {
  for (let at = 0; at < x.length; at++) {
    const block = down ? at : x.length - 1 - at;
    const wish = median(pulls, x, block);
    if (Number.isNaN(wish)) continue;
    let low = -Infinity;
    let high = Infinity;
    for (let k = apart.byRight.start[block]; k < apart.byRight.start[block + 1]; k++) {
      const pair = apart.byRight.list[k];
      low = Math.max(low, x[apart.left[pair]] + apart.distance[pair]);
    }
    for (let k = apart.byLeft.start[block]; k < apart.byLeft.start[block + 1]; k++) {
      const pair = apart.byLeft.list[k];
      high = Math.min(high, x[apart.right[pair]] - apart.distance[pair]);
    }
    if (low <= high) x[block] = Math.min(Math.max(wish, low), high);
  }
}

/** Weighted median of the neighbours' x: the middle where it may be anywhere between two. */
function median(pulls: Pulls, x: Float64Array, block: number): number {
  const first = pulls.start[block];
  const end = pulls.start[block + 1];
  if (end === first) return NaN;
  if (end === first + 1) return x[pulls.other[first]];
  const at: number[] = [];
  let total = 0;
  for (let k = first; k < end; k++) {
    at.push(k);
    total += pulls.weight[k];
  }
  at.sort((a, b) => x[pulls.other[a]] - x[pulls.other[b]] || a - b);
  let passed = 0;
  for (let i = 0; i < at.length; i++) {
    passed += pulls.weight[at[i]];
    if (passed * 2 > total) return x[pulls.other[at[i]]];
    if (passed * 2 === total) return (x[pulls.other[at[i]]] + x[pulls.other[at[i + 1]]]) / 2;
  }
  return NaN;
}
