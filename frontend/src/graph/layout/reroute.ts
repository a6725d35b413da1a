// Fewer crossings by whole lines: each is taken out and put back on the way where it crosses least.
import type { Proper } from './proper';
import { GAP } from './types';

/** Of ways that cross as little, the one that moves least: what a vertex' move by one place costs. */
const MOVE = 1e-6;
/** A way that saves less than this stays as it is: less than one misordered input. */
const LEAST = 0.05;

/**
 * The slots of a row are the places between its other vertices: slot `p` of a vertex is left of the
 * other vertex number `p`. All that a line does not own stays in its order, so its best way is a
 * shortest path through the slots of its ranks. A state costs what the vertex' other segments
 * cross; a step, what the line's own segment crosses.
 */
export class Rerouter {
  // Made once: arrays for each line and rank would cost more than what is done with them.
  /** Where each rank's slots begin in `cost` and `from`. */
  private readonly first: Uint32Array;
  private readonly cost: Float64Array;
  private readonly from: Int32Array;
  /** Segments that end at each slot of the lower row, by the side on which they begin. */
  private readonly left: Float64Array;
  private readonly right: Float64Array;
  private readonly best: Float64Array;
  /** Which line a vertex was last part of: a new number for every line. */
  private readonly owner: Int32Array;
  private line = 0;
  /** Slots looked at so far. */
  spent = 0;

  constructor(
    private readonly graph: Proper,
    private readonly rows: readonly Uint32Array[],
    private readonly place: Uint32Array,
    /** What it costs to have two inputs of a node in the wrong order, in crossings. */
    private readonly misorder: number,
  ) {
    let widest = 0;
    this.first = new Uint32Array(rows.length + 1);
    for (let rank = 0; rank < rows.length; rank++) {
      widest = Math.max(widest, rows[rank].length);
      this.first[rank + 1] = this.first[rank] + rows[rank].length;
    }
    this.cost = new Float64Array(graph.vertices);
    this.from = new Int32Array(graph.vertices);
    this.left = new Float64Array(widest);
    this.right = new Float64Array(widest);
    this.best = new Float64Array(widest);
    this.owner = new Int32Array(graph.vertices).fill(-1);
  }

  /**
   * Puts the line `list[begin .. end)`, vertices of consecutive ranks, where it crosses least. True
   * where it moved.
   */
  put(list: Uint32Array, begin: number, end: number): boolean {
    const { graph, rows, place, owner, first, cost, from } = this;
    this.line++;
    for (let at = begin; at < end; at++) owner[list[at]] = this.line;
    const top = graph.rank[list[begin]];
    let limit = -LEAST; // what the line crosses as it is
    for (let at = begin; at < end; at++) {
      const rank = top + at - begin;
      const least = this.stand(list[at], rank);
      limit += cost[first[rank] + place[list[at]]];
      // What the ranks further down cost at least, a way cannot save.
      if (at > begin) limit += this.stepNow(list[at - 1], list[at], rows[rank - 1]) - least;
    }
    if (limit < 0) return false;
    for (let at = begin + 1; at < end; at++) {
      const passed = this.step(list[at - 1], list[at], top + at - begin - 1, limit);
      if (passed < 0) return false;
      limit += passed;
    }
    const bottom = top + end - begin - 1;
    let to = 0;
    for (let slot = 1; slot < rows[bottom].length; slot++) {
      if (cost[first[bottom] + slot] < cost[first[bottom] + to]) to = slot;
    }
    if (cost[first[bottom] + to] >= limit) return false;
    for (let at = end - 1; at >= begin; at--) {
      const rank = top + at - begin;
      const back = from[first[rank] + to];
      this.move(list[at], rows[rank], to);
      to = back;
    }
    return true;
  }

  private move(vertex: number, row: Uint32Array, to: number): void {
    const { place } = this;
    const old = place[vertex];
    if (to < old) row.copyWithin(to + 1, to, old);
    else row.copyWithin(old, old + 1, to + 1);
    row[to] = vertex;
    for (let at = Math.min(to, old); at <= Math.max(to, old); at++) place[row[at]] = at;
  }

