// The space between two ranks: level runs of edges on tracks, so that no two lie on each other.
import type { Order } from './order';
import type { Ports } from './ports';
import type { Proper } from './proper';

/**
 * What shares one level line in a gap: the segments of one tensor, from one exit to its entries, or
 * a bundle of many tensors into one node.
 */
interface Run {
  readonly segments: number[];
  /** X of each segment at its upper and lower end, and how many edges it carries. */
  readonly exits: Float64Array;
  readonly entries: Float64Array;
  readonly load: Float64Array;
  readonly low: number;
  readonly high: number;
}

export interface Gaps {
  /** Height of the gap below each rank, px. */
  readonly height: Float64Array;
  /** Distance of each segment's level run from the top of its gap, px; -1 where it is straight. */
  readonly level: Float64Array;
}

const ABOVE = 20; // room for the tensor's shape, right of its line, before anything turns
const BELOW = 17; // room for corner and arrowhead over the lower node
const PITCH = 7;
const MOST = 132; // height of all tracks together, px: beyond, they move closer
const NEAR = 5; // runs closer than this, end to end, take different tracks
const EXACT = 240; // more runs than this in one gap are placed without weighing pairs
const DENSE = 3000; // nor where they have more segments together: the pairs grow with the square
const PASSES = 4;

export function spaceGaps(graph: Proper, order: Pick<Order, 'rows'>, ports: Ports, least: number): Gaps {
  const height = new Float64Array(graph.ranks).fill(least);
  const level = new Float64Array(graph.upper.length).fill(-1);
  order.rows.forEach((row, rank) => {
    const runs = findRuns(graph, ports, row);
    if (runs.length === 0) return;
    const tracks = trackOf(runs, stack(runs));
    let count = 0;
    for (const track of tracks) count = Math.max(count, track + 1);
    const pitch = Math.min(PITCH, MOST / count);
    height[rank] = Math.max(least, Math.ceil(ABOVE + (count - 1) * pitch + BELOW));
    runs.forEach((run, at) => {
      for (const segment of run.segments) {
        if (!isStraight(ports, segment)) level[segment] = ABOVE + tracks[at] * pitch;
      }
    });
  });
  return { height, level };
}

function findRuns(graph: Proper, ports: Ports, row: Uint32Array): Run[] {
  if (isBare(graph, ports, row)) return [];
  const segments: number[] = [];
  const sizes = new Map<number, number>();
  for (let at = 0; at < row.length; at++) {
    for (let k = graph.below.start[row[at]]; k < graph.below.start[row[at] + 1]; k++) {
      const segment = graph.below.list[k];
      segments.push(segment);
      sizes.set(graph.net[segment], (sizes.get(graph.net[segment]) ?? 0) + 1);
    }
  }
  const groups = new Map<string | number, number[]>();
  for (let at = 0; at < segments.length; at++) {
    const segment = segments[at];
    const to = graph.lower[segment];
    const alone = sizes.get(graph.net[segment]) === 1;
    const bundled = alone && to < graph.nodes && ports.bundled[to] === 1;
    const key = bundled ? `${to}@${ports.entry[segment]}` : graph.net[segment];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [segment]);
    else group.push(segment);
  }
  const runs: Run[] = [];
  for (const group of groups.values()) {
    if (group.every((segment) => isStraight(ports, segment))) continue;
    const exits = new Float64Array(group.length);
    const entries = new Float64Array(group.length);
    const load = new Float64Array(group.length);
    let low = Infinity;
    let high = -Infinity;
    for (let at = 0; at < group.length; at++) {
      exits[at] = ports.exit[group[at]];
      entries[at] = ports.entry[group[at]];
      load[at] = graph.load[group[at]];
      low = Math.min(low, exits[at], entries[at]);
      high = Math.max(high, exits[at], entries[at]);
    }
    runs.push({ segments: group, exits, entries, load, low, high });
  }
  return runs;
}

