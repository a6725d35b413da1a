// Fewer crossings by whole lines: each is taken out and put back on the way where it crosses least.
import { Fan, Net } from './net';

/** Of ways that cross as little, the one that moves least: what a vertex' move by one place costs. */
const MOVE: f64 = 1e-6;
/** A way that saves less than this stays as it is: less than one misordered input. */
const LEAST: f64 = 0.05;

/**
 * The slots of a row are the places between its other vertices: slot `p` of a vertex is left of the
 * other vertex number `p`. All that a line does not own stays in its order, so its best way is a
 * shortest path through the slots of its ranks. A state costs what the vertex' other segments
 * cross; a step, what the line's own segment crosses.
 */
export class Rerouter {
  // Made once: arrays for each line and rank would cost more than what is done with them.
  /** Where each rank's slots begin in `cost` and `from`. */
  private first: Int32Array;
  private cost: Float64Array;
  private from: Int32Array;
  /** Segments that end at each slot of the lower row, by the side on which they begin. */
  private left: Float64Array;
  private right: Float64Array;
  private best: Float64Array;
  /** Which line a vertex was last part of: a new number for every line. */
  private owner: Int32Array;
  private line: i32 = 0;
  /** What comes into a vertex beside the line, and what leaves the one above it: slots and loads. */
  private into: i32 = 0;
  private out: i32 = 0;
  private intoSlot: Int32Array;
  private outSlot: Int32Array;
  private intoLoad: Float64Array;
  private outLoad: Float64Array;
  /** Slots looked at so far. */
  spent: i32 = 0;

  constructor(
    private net: Net,
    private rows: Int32Array[],
    private place: Int32Array,
    /** What it costs to have two inputs of a node in the wrong order, in crossings. */
    private misorder: f64,
  ) {
    let widest: i32 = 0;
    const first = new Int32Array(rows.length + 1);
    for (let rank = 0; rank < rows.length; rank++) {
      if (rows[rank].length > widest) widest = rows[rank].length;
      first[rank + 1] = first[rank] + rows[rank].length;
    }
    this.first = first;
    this.cost = new Float64Array(net.vertices);
    this.from = new Int32Array(net.vertices);
    this.left = new Float64Array(widest);
    this.right = new Float64Array(widest);
    this.best = new Float64Array(widest);
    this.owner = new Int32Array(net.vertices).fill(-1);
    this.intoSlot = new Int32Array(net.upper.length);
    this.outSlot = new Int32Array(net.upper.length);
    this.intoLoad = new Float64Array(net.upper.length);
    this.outLoad = new Float64Array(net.upper.length);
  }

  /**
   * Puts the line `list[begin .. end)`, vertices of consecutive ranks, where it crosses least. True
   * where it moved.
   */
  put(list: Int32Array, begin: i32, end: i32): bool {
    const place = this.place;
    const first = this.first;
    const cost = this.cost;
    this.line++;
    for (let at = begin; at < end; at++) this.owner[list[at]] = this.line;
    const top = this.net.rank[list[begin]];
    let limit: f64 = -LEAST; // what the line crosses as it is
    for (let at = begin; at < end; at++) {
      const rank = top + at - begin;
      const least = this.stand(list[at], rank);
      limit += cost[first[rank] + place[list[at]]];
      // What the ranks further down cost at least, a way cannot save.
      if (at > begin) limit += this.stepNow(list[at - 1], list[at], this.rows[rank - 1]) - least;
    }
    if (limit < 0) return false;
    for (let at = begin + 1; at < end; at++) {
      const passed = this.step(list[at - 1], list[at], top + at - begin - 1, limit);
      if (passed < 0) return false;
      limit += passed;
    }
    const bottom = top + end - begin - 1;
    let to: i32 = 0;
    for (let slot = 1; slot < this.rows[bottom].length; slot++) {
      if (cost[first[bottom] + slot] < cost[first[bottom] + to]) to = slot;
    }
    if (cost[first[bottom] + to] >= limit) return false;
    for (let at = end - 1; at >= begin; at--) {
      const rank = top + at - begin;
      const back = this.from[first[rank] + to];
      this.move(list[at], this.rows[rank], to);
      to = back;
    }
    return true;
  }

