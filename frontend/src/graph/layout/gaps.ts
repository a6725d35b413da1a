// The space between two ranks: level runs of edges on tracks, so that no two lie on each other.
import type { Order } from './order';
import type { Ports } from './ports';
import type { Proper } from './proper';
import { GAP } from './types';

/** All segments of one tensor in one gap: down from `exit`, level, down to each entry. */
interface Run {
  readonly segments: number[];
  readonly exit: number;
  readonly entries: number[];
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

export function spaceGaps(graph: Proper, order: Order, ports: Ports): Gaps {
  const height = new Float64Array(graph.ranks).fill(GAP.rank);
  const level = new Float64Array(graph.upper.length).fill(-1);
  order.rows.forEach((row, rank) => {
    const runs = findRuns(graph, ports, row);
    const tracks = runs.length <= EXACT ? weighed(runs) : firstFit(runs);
    let count = 0;
    for (const track of tracks) count = Math.max(count, track + 1);
    if (count === 0) return;
    const pitch = Math.min(PITCH, MOST / count);
    height[rank] = Math.max(GAP.rank, Math.ceil(ABOVE + (count - 1) * pitch + BELOW));
    runs.forEach((run, at) => {
      for (const segment of run.segments) {
        if (Math.abs(ports.exit[segment] - ports.entry[segment]) < 0.5) continue;
        level[segment] = ABOVE + tracks[at] * pitch;
      }
    });
  });
  return { height, level };
}

function findRuns(graph: Proper, ports: Ports, row: Uint32Array): Run[] {
  const runs: Run[] = [];
  for (const vertex of row) {
    const byNet = new Map<number, number[]>();
    for (let k = graph.below.start[vertex]; k < graph.below.start[vertex + 1]; k++) {
      const segment = graph.below.list[k];
      const members = byNet.get(graph.net[segment]);
      if (members === undefined) byNet.set(graph.net[segment], [segment]);
      else members.push(segment);
    }
    for (const segments of byNet.values()) {
      const exit = ports.exit[segments[0]];
      const entries = segments.map((segment) => ports.entry[segment]);
      if (entries.every((entry) => Math.abs(entry - exit) < 0.5)) continue;
      runs.push({
        segments,
        exit,
        entries,
        low: Math.min(exit, ...entries),
        high: Math.max(exit, ...entries),
      });
    }
  }
  return runs;
}

function overlap(a: Run, b: Run): boolean {
  return a.low < b.high + NEAR && b.low < a.high + NEAR;
}

/** Crossings when run `a` lies above `b`; lines that would lie on each other count much more. */
function cost(a: Run, b: Run): number {
  let sum = b.exit > a.low && b.exit < a.high ? 1 : 0;
  for (const entry of a.entries) {
    if (entry > b.low && entry < b.high) sum++;
    if (Math.abs(entry - b.exit) < NEAR) sum += 8;
  }
  return sum;
}

/** Order by how many other runs each one would rather be above, then the highest free track. */
function weighed(runs: readonly Run[]): number[] {
  const score = new Float64Array(runs.length);
  for (let a = 0; a < runs.length; a++) {
    for (let b = a + 1; b < runs.length; b++) {
      if (!overlap(runs[a], runs[b])) continue;
      const gain = Math.sign(cost(runs[b], runs[a]) - cost(runs[a], runs[b]));
      score[a] += gain;
      score[b] -= gain;
    }
  }
  const order = runs.map((_, at) => at);
  order.sort((a, b) => score[b] - score[a] || runs[a].low - runs[b].low || a - b);
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

/** Left to right, each run on the first track that is free there. */
function firstFit(runs: readonly Run[]): number[] {
  const order = runs.map((_, at) => at);
  order.sort((a, b) => runs[a].low - runs[b].low || a - b);
  const free: number[] = [];
  const tracks = runs.map(() => 0);
  for (const at of order) {
    let track = free.findIndex((end) => end + NEAR < runs[at].low);
    if (track < 0) track = free.length;
    free[track] = runs[at].high;
    tracks[at] = track;
  }
  return tracks;
}