/** True where every edge below the rank goes straight down: most ranks of a long graph. */
function isBare({ below }: Proper, ports: Ports, row: Uint32Array): boolean {
  for (let at = 0; at < row.length; at++) {
    for (let k = below.start[row[at]]; k < below.start[row[at] + 1]; k++) {
      if (!isStraight(ports, below.list[k])) return false;
    }
  }
  return true;
}

function isStraight(ports: Ports, segment: number): boolean {
  return Math.abs(ports.exit[segment] - ports.entry[segment]) < 0.5;
}

function overlap(a: Run, b: Run): boolean {
  return a.low < b.high + NEAR && b.low < a.high + NEAR;
}

/** Crossings when run `a` lies above `b`; lines that would lie on each other count much more. */
function cost(a: Run, b: Run): number {
  let sum = 0;
  for (let i = 0; i < a.exits.length; i++) {
    const exit = a.exits[i];
    const entry = a.entries[i];
    for (let j = 0; j < b.exits.length; j++) {
      const other = b.exits[j];
      const end = b.entries[j];
      const weight = a.load[i] * b.load[j];
      // What leaves for the lower run passes the upper one, what enters from the upper one the lower.
      if ((other > exit && other < entry) || (other < exit && other > entry)) sum += weight;
      if ((entry > other && entry < end) || (entry < other && entry > end)) sum += weight;
      if (Math.abs(entry - other) < NEAR) sum += 8;
    }
  }
  return sum;
}

/**
 * The runs from the highest to the lowest level, so that few lines cross. Where each goes from one
 * exit to one entry, the start is already best: of those that go right, the rightmost is highest, of
 * those that go left, the leftmost. Trunks that branch are then sifted: each run in turn goes to
 * where it costs least.
 */
function stack(runs: readonly Run[]): number[] {
  const order = runs.map((_, at) => at);
  if (runs.length < 2) return order;
  const lean = runs.map(({ exits, entries }) => mean(entries) - mean(exits));
  const key = runs.map(({ exits }, at) => (lean[at] > 0 ? -mean(exits) : mean(exits)));
  order.sort((a, b) => Number(lean[a] > 0) - Number(lean[b] > 0) || key[a] - key[b] || a - b);
  if (runs.length > EXACT || runs.reduce((sum, { segments }) => sum + segments.length, 0) > DENSE) return order;
  // What it costs more to have the second run above the first than the other way round.
  const gain = runs.map(() => new Float64Array(runs.length));
  for (let a = 0; a < runs.length; a++) {
    for (let b = 0; b < a; b++) {
      if (!overlap(runs[a], runs[b])) continue;
      gain[a][b] = cost(runs[b], runs[a]) - cost(runs[a], runs[b]);
      gain[b][a] = -gain[a][b];
    }
  }
  for (let pass = 0; pass < PASSES; pass++) {
    let moved = false;
    for (let run = 0; run < runs.length; run++) {
      const from = order.indexOf(run);
      let best = from;
      let least = 0;
      let sum = 0;
      for (let to = from - 1; to >= 0; to--) {
        sum += gain[order[to]][run];
        if (sum < least) {
          best = to;
          least = sum;
        }
      }
      sum = 0;
      for (let to = from + 1; to < order.length; to++) {
        sum += gain[run][order[to]];
        if (sum < least) {
          best = to;
          least = sum;
        }
      }
      if (best === from) continue;
      order.splice(from, 1);
      order.splice(best, 0, run);
      moved = true;
    }
    if (!moved) break;
  }
  return order;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Each run on the highest track below all earlier ones that it would touch. */
function trackOf(runs: readonly Run[], order: readonly number[]): number[] {
  const tracks = runs.map(() => 0);
  order.forEach((at, position) => {
    for (let k = 0; k < position; k++) {
      if (overlap(runs[at], runs[order[k]])) {
        tracks[at] = Math.max(tracks[at], tracks[order[k]] + 1);
      }
    }
  });
  return tracks;
}
