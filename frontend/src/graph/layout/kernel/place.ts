// The x of each vertex: blocks close up to the main path; lines that keep them out far are cut.
import { cutHolds } from './holds';
import { Lanes } from './lanes';
import { Merger } from './merge';
import { Fan } from './net';
import { settle } from './settle';
import { Drawing, Standing } from './standing';
import { Straightener } from './straighten';

/** How often what holds a drawing wide is looked for. */
const SQUEEZES: i32 = 4;
/** What one more jog must bring: so many px of width, times ranks. */
const WORTH: f64 = 1000;
/** What pulls at the ends of a segment: of two nodes, a node and a bend, two bends, two bends that were cut apart. */
const NODES: f64 = 4;
const MIXED: f64 = 1;
const BENDS: f64 = 6;
const JOG: f64 = 0.5;
/** What pulls a lane that was cut to come closer. */
const INWARD: f64 = 2;

class Placer {
  /** Neighbours in a rank, as vertices and as blocks, and how far apart they must stand. */
  private left: Int32Array;
  private right: Int32Array;
  private distance: Float64Array;
  private leftBlock: Int32Array;
  private rightBlock: Int32Array;
  private pairs: Merger;
  /** What pulls at each other. */
  private one: Int32Array;
  private other: Int32Array;
  private weight: Float64Array;
  private pulling: i32 = 0;
  private pulls: Merger;

  constructor(private drawing: Drawing) {
    const row = drawing.row;
    const rowStart = drawing.rowStart;
    const left = new Int32Array(row.length);
    const right = new Int32Array(row.length);
    const distance = new Float64Array(row.length);
    let filled: i32 = 0;
    for (let rank = 0; rank + 1 < rowStart.length; rank++) {
      for (let k = rowStart[rank] + 1; k < rowStart[rank + 1]; k++) {
        left[filled] = row[k - 1];
        right[filled] = row[k];
        distance[filled++] = drawing.apart(row[k - 1], row[k]);
      }
    }
    const most = drawing.upper.length + row.length;
    this.left = left.subarray(0, filled);
    this.right = right.subarray(0, filled);
    this.distance = distance.subarray(0, filled);
    this.leftBlock = new Int32Array(filled);
    this.rightBlock = new Int32Array(filled);
    this.pairs = new Merger(filled, row.length);
    this.one = new Int32Array(most);
    this.other = new Int32Array(most);
    this.weight = new Float64Array(most);
    this.pulls = new Merger(most, row.length);
  }

  /** The pairs of blocks that must stand apart, each once. */
  private findPairs(standing: Standing): Merger {
    for (let k = 0; k < this.left.length; k++) {
      this.leftBlock[k] = standing.blockOf[this.left[k]];
      this.rightBlock[k] = standing.blockOf[this.right[k]];
    }
    this.pairs.merge(standing.count, this.left.length, this.leftBlock, this.rightBlock, this.distance, false);
    return this.pairs;
  }

  /** Takes small steps aside out again. */
  straighten(standing: Standing): void {
    const pairs = this.findPairs(standing);
    const size = pairs.size;
    new Straightener(
      this.drawing,
      standing,
      pairs.one.subarray(0, size),
      pairs.other.subarray(0, size),
      pairs.value.subarray(0, size),
    ).run();
  }

