// Where a long lane leaves the straight, to run close beside what it passes and not far out all the way.
import { Drawing, Standing } from './standing';

/** A piece goes closer by at least so much, px: first pieces that may by eight or four times as much. */
const LEAST: f64 = 220;
/**
 * What a piece must bring, px: how much closer it gets, for each rank so much of it, less the level
 * lines that get longer.
 */
const WORTH: f64 = 150;
const RANK: f64 = 0.08;

/** Cuts lanes into pieces where one could stand much closer to the main path. */
export class Lanes {
  private slack: Float64Array;
  private home: Int32Array;
  private next: Int32Array;
  private previous: Int32Array;
  private taken: Uint8Array;
  private begins: Int32Array;
  private begun: i32 = 0;
  private heads: Int32Array;
  private pieces: i32 = 0;

  constructor(
    private drawing: Drawing,
    private standing: Standing,
  ) {
    this.slack = new Float64Array(drawing.vertices);
    this.home = new Int32Array(drawing.vertices);
    this.next = drawing.follow(standing.blockOf, true);
    this.previous = drawing.follow(standing.blockOf, false);
    this.taken = new Uint8Array(drawing.vertices);
    this.begins = new Int32Array(2 * drawing.vertices);
    this.heads = new Int32Array(drawing.vertices);
    this.measure();
  }

  /** The standing itself where nothing is to be cut. */
  cut(): Standing {
    for (let far = 4 * LEAST; far >= LEAST; far /= 2) this.pass(far);
    if (this.pieces === 0) return this.standing;
    const cut = this.standing.cut(this.drawing, this.begins, this.begun);
    cut.inward = this.heads.slice(0, this.pieces);
    cut.home = new Int32Array(this.pieces);
    for (let k = 0; k < this.pieces; k++) cut.home[k] = this.home[this.heads[k]];
    return cut;
  }

  /** All pieces that may move by `far`. */
  private pass(far: f64): void {
    const row = this.drawing.row;
    const nodes = this.drawing.nodes;
    const seen = new Uint8Array(this.drawing.vertices);
    for (let k = 0; k < row.length; k++) {
      const first = row[k];
      if (this.slack[first] < far || seen[first] === 1 || this.taken[first] === 1) continue;
      const end = this.consider(first, far);
      for (let at = first; at >= nodes && at !== end; at = this.next[at]) seen[at] = 1;
    }
  }

  /** Looks at the piece from `first` down, as far as all of it may move by `far`; tells where it ends. */
  private consider(first: i32, far: f64): i32 {
    const nodes = this.drawing.nodes;
    const below = this.drawing.below;
    const lower = this.drawing.lower;
    const above = this.drawing.upper[this.drawing.into[first]];
    // A node in line with a lane comes along.
    const cutAbove = this.previous[first] >= nodes;
    // How many level lines get longer when the piece moves, less those that get shorter.
    let longer: i32 = cutAbove ? this.step(above) : this.previous[first] < 0 && above < nodes ? this.towards(first, above) : 0;
    let room: f64 = Infinity;
    let ranks: i32 = 0;
    let vertex = first;
    for (; vertex >= nodes && this.taken[vertex] === 0 && this.slack[vertex] >= far; vertex = this.next[vertex]) {
      room = Math.min(room, this.slack[vertex]);
      ranks++;
      for (let k = below.start[vertex]; k < below.start[vertex + 1]; k++) {
        const to = lower[below.list[k]];
        if (to < nodes && to !== this.next[vertex]) longer += this.towards(first, to);
      }
    }
    const cutBelow = vertex >= nodes;
    if (cutBelow) longer += this.step(vertex);
    if (!(cutAbove || cutBelow) || room * (RANK * (ranks as f64) - (longer as f64)) < WORTH) return vertex;
    if (cutAbove) this.begins[this.begun++] = first;
    if (cutBelow) this.begins[this.begun++] = vertex;
    for (let at = first; at !== vertex; at = this.next[at]) this.taken[at] = 1;
    this.heads[this.pieces++] = first;
    return vertex;
  }

  /** -1 where the piece that comes next has gone closer already: the step between them gets shorter. */
  private step(bend: i32): i32 {
    return this.taken[bend] === 1 ? -1 : 1;
  }

  /** -1 where a bend that goes inwards comes closer to the node, 1 where it goes away. */
  private towards(bend: i32, node: i32): i32 {
    const middle = this.standing.middle;
    return middle[node] < middle[bend] === middle[bend] > this.standing.centre ? -1 : 1;
  }

  /**
   * Slack: how much closer to the main path each bend could stand if all other bends of its rank did,
   * too, while nodes stay; but no closer than the end of its tensor that is nearest: its home.
   */
  private measure(): void {
    const middle = this.standing.middle;
    const centre = this.standing.centre;
    const drawing = this.drawing;
    const row = drawing.row;
    const leftmost = this.ends(true);
    const rightmost = this.ends(false);
    for (let rank = 0; rank + 1 < drawing.rowStart.length; rank++) {
      const start = drawing.rowStart[rank];
      const stop = drawing.rowStart[rank + 1];
      let first = start;
      while (first < stop && middle[row[first]] < centre) first++;
      let end = first;
      while (end < stop && middle[row[end]] === centre) end++;
      let from = centre;
      for (let k = end; k < stop; k++) {
        const vertex = row[k];
        const least = k === first ? centre : from + drawing.apart(row[k - 1], vertex);
        from = middle[vertex];
        if (vertex < drawing.nodes) continue;
        const home = leftmost[drawing.net[drawing.into[vertex]]];
        from = Math.min(from, Math.max(Math.max(centre, least), middle[home]));
        this.home[vertex] = home;
        this.slack[vertex] = middle[vertex] - from;
      }
      from = centre;
      for (let k = first - 1; k >= start; k--) {
        const vertex = row[k];
        const most = k === end - 1 ? centre : from - drawing.apart(vertex, row[k + 1]);
        from = middle[vertex];
        if (vertex < drawing.nodes) continue;
        const home = rightmost[drawing.net[drawing.into[vertex]]];
        from = Math.max(from, Math.min(Math.min(centre, most), middle[home]));
        this.home[vertex] = home;
        this.slack[vertex] = from - middle[vertex];
      }
    }
  }

  /** By tensor: the leftmost or the rightmost of the nodes that it joins. */
  private ends(left: bool): Int32Array {
    const middle = this.standing.middle;
    const net = this.drawing.net;
    const found = new Int32Array(net.length).fill(-1);
    for (let at = 0; at < 2 * net.length; at++) {
      const segment = at >> 1;
      const node = (at & 1) === 0 ? this.drawing.upper[segment] : this.drawing.lower[segment];
      if (node >= this.drawing.nodes) continue;
      const old = found[net[segment]];
      if (old < 0 || (left ? middle[node] < middle[old] : middle[node] > middle[old])) found[net[segment]] = node;
    }
    return found;
  }
}
