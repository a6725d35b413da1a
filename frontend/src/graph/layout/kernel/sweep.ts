// Barycentre sweeps: every vertex goes to the mean of its neighbours in the rank before.
import { Net } from './net';
import { sortBy } from './sort';

/** Sweeps over all ranks, down or up. */
export class Sweeper {
  private centre: Float64Array;
  private free: Int32Array;
  private spare: Int32Array;

  constructor(
    private net: Net,
    private rows: Int32Array[],
    private place: Int32Array,
  ) {
    this.centre = new Float64Array(net.vertices);
    this.free = new Int32Array(net.vertices);
    this.spare = new Int32Array(net.vertices);
  }

  sweep(down: bool): void {
    const links = down ? this.net.above : this.net.below;
    const ends = down ? this.net.upper : this.net.lower;
    const start = links.start;
    const list = links.list;
    const load = this.net.load;
    const place = this.place;
    const ranks = this.rows.length;
    for (let step = 1; step < ranks; step++) {
      const row = this.rows[down ? step : ranks - 1 - step];
      if (row.length < 2) continue;
      for (let at = 0; at < row.length; at++) {
        const vertex = row[at];
        const end = start[vertex + 1];
        let sum: f64 = 0;
        let weight: f64 = 0;
        for (let k = start[vertex]; k < end; k++) {
          const segment = list[k];
          sum += load[segment] * (place[ends[segment]] as f64);
          weight += load[segment];
        }
        this.centre[vertex] = end > start[vertex] ? sum / weight : -1;
      }
      this.arrange(row);
      for (let at = 0; at < row.length; at++) place[row[at]] = at;
    }
  }

  /** Sorts by `centre`, stable; vertices with a centre below 0 keep the place they have. */
  private arrange(row: Int32Array): void {
    const centre = this.centre;
    const free = this.free;
    let count: i32 = 0;
    let sorted = true;
    let last: f64 = -1;
    for (let at = 0; at < row.length; at++) {
      const own = centre[row[at]];
      if (own < 0) continue;
      if (own < last) sorted = false;
      last = own;
      free[count++] = row[at];
    }
    if (sorted) return;
    sortBy(free, 0, count, centre, this.spare);
    let next: i32 = 0;
    for (let at = 0; at < row.length; at++) {
      if (centre[row[at]] >= 0) row[at] = free[next++];
    }
  }
}
