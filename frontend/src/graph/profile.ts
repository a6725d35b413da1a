// What stands where along a drawing: where it can be cut, and how wide it is there.
import type { Scene } from './scene';

/** What stands where along the drawing is kept for steps of this length, px: a gap holds several. */
export const STEP = 4;
/** Extents across are kept for slices of this many steps. */
const SLICE = 8;
/** A cut stays this far from a level run, px. */
const CLEAR = 2;

/** "Along" is the way the graph flows, "across" the other one: y and x of a drawing that goes down. */
export interface Profile {
  /** Number of steps. */
  readonly length: number;
  /** Nodes, stubs and level runs at each step; a cut needs 0. */
  readonly covered: Int32Array;
  /** Lines that pass each step. */
  readonly lines: Int32Array;
  /** Least and greatest place across, px, by slice. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export function profileOf(scene: Scene): Profile {
  const down = scene.direction === 'down';
  const length = Math.ceil((down ? scene.height : scene.width) / STEP) + 1;
  const covered = new Int32Array(length + 1);
  const lines = new Int32Array(length + 1);
  const slices = Math.ceil(length / SLICE) + 1;
  const low = new Float64Array(slices).fill(Infinity);
  const high = new Float64Array(slices).fill(-Infinity);
  const at = (along: number): number => Math.min(Math.max(Math.floor(along / STEP), 0), length);
  const span = (counts: Int32Array, from: number, to: number): void => {
    counts[at(from)]++;
    counts[Math.min(at(to) + 1, length)]--;
  };
  const reach = (from: number, to: number, left: number, right: number): void => {
    for (let slice = Math.floor(at(from) / SLICE); slice <= at(to) / SLICE; slice++) {
      if (left < low[slice]) low[slice] = left;
      if (right > high[slice]) high[slice] = right;
    }
  };
  const boxes = (count: number, x: Float32Array, y: Float32Array, w: Float32Array, h: Float32Array): void => {
    const [across, along, width, depth] = down ? [x, y, w, h] : [y, x, h, w];
    for (let box = 0; box < count; box++) {
      span(covered, along[box], along[box] + depth[box]);
      reach(along[box], along[box] + depth[box], across[box], across[box] + width[box]);
    }
  };
  const wires = (start: Uint32Array, points: Float32Array): void => {
    const [a, b] = down ? [0, 1] : [1, 0];
    for (let wire = 0; wire + 1 < start.length; wire++) {
      for (let point = 2 * start[wire]; point + 2 < 2 * start[wire + 1]; point += 2) {
        const from = Math.min(points[point + b], points[point + 2 + b]);
        const to = Math.max(points[point + b], points[point + 2 + b]);
        const left = Math.min(points[point + a], points[point + 2 + a]);
        const right = Math.max(points[point + a], points[point + 2 + a]);
        if (left === right) span(lines, from, to);
        else span(covered, from - CLEAR, to + CLEAR);
        reach(from, to, left, right);
      }
    }
  };
  boxes(scene.count, scene.x, scene.y, scene.nodeWidth, scene.nodeHeight);
  const { stubs } = scene;
  boxes(stubs.count, stubs.x, stubs.y, stubs.width, stubs.height);
  wires(scene.start, scene.points);
  wires(stubs.start, stubs.points);
  for (let step = 1; step <= length; step++) {
    covered[step] += covered[step - 1];
    lines[step] += lines[step - 1];
  }
  return { length, covered, lines, low, high };
}

/** Least and greatest place across of what stands between two steps; Infinity, -Infinity for nothing. */
export function extent({ low, high }: Profile, from: number, to: number): [left: number, right: number] {
  let left = Infinity;
  let right = -Infinity;
  const last = Math.min(Math.floor(to / SLICE), low.length - 1);
  for (let slice = Math.floor(from / SLICE); slice <= last; slice++) {
    if (low[slice] < left) left = low[slice];
    if (high[slice] > right) right = high[slice];
  }
  return [left, right];
}

/** Mean width of the drawing, px. */
export function meanWidth({ low, high }: Profile): number {
  let sum = 0;
  let slices = 0;
  for (let slice = 0; slice < low.length; slice++) {
    if (low[slice] > high[slice]) continue;
    sum += high[slice] - low[slice];
    slices++;
  }
  return slices === 0 ? 0 : sum / slices;
}