  /** Places the blocks of a standing, from nothing or from where their vertices stood. */
  put(standing: Standing): void {
    const drawing = this.drawing;
    const blockOf = standing.blockOf;
    const count = standing.count;
    const x = new Float64Array(count);
    const from = standing.middle;
    for (let vertex = 0; vertex < from.length; vertex++) x[blockOf[vertex]] = from[vertex];
    const pairs = this.findPairs(standing);
    this.findPulls(standing);
    const pulls = this.pulls;
    pulls.merge(count, this.pulling, this.one, this.other, this.weight, true);
    const main = this.widest(standing);
    settle(
      x,
      pairs.one.subarray(0, pairs.size),
      pairs.other.subarray(0, pairs.size),
      pairs.value.subarray(0, pairs.size),
      pulls.one.subarray(0, pulls.size),
      pulls.other.subarray(0, pulls.size),
      pulls.value.subarray(0, pulls.size),
      main,
    );
    const middle = new Float64Array(blockOf.length);
    let left: f64 = Infinity;
    let right: f64 = -Infinity;
    for (let vertex = 0; vertex < blockOf.length; vertex++) {
      middle[vertex] = x[blockOf[vertex]];
      left = Math.min(left, middle[vertex] - drawing.half(vertex));
      right = Math.max(right, middle[vertex] + drawing.half(vertex));
    }
    let jogs: i32 = 0;
    for (let segment = 0; segment < drawing.upper.length; segment++) {
      const a = drawing.upper[segment];
      const b = drawing.lower[segment];
      if ((a >= drawing.nodes || b >= drawing.nodes) && Math.abs(middle[a] - middle[b]) >= 1) jogs++;
    }
    standing.middle = middle;
    standing.centre = x[main];
    standing.left = left;
    standing.extent = right - left;
    standing.jogs = jogs;
  }

  private findPulls(standing: Standing): void {
    const nodes = this.drawing.nodes;
    const blockOf = standing.blockOf;
    this.pulling = 0;
    for (let segment = 0; segment < this.drawing.upper.length; segment++) {
      const a = this.drawing.upper[segment];
      const b = this.drawing.lower[segment];
      let weight = standing.begins[b] === 1 ? JOG : BENDS;
      if (a < nodes || b < nodes) weight = a < nodes && b < nodes ? NODES : MIXED;
      this.pull(blockOf[a], blockOf[b], weight);
    }
    for (let k = 0; k < standing.inward.length; k++) this.pull(blockOf[standing.inward[k]], blockOf[standing.home[k]], INWARD);
  }

  private pull(a: i32, b: i32, weight: f64): void {
    if (a === b) return;
    // Always from the lower number, so that the same two are seen as such.
    this.one[this.pulling] = a < b ? a : b;
    this.other[this.pulling] = a < b ? b : a;
    this.weight[this.pulling++] = weight;
  }

  /** The block with most in it, all widths taken together: the main path. */
  private widest(standing: Standing): i32 {
    const sum = new Float64Array(standing.count);
    let most: i32 = 0;
    for (let node = 0; node < this.drawing.nodes; node++) {
      const block = standing.blockOf[node];
      sum[block] += this.drawing.width[node];
      if (sum[block] > sum[most]) most = block;
    }
    return most;
  }
}

/**
 * middle: receives the middle of each vertex, px, whole numbers; the leftmost box starts at 0. blockOf:
 * the block of each vertex, `count` of them. The others as in `Drawing`.
 */
export function place(
  middle: Float64Array,
  blockOf: Int32Array,
  count: i32,
  nodes: i32,
  width: Float64Array,
  nodeGap: f64,
  laneGap: f64,
  lanesGap: f64,
  rank: Int32Array,
  row: Int32Array,
  rowStart: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
  net: Int32Array,
  belowStart: Int32Array,
  belowList: Int32Array,
  into: Int32Array,
): void {
  const below = new Fan(belowStart, belowList);
  const drawing = new Drawing(nodes, width, nodeGap, laneGap, lanesGap, rank, row, rowStart, upper, lower, net, below, into);
  const placer = new Placer(drawing);
  const none = new Int32Array(0);
  const start = new Standing(blockOf, count, new Uint8Array(row.length), none, none, new Float64Array(0));
  placer.put(start);
  let best = new Lanes(drawing, start).cut();
  if (best !== start) placer.put(best);
  for (let round = 0; round < SQUEEZES; round++) {
    const narrower = cutHolds(drawing, best);
    if (narrower === best) break;
    placer.put(narrower);
    const gain = best.extent - narrower.extent;
    const ranks = rowStart.length - 1;
    if (gain <= 0 || gain * (ranks as f64) < WORTH * ((narrower.jogs - best.jogs) as f64)) break;
    best = narrower;
  }
  placer.straighten(best);
  // The distances are whole numbers, so one floor for all keeps them.
  const shift = Math.ceil(-best.left);
  for (let vertex = 0; vertex < middle.length; vertex++) middle[vertex] = Math.floor(best.middle[vertex]) + shift;
}
