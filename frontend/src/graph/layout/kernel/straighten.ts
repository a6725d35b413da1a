// Small steps aside in long edges are taken out again where there is room for a straight line.
import { Fan, groupBy } from './net';
import { Apart } from './settle';
import { Drawing, Standing } from './standing';

const PASSES: i32 = 2;
/** What a step aside counts, in px of level line. */
const STEP: f64 = 80;
/** A piece goes no further than this, px, or than so many px times its ranks. */
const NEAR: f64 = 60;
const FAR: f64 = 2000;

/** Moves pieces of long edges into line with what they go on to. */
export class Straightener {
  private x: Float64Array;
  private span: Int32Array;
  private apart: Apart;
  /** Pairs of blocks that a segment joins, and by block its ends there: first all of `one`, then all of `other`. */
  private one: Int32Array;
  private other: Int32Array;
  private joined: Fan;

  constructor(
    drawing: Drawing,
    private standing: Standing,
    left: Int32Array,
    right: Int32Array,
    distance: Float64Array,
  ) {
    const blockOf = standing.blockOf;
    const count = standing.count;
    const x = new Float64Array(count);
    const span = new Int32Array(count);
    for (let vertex = 0; vertex < blockOf.length; vertex++) x[blockOf[vertex]] = standing.middle[vertex];
    for (let vertex = drawing.nodes; vertex < blockOf.length; vertex++) span[blockOf[vertex]]++;
    // Nodes stay where they are.
    for (let node = 0; node < drawing.nodes; node++) span[blockOf[node]] = 0;
    const one = new Int32Array(drawing.upper.length);
    const other = new Int32Array(drawing.upper.length);
    let filled: i32 = 0;
    for (let segment = 0; segment < drawing.upper.length; segment++) {
      const a = blockOf[drawing.upper[segment]];
      const b = blockOf[drawing.lower[segment]];
      if (a === b) continue;
      one[filled] = a;
      other[filled++] = b;
    }
    const ends = new Int32Array(2 * filled);
    ends.set(one.subarray(0, filled));
    ends.set(other.subarray(0, filled), filled);
    this.x = x;
    this.span = span;
    this.one = one.subarray(0, filled);
    this.other = other.subarray(0, filled);
    this.joined = groupBy(count, ends);
    this.apart = new Apart(count, left, right, distance);
  }

  run(): void {
    const x = this.x;
    for (let pass = 0; pass < PASSES; pass++) {
      for (let block = 0; block < x.length; block++) if (this.span[block] > 0) this.move(block);
    }
    const blockOf = this.standing.blockOf;
    for (let vertex = 0; vertex < blockOf.length; vertex++) this.standing.middle[vertex] = x[blockOf[vertex]];
  }

  /** Puts a piece into line with the neighbour where that costs least. */
  private move(block: i32): void {
    const x = this.x;
    const joined = this.joined;
    let best = x[block];
    let least: f64 = Infinity;
    let low: f64 = -Infinity;
    let high: f64 = Infinity;
    const reach = Math.max(NEAR, FAR / (this.span[block] as f64));
    for (let k = joined.start[block]; k < joined.start[block + 1]; k++) {
      const at = x[this.far(joined.list[k])];
      if (at === x[block] || Math.abs(at - x[block]) > reach) continue;
      if (least === Infinity) {
        least = this.cost(block, x[block]);
        low = this.apart.low(block, x);
        high = this.apart.high(block, x);
      }
      if (at < low || at > high) continue;
      const cost = this.cost(block, at);
      if (cost >= least) continue;
      least = cost;
      best = at;
    }
    x[block] = best;
  }

  /** The block at the other end. */
  private far(end: i32): i32 {
    const all = this.one.length;
    return end < all ? this.other[end] : this.one[end - all];
  }

  private cost(block: i32, at: f64): f64 {
    const joined = this.joined;
    let sum: f64 = 0;
    for (let k = joined.start[block]; k < joined.start[block + 1]; k++) {
      const length = Math.abs(this.x[this.far(joined.list[k])] - at);
      if (length > 0) sum += STEP + length;
    }
    return sum;
  }
}