  private move(vertex: i32, row: Int32Array, to: i32): void {
    const place = this.place;
    const old = place[vertex];
    const step: i32 = to < old ? -1 : 1;
    for (let at = old; at !== to; at += step) {
      row[at] = row[at + step];
      place[row[at]] = at;
    }
    row[to] = vertex;
    place[vertex] = to;
  }

  /** By slot: what the segments of `vertex` cost that are not the line's own. Tells the least. */
  private stand(vertex: i32, rank: i32): f64 {
    const above = this.net.above;
    const below = this.net.below;
    const upper = this.net.upper;
    const lower = this.net.lower;
    const row = this.rows[rank];
    const base = this.first[rank];
    const cost = this.cost;
    const own = this.place[vertex];
    for (let slot = 0; slot < row.length; slot++) cost[base + slot] = MOVE * Math.abs((slot - own) as f64);
    this.spent += row.length;
    let beside = false;
    for (let k = above.start[vertex]; k < above.start[vertex + 1]; k++) {
      const segment = above.list[k];
      if (this.owner[upper[segment]] === this.line) continue;
      this.cross(vertex, segment, row, above, upper, base);
      beside = true;
    }
    for (let k = below.start[vertex]; k < below.start[vertex + 1]; k++) {
      const segment = below.list[k];
      if (lower[segment] < this.net.nodes && this.turn(vertex, segment, row.length, base)) beside = true;
      if (this.owner[lower[segment]] === this.line) continue;
      this.cross(vertex, segment, row, below, lower, base);
      beside = true;
    }
    if (!beside) return 0;
    let least: f64 = Infinity;
    for (let slot = base; slot < base + row.length; slot++) if (cost[slot] < least) least = cost[slot];
    return least;
  }

