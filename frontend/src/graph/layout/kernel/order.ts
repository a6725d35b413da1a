// The order within each rank: barycentre sweeps, then whole lines on their best way.
import { crossings } from './crossings';
import { chains, covers } from './lines';
import { Fan, Net } from './net';
import { Rerouter } from './reroute';
import { Sweeper } from './sweep';
import { findTangled, misorders } from './turns';

/**
 * How often the barycentres are taken before lines are moved, and what two inputs of a node in the
 * wrong order cost, in crossings: as much as it takes to turn them right above the node.
 */
const FIRST_SWEEPS: i32 = 2;
const FIRST_MISORDER: f64 = 1;
/** Where nearly nothing crosses, without crossings comes before in order: without sweeps, too. */
const SECOND_MISORDER: f64 = 0.3;
/** No more crossings than this may all be avoidable: then the second attempt is made too. */
const FEW: f64 = 10;
/** Slots that moving lines may look at: beyond, what is left stays as it is. */
const EFFORT: i32 = 10_000_000;
/** Where the first lines stay as they are, others are tried only if that was this cheap. */
const CHEAP: i32 = 100_000;

/** An order from one start: rows that are parts of one array, rank after rank. */
class Attempt {
  row: Int32Array;
  rows: Int32Array[];
  place: Int32Array;
  crossed: f64 = 0;

  constructor(
    private net: Net,
    private pairs: Int32Array,
    start: Int32Array,
    rowStart: Int32Array,
  ) {
    const row = start.slice();
    const rows: Int32Array[] = [];
    const place = new Int32Array(start.length);
    for (let rank = 0; rank + 1 < rowStart.length; rank++) {
      const own = row.subarray(rowStart[rank], rowStart[rank + 1]);
      for (let at = 0; at < own.length; at++) place[own[at]] = at;
      rows.push(own);
    }
    this.row = row;
    this.rows = rows;
    this.place = place;
  }

  /** Crossings, and misordered inputs as the second attempt weighs them. */
  run(sweeps: i32, misorder: f64): f64 {
    const sweeper = new Sweeper(this.net, this.rows, this.place);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      sweeper.sweep(true);
      sweeper.sweep(false);
    }
    this.untangle(misorder);
    this.crossed = crossings(this.net, this.rows, this.place);
    return this.crossed + SECOND_MISORDER * (misorders(this.pairs, this.net.upper, this.place) as f64);
  }

  /** Moves lines that cross others: first long edges and chains, then every vertex with its like. */
  private untangle(misorder: f64): void {
    const rerouter = new Rerouter(this.net, this.rows, this.place, misorder);
    const moved = this.pass(rerouter, chains(this.net, this.rows));
    if (moved || rerouter.spent < CHEAP) {
      this.pass(rerouter, covers(this.net, this.rows, this.place, false));
      this.pass(rerouter, covers(this.net, this.rows, this.place, true));
    }
  }

  private pass(rerouter: Rerouter, lines: Fan): bool {
    const start = lines.start;
    const list = lines.list;
    const tangled = findTangled(this.net, this.rows, this.place, this.pairs);
    let moved = false;
    for (let line = 0; line + 1 < start.length; line++) {
      if (rerouter.spent > EFFORT) return false;
      let at = start[line];
      while (at < start[line + 1] && tangled[list[at]] === 0) at++;
      if (at < start[line + 1] && rerouter.put(list, start[line], start[line + 1])) moved = true;
    }
    return moved;
  }
}

/**
 * Makes a good order of a start. Returns its number of crossings, each edge of a trunk counted.
 *
 * row: the vertices, rank after rank; the best order afterwards. rowStart: where each rank begins.
 * pairs: as in `misorders`. The others as in `Net`.
 */
export function orderRows(
  row: Int32Array,
  rowStart: Int32Array,
  pairs: Int32Array,
  nodes: i32,
  bundle: i32,
  rank: Int32Array,
  upper: Int32Array,
  lower: Int32Array,
  load: Float64Array,
  port: Int32Array,
  aboveStart: Int32Array,
  aboveList: Int32Array,
  belowStart: Int32Array,
  belowList: Int32Array,
): f64 {
  const net = new Net(
    nodes,
    row.length,
    bundle,
    rank,
    upper,
    lower,
    load,
    port,
    new Fan(aboveStart, aboveList),
    new Fan(belowStart, belowList),
  );
  let kept = new Attempt(net, pairs, row, rowStart);
  const best = kept.run(FIRST_SWEEPS, FIRST_MISORDER);
  if (best > 0 && best <= FEW) {
    const second = new Attempt(net, pairs, row, rowStart);
    const score = second.run(0, SECOND_MISORDER);
    // A drawing without any crossing is worth inputs out of order; one crossing less is not.
    if (score < best && (second.crossed === 0 || second.crossed >= kept.crossed)) kept = second;
  }
  row.set(kept.row);
  return kept.crossed;
}
