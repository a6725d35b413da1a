// The x of each block: near its neighbours, never closer to the one beside it than the gap allows.
import { sortBy } from './sort';

const ROUNDS: i32 = 40;
const SLIDES: i32 = 4;

/** "Block `right` stands at least `distance` to the right of block `left`", middle to middle. */
class Apart {
  constructor(
    public left: Int32Array,
    public right: Int32Array,
    public distance: Float64Array,
    /** Pairs by their left, and by their right block. */
    public byLeftStart: Int32Array,
    public byLeft: Int32Array,
    public byRightStart: Int32Array,
    public byRight: Int32Array,
    /** Blocks so that every left one comes before its right ones. */
    public sorted: Int32Array,
  ) {}
}

/** Segments between different blocks, seen from each of the two. */
class Pulls {
  near: Float64Array;
  list: Int32Array;
  spare: Int32Array;

  constructor(
    public start: Int32Array,
    public other: Int32Array,
    public weight: Float64Array,
  ) {
    this.near = new Float64Array(other.length);
    this.list = new Int32Array(other.length);
    this.spare = new Int32Array(other.length);
  }
}

/**
 * x: of each block, px; what is in it is where they start. `main`: the block that the others close
 * up to. The others as in `Apart` and `Pulls`.
 */
export function settle(
  x: Float64Array,
  left: Int32Array,
  right: Int32Array,
  distance: Float64Array,
  byLeftStart: Int32Array,
  byLeft: Int32Array,
  byRightStart: Int32Array,
  byRight: Int32Array,
  sorted: Int32Array,
  pullStart: Int32Array,
  pullOther: Int32Array,
  pullWeight: Float64Array,
  main: i32,
): void {
  const apart = new Apart(left, right, distance, byLeftStart, byLeft, byRightStart, byRight, sorted);
  const pulls = new Pulls(pullStart, pullOther, pullWeight);
  const leftward = new Float64Array(x.length);
  const rightward = new Float64Array(x.length);
  pushRight(apart, x);
  for (let round = 0; round < ROUNDS; round++) relax(apart, pulls, x, leftward, rightward);
  for (let slide = 0; slide < SLIDES; slide++) slideBlocks(apart, pulls, x, slide % 2 === 0);
  // What pulls within a group is stronger than what pulls all of it: groups stay away too far.
  closeUp(apart, x, x[main]);
  for (let slide = 0; slide < SLIDES; slide++) slideBlocks(apart, pulls, x, slide % 2 === 0);
}

/** Blocks on the right of `middle` go as far left as there is room, those on its left to the right. */
function closeUp(apart: Apart, x: Float64Array, middle: f64): void {
  for (let at = 0; at < apart.sorted.length; at++) {
    const block = apart.sorted[at];
    if (x[block] <= middle) continue;
    let low = middle;
    for (let k = apart.byRightStart[block]; k < apart.byRightStart[block + 1]; k++) {
      const pair = apart.byRight[k];
      low = Math.max(low, x[apart.left[pair]] + apart.distance[pair]);
    }
    x[block] = low;
  }
  for (let at = apart.sorted.length - 1; at >= 0; at--) {
    const block = apart.sorted[at];
    if (x[block] >= middle) continue;
    let high = middle;
    for (let k = apart.byLeftStart[block]; k < apart.byLeftStart[block + 1]; k++) {
      const pair = apart.byLeft[k];
      high = Math.min(high, x[apart.right[pair]] - apart.distance[pair]);
    }
    x[block] = high;
  }
}

/** Moves blocks right until every distance holds. */
function pushRight(apart: Apart, x: Float64Array): void {
  const start = apart.byLeftStart;
  const list = apart.byLeft;
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

function pushLeft(apart: Apart, x: Float64Array): void {
  const start = apart.byRightStart;
  const list = apart.byRight;
  const left = apart.left;
  const distance = apart.distance;
  for (let at = apart.sorted.length - 1; at >= 0; at--) {
    const block = apart.sorted[at];
    for (let k = start[block]; k < start[block + 1]; k++) {
      const pair = list[k];
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
  pulls: Pulls,
  x: Float64Array,
  leftward: Float64Array,
  rightward: Float64Array,
): void {
  const start = pulls.start;
  const other = pulls.other;
  const weight = pulls.weight;
  for (let block = 0; block < x.length; block++) {
    let sum: f64 = 0;
    let total: f64 = 0;
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
function slideBlocks(apart: Apart, pulls: Pulls, x: Float64Array, down: bool): void {
  for (let at = 0; at < x.length; at++) {
    const block = down ? at : x.length - 1 - at;
    const wish = median(pulls, x, block);
    if (isNaN(wish)) continue;
    let low: f64 = -Infinity;
    let high: f64 = Infinity;
    for (let k = apart.byRightStart[block]; k < apart.byRightStart[block + 1]; k++) {
      const pair = apart.byRight[k];
      low = Math.max(low, x[apart.left[pair]] + apart.distance[pair]);
    }
    for (let k = apart.byLeftStart[block]; k < apart.byLeftStart[block + 1]; k++) {
      const pair = apart.byLeft[k];
      high = Math.min(high, x[apart.right[pair]] - apart.distance[pair]);
    }
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