  /** Adds by slot what a segment of `vertex` to a fixed end crosses. */
  private cross(vertex: i32, segment: i32, row: Int32Array, links: Fan, far: Int32Array, base: i32): void {
    const load = this.net.load;
    const place = this.place;
    const owner = this.owner;
    const line = this.line;
    const cost = this.cost;
    const start = links.start;
    const list = links.list;
    const end = place[far[segment]];
    this.spent += row.length;
    let sum: f64 = 0; // with all others on the right: those that end on the left
    for (let at = 0; at < row.length; at++) {
      if (row[at] === vertex) continue;
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const other = list[k];
        if (place[far[other]] < end && owner[far[other]] !== line) sum += load[other];
      }
    }
    let at: i32 = 0;
    let slot: i32 = 0;
    for (;;) {
      cost[base + slot] += sum * load[segment];
      slot++;
      if (slot === row.length) return;
      if (row[at] === vertex) at++;
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const other = list[k];
        if (owner[far[other]] === line) continue;
        if (place[far[other]] < end) sum -= load[other];
        else if (place[far[other]] > end) sum += load[other];
      }
      at++;
    }
  }

  /** Adds by slot what it costs to stand on the wrong side of the other inputs of a node. */
  private turn(vertex: i32, segment: i32, width: i32, base: i32): bool {
    const above = this.net.above;
    const upper = this.net.upper;
    const port = this.net.port;
    const node = this.net.lower[segment];
    const inputs = above.start[node + 1] - above.start[node];
    if (inputs < 2 || inputs > this.net.bundle) return false;
    for (let k = above.start[node]; k < above.start[node + 1]; k++) {
      const other = above.list[k];
      if (upper[other] === vertex || port[other] === port[segment]) continue;
      const at = this.slotOf(upper[other], vertex);
      const before = port[segment] < port[other];
      const end = before ? width : at + 1;
      for (let slot = before ? at + 1 : 0; slot < end; slot++) this.cost[base + slot] += this.misorder;
    }
    return true;
  }

  /** Number of `other` among those that stay when `vertex` is taken out of their row. */
  private slotOf(other: i32, vertex: i32): i32 {
    const own = this.place[other];
    return own > this.place[vertex] ? own - 1 : own;
  }

  /** What the line's segment from `a` down to `b` crosses as it is. */
  private stepNow(a: i32, b: i32, row: Int32Array): f64 {
    const start = this.net.below.start;
    const list = this.net.below.list;
    const lower = this.net.lower;
    const load = this.net.load;
    const place = this.place;
    this.spent += row.length;
    let own: f64 = 0;
    let sum: f64 = 0;
    let beside = false; // whether others come into `b`: those out of `a` cross them
    for (let at = 0; at < row.length; at++) {
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const segment = list[k];
        const to = lower[segment];
        if (row[at] === a) {
          if (to === b) own += load[segment];
        } else if (to === b) beside = true;
        else if (place[to] < place[b] !== at < place[a]) sum += load[segment];
      }
    }
    return own * sum + (beside && this.lookBeside(a, b) ? this.crossed(place[a], place[b]) : 0);
  }

  /**
   * Adds the cheapest way down to every slot of `b`, from the rank of `a`; tells how much of the
   * cost at `b` no slot is spared, or -1 where every way is too dear.
   */
  private step(a: i32, b: i32, rank: i32, limit: f64): f64 {
    const start = this.net.below.start;
    const list = this.net.below.list;
    const lower = this.net.lower;
    const load = this.net.load;
    const cost = this.cost;
    const left = this.left;
    const right = this.right;
    const best = this.best;
    const row = this.rows[rank];
    const width = this.rows[rank + 1].length;
    const base = this.first[rank];
    const next = this.first[rank + 1];
    for (let to = 0; to < width; to++) {
      left[to] = 0;
      right[to] = 0;
      best[to] = Infinity;
    }
    let own: f64 = 0;
    for (let at = 0; at < row.length; at++) {
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const segment = list[k];
        if (row[at] !== a && lower[segment] !== b) right[this.slotOf(lower[segment], b)] += load[segment];
        else if (row[at] === a && lower[segment] === b) own += load[segment];
      }
    }
    const pairs = this.lookBeside(a, b);
    let all: f64 = 0; // load of the segments that begin on the left
    let open = false;
    let at: i32 = 0;
    for (let slot = 0; slot < row.length; slot++) {
      const before = cost[base + slot];
      if (before < limit) {
        open = true;
        this.spent += width;
        let sum = all;
        for (let to = 0; to < width; to++) {
          let way = before + own * sum;
          sum += right[to] - left[to];
          if (way >= best[to]) continue;
          if (pairs) {
            way += this.crossed(slot, to);
            if (way >= best[to]) continue;
          }
          best[to] = way;
          this.from[next + to] = slot;
        }
      }
      if (slot === row.length - 1) break;
      if (row[at] === a) at++;
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const segment = list[k];
        if (lower[segment] === b) continue;
        const to = this.slotOf(lower[segment], b);
        left[to] += load[segment];
        right[to] -= load[segment];
        all += load[segment];
      }
      at++;
    }
    if (!open) return -1;
    let least: f64 = Infinity;
    for (let to = 0; to < width; to++) {
      if (cost[next + to] < least) least = cost[next + to];
      cost[next + to] += best[to];
    }
    return least;
  }

  /**
   * Looks up slots and loads of what comes into `b` beside the line, and of what leaves `a` beside
   * it. False where one of them is empty: then nothing of it crosses.
   */
  private lookBeside(a: i32, b: i32): bool {
    const above = this.net.above;
    const below = this.net.below;
    const upper = this.net.upper;
    const lower = this.net.lower;
    if (above.start[b + 1] - above.start[b] < 2 || below.start[a + 1] - below.start[a] < 2) return false;
    this.into = 0;
    this.out = 0;
    for (let k = above.start[b]; k < above.start[b + 1]; k++) {
      const segment = above.list[k];
      if (upper[segment] === a) continue;
      this.intoSlot[this.into] = this.slotOf(upper[segment], a);
      this.intoLoad[this.into++] = this.net.load[segment];
    }
    for (let k = below.start[a]; k < below.start[a + 1]; k++) {
      const segment = below.list[k];
      if (lower[segment] === b) continue;
      this.outSlot[this.out] = this.slotOf(lower[segment], b);
      this.outLoad[this.out++] = this.net.load[segment];
    }
    return this.into > 0 && this.out > 0;
  }

  /** Crossings of segments into the lower vertex with those out of the upper one, by their slots. */
  private crossed(upper: i32, lower: i32): f64 {
    let sum: f64 = 0;
    for (let i = 0; i < this.into; i++) {
      for (let o = 0; o < this.out; o++) {
        if (upper <= this.intoSlot[i] !== this.outSlot[o] < lower) sum += this.intoLoad[i] * this.outLoad[o];
      }
    }
    return sum;
  }
}
