// The x of each block: near its neighbours, never closer to the one beside it than the gap allows.
import { Fan, groupBy } from './net';
import { sortBy } from './sort';

const SLIDES: i32 = 4;

/** "Block `right` stands at least `distance` to the right of block `left`", middle to middle. */
export class Apart {
  /** Pairs by their left, and by their right block. */
  byLeft: Fan;
  byRight: Fan;
  /** Blocks so that every left one comes before its right ones. */
  sorted: Int32Array;

  constructor(
    count: i32,
    public left: Int32Array,
    public right: Int32Array,
    public distance: Float64Array,
  ) {
    const byLeft = groupBy(count, left);
    const waiting = new Int32Array(count);
    for (let pair = 0; pair < right.length; pair++) waiting[right[pair]]++;
    const sorted = new Int32Array(count);
    let filled: i32 = 0;
    for (let block = 0; block < count; block++) if (waiting[block] === 0) sorted[filled++] = block;
    for (let at = 0; at < filled; at++) {
      for (let k = byLeft.start[sorted[at]]; k < byLeft.start[sorted[at] + 1]; k++) {
        const after = right[byLeft.list[k]];
        if (--waiting[after] === 0) sorted[filled++] = after;
      }
    }
    this.byLeft = byLeft;
    this.byRight = groupBy(count, right);
    this.sorted = sorted;
  }

  /** How far left a block may go, and how far right, while all others stay. */
  low(block: i32, x: Float64Array): f64 {
    const byRight = this.byRight;
    let low: f64 = -Infinity;
    for (let k = byRight.start[block]; k < byRight.start[block + 1]; k++) {
      const pair = byRight.list[k];
      low = Math.max(low, x[this.left[pair]] + this.distance[pair]);
    }
    return low;
  }

  high(block: i32, x: Float64Array): f64 {
    const byLeft = this.byLeft;
    let high: f64 = Infinity;
    for (let k = byLeft.start[block]; k < byLeft.start[block + 1]; k++) {
      const pair = byLeft.list[k];
      high = Math.min(high, x[this.right[pair]] - this.distance[pair]);
    }
    return high;
  }
}

/** Segments between different blocks, seen from each of the two. */
class Pulls {
  start: Int32Array;
  other: Int32Array;
  weight: Float64Array;
  near: Float64Array;
  list: Int32Array;
  spare: Int32Array;

  constructor(count: i32, a: Int32Array, b: Int32Array, weight: Float64Array) {
    const all = a.length;
    const ends = new Int32Array(2 * all);
    ends.set(a);
    ends.set(b, all);
    const links = groupBy(count, ends);
    const other = new Int32Array(2 * all);
    const weights = new Float64Array(2 * all);
    for (let k = 0; k < 2 * all; k++) {
      const at = links.list[k];
      other[k] = at < all ? b[at] : a[at - all];
      weights[k] = weight[at < all ? at : at - all];
    }
    this.start = links.start;
    this.other = other;
    this.weight = weights;
    this.near = new Float64Array(2 * all);
    this.list = new Int32Array(2 * all);
    this.spare = new Int32Array(2 * all);
  }
}

/**
 * x: of each block, px; what is in it is where they start. Pairs: `right` stands at least `distance`
 * (a whole number) to the right of `left`, middle to middle. Pulls: `a` and `b` want to stand in
 * line, `weight` tells how much. `main`: the block that the others close up to.
 */
export function settle(
  x: Float64Array,
  left: Int32Array,
  right: Int32Array,
  distance: Float64Array,
  a: Int32Array,
  b: Int32Array,
  weight: Float64Array,
  main: i32,
): void {
  const apart = new Apart(x.length, left, right, distance);
  const pulls = new Pulls(x.length, a, b, weight);
  pushRight(apart, x);
  closeUp(apart, x, x[main]);
  for (let slide = 0; slide < SLIDES; slide++) slideBlocks(apart, pulls, x, slide % 2 === 0);
}

/** Blocks on the right of `middle` go as far left as there is room, those on its left to the right. */
function closeUp(apart: Apart, x: Float64Array, middle: f64): void {
  for (let at = 0; at < apart.sorted.length; at++) {
    const block = apart.sorted[at];
    if (x[block] <= middle) continue;
    x[block] = Math.max(middle, apart.low(block, x));
  }
  for (let at = apart.sorted.length - 1; at >= 0; at--) {
    const block = apart.sorted[at];
    if (x[block] >= middle) continue;
    x[block] = Math.min(middle, apart.high(block, x));
  }
}

/** Moves blocks right until every distance holds. */
function pushRight(apart: Apart, x: Float64Array): void {
  const start = apart.byLeft.start;
  const list = apart.byLeft.list;
  const right = apart.right;
  const distance = apart.distance;
  for (let at = 0; at < apart.sorted.length; at++) {
    const block = apart.sorted[at];
    for (let k = start[block]; k < start[block + 1]; k++) {
      const pair = list[k];
      const least = x[block] + distance[pair];
      if (x[right[pair]] < least) x[right[pair]] = least;
    }
  }
}

/** Each block in turn goes to the weighted median of its neighbours, as far as there is room. */
function slideBlocks(apart: Apart, pulls: Pulls, x: Float64Array, down: bool): void {
  for (let at = 0; at < x.length; at++) {
    const block = down ? at : x.length - 1 - at;
    const wish = median(pulls, x, block);
    if (isNaN(wish)) continue;
    const low = apart.low(block, x);
    const high = apart.high(block, x);
    if (low <= high) x[block] = Math.min(Math.max(wish, low), high);
  }
}

/** Weighted median of the neighbours' x: the middle where it may be anywhere between two. */
function median(pulls: Pulls, x: Float64Array, block: i32): f64 {
  const first = pulls.start[block];
  const end = pulls.start[block + 1];
  if (end === first) return NaN;
  if (end === first + 1) return x[pulls.other[first]];
  const list = pulls.list;
  let total: f64 = 0;
  for (let k = first; k < end; k++) {
    list[k] = k;
    pulls.near[k] = x[pulls.other[k]];
    total += pulls.weight[k];
  }
  sortBy(list, first, end, pulls.near, pulls.spare);
  let passed: f64 = 0;
  for (let k = first; k < end; k++) {
    passed += pulls.weight[list[k]];
    if (passed * 2 > total) return pulls.near[list[k]];
    if (passed * 2 === total) return (pulls.near[list[k]] + pulls.near[list[k + 1]]) / 2;
  }
  return NaN;
}