  /** By slot: what the segments of `vertex` cost that are not the line's own. Tells the least. */
  private stand(vertex: number, rank: number): number {
    const { graph, rows, place, owner, line, cost } = this;
    const { above, below, upper, lower } = graph;
    const row = rows[rank];
    const base = this.first[rank];
    const own = place[vertex];
    for (let slot = 0; slot < row.length; slot++) cost[base + slot] = MOVE * Math.abs(slot - own);
    this.spent += row.length;
    let beside = false;
    for (let k = above.start[vertex]; k < above.start[vertex + 1]; k++) {
      const segment = above.list[k];
      if (owner[upper[segment]] === line) continue;
      this.cross(vertex, segment, row, above, upper, base);
      beside = true;
    }
    for (let k = below.start[vertex]; k < below.start[vertex + 1]; k++) {
      const segment = below.list[k];
      if (lower[segment] < graph.nodes && this.turn(vertex, segment, row.length, base)) beside = true;
      if (owner[lower[segment]] === line) continue;
      this.cross(vertex, segment, row, below, lower, base);
      beside = true;
    }
    if (!beside) return 0;
    let least = Infinity;
    for (let slot = base; slot < base + row.length; slot++) if (cost[slot] < least) least = cost[slot];
    return least;
  }

  /** Adds by slot what a segment of `vertex` to a fixed end crosses. */
  private cross(
    vertex: number,
    segment: number,
    row: Uint32Array,
    links: Proper['above'],
    far: Uint32Array,
    base: number,
  ): void {
    const { graph: { load }, place, owner, line, cost } = this;
    const { start, list } = links;
    const end = place[far[segment]];
    this.spent += row.length;
    let sum = 0; // with all others on the right: those that end on the left
    for (let at = 0; at < row.length; at++) {
      if (row[at] === vertex) continue;
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const other = list[k];
        if (place[far[other]] < end && owner[far[other]] !== line) sum += load[other];
      }
    }
    for (let at = 0, slot = 0; ; at++) {
      cost[base + slot++] += sum * load[segment];
      if (slot === row.length) return;
      if (row[at] === vertex) at++;
      for (let k = start[row[at]]; k < start[row[at] + 1]; k++) {
        const other = list[k];
        if (owner[far[other]] === line) continue;
        if (place[far[other]] < end) sum -= load[other];
        else if (place[far[other]] > end) sum += load[other];
      }
    }
  }

  /** Adds by slot what it costs to stand on the wrong side of the other inputs of a node. */
  private turn(vertex: number, segment: number, width: number, base: number): boolean {
    const { graph: { above, upper, lower, port }, cost } = this;
    const node = lower[segment];
    const inputs = above.start[node + 1] - above.start[node];
    if (inputs < 2 || inputs > GAP.bundle) return false;
    for (let k = above.start[node]; k < above.start[node + 1]; k++) {
      const other = above.list[k];
      if (upper[other] === vertex || port[other] === port[segment]) continue;
      const at = this.slotOf(upper[other], vertex);
      const before = port[segment] < port[other];
      for (let slot = before ? at + 1 : 0; slot < (before ? width : at + 1); slot++) cost[base + slot] += this.misorder;
    }
    return true;
  }

  /** Number of `other` among those that stay when `vertex` is taken out of their row. */
  private slotOf(other: number, vertex: number): number {
    const { place } = this;
    return place[other] > place[vertex] ? place[other] - 1 : place[other];
  }

  /** What the line's segment from `a` down to `b` crosses as it is. */
  private stepNow(a: number, b: number, row: Uint32Array): number {
    const { graph: { below, lower, load }, place } = this;
    this.spent += row.length;
    let own = 0;
    let sum = 0;
    let beside = 0; // segments of others into `b`: those of `a` cross them
    for (let at = 0; at < row.length; at++) {
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const segment = below.list[k];
        const to = lower[segment];
        if (row[at] === a) {
          if (to === b) own += load[segment];
        } else if (to === b) beside++;
        else if (place[to] < place[b] !== at < place[a]) sum += load[segment];
      }
    }
    const pairs = beside > 0 ? this.besides(a, b) : null;
    return own * sum + (pairs === null ? 0 : crossed(pairs, place[a], place[b]));
  }

  /**
   * Adds the cheapest way down to every slot of `b`, from the rank of `a`; tells how much of the
   * cost at `b` no slot is spared, or -1 where every way is too dear.
   */
  private step(a: number, b: number, rank: number, limit: number): number {
    const { graph: { below, lower, load }, rows, cost, from, first, left, right, best } = this;
    const row = rows[rank];
    const width = rows[rank + 1].length;
    const base = first[rank];
    const next = first[rank + 1];
    for (let to = 0; to < width; to++) {
      left[to] = right[to] = 0;
      best[to] = Infinity;
    }
    let own = 0;
    for (let at = 0; at < row.length; at++) {
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const segment = below.list[k];
        if (row[at] !== a && lower[segment] !== b) right[this.slotOf(lower[segment], b)] += load[segment];
        else if (row[at] === a && lower[segment] === b) own += load[segment];
      }
    }
    const pairs = this.besides(a, b);
    let all = 0; // load of the segments that begin on the left
    let open = false;
    for (let slot = 0, at = 0; ; slot++, at++) {
      const before = cost[base + slot];
      if (before < limit) {
        open = true;
        this.spent += width;
        let sum = all;
        for (let to = 0; to < width; to++) {
          let way = before + own * sum;
          sum += right[to] - left[to];
          if (way >= best[to]) continue;
          if (pairs !== null) {
            way += crossed(pairs, slot, to);
            if (way >= best[to]) continue;
          }
          best[to] = way;
          from[next + to] = slot;
        }
      }
      if (slot === row.length - 1) break;
      if (row[at] === a) at++;
      for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
        const segment = below.list[k];
        if (lower[segment] === b) continue;
        const to = this.slotOf(lower[segment], b);
        left[to] += load[segment];
        right[to] -= load[segment];
        all += load[segment];
      }
    }
    if (!open) return -1;
    let least = Infinity;
    for (let to = 0; to < width; to++) {
      if (cost[next + to] < least) least = cost[next + to];
      cost[next + to] += best[to];
    }
    return least;
  }

  /** Slots and loads of what comes into `b` beside the line, and of what leaves `a` beside it. */
  private besides(a: number, b: number): Besides | null {
    const { graph: { above, below, upper, lower, load } } = this;
    if (above.start[b + 1] - above.start[b] < 2 || below.start[a + 1] - below.start[a] < 2) return null;
    const into: number[] = [];
    const out: number[] = [];
    for (let k = above.start[b]; k < above.start[b + 1]; k++) {
      const segment = above.list[k];
      if (upper[segment] !== a) into.push(this.slotOf(upper[segment], a), load[segment]);
    }
    if (into.length === 0) return null;
    for (let k = below.start[a]; k < below.start[a + 1]; k++) {
      const segment = below.list[k];
      if (lower[segment] !== b) out.push(this.slotOf(lower[segment], b), load[segment]);
    }
    return out.length === 0 ? null : { into, out };
  }
}

interface Besides {
  readonly into: readonly number[];
  readonly out: readonly number[];
}

/** Crossings of segments into the lower vertex with those out of the upper one, by their slots. */
function crossed({ into, out }: Besides, upper: number, lower: number): number {
  let sum = 0;
  for (let i = 0; i < into.length; i += 2) {
    for (let o = 0; o < out.length; o += 2) {
      if (upper <= into[i] !== out[o] < lower) sum += into[i + 1] * out[o + 1];
    }
  }
  return sum;
}
