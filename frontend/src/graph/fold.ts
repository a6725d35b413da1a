// A long thin drawing cut into bands that stand side by side, so that the whole model fills a screen.
import type { Scene } from './scene';

/** "Along" is the way the graph flows, "across" the other one: y and x of a drawing that goes down. */
export interface Fold {
  readonly bands: number;
  /** Where each band begins along the flat drawing, px, and where the last one ends. */
  readonly cuts: Float64Array;
  /** What is added to the points of each band, px. */
  readonly across: Float64Array;
  readonly along: Float64Array;
  /** Place across of the line that leads to each band from the one before. */
  readonly lane: Float64Array;
  /** From a band's ends to the level run of that line, px. */
  readonly turn: number;
  /** Size of the folded drawing, px. */
  readonly wide: number;
  readonly deep: number;
}

/** Room on the screen, px. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Bands stand at least this far apart, px, or this share of their mean width. */
const GUTTER = 64;
const GUTTER_SHARE = 0.16;
/** Above and below the bands: room for the lines that join them. */
const MARGIN = 44;
const MARGIN_SHARE = 0.02;
/** No band is shorter, px: about six nodes. */
const SHORTEST = 400;
const MOST_BANDS = 64;
/** A band ends where few lines pass: one line less is worth this share of its length. */
const PER_LINE = 0.05;
const WINDOW = 0.3;
/** What stands where along the drawing is kept for steps of this length, px: a gap holds several. */
const STEP = 4;
/** Extents across are kept for slices of this many steps. */
const SLICE = 8;
/** A cut stays this far from a level run, px. */
const CLEAR = 2;

/**
 * The fold that shows the whole drawing largest in one of `rooms`; null where no fold shows it
 * larger. Bands end between nodes, where few lines pass.
 */
export function planFold(scene: Scene, rooms: readonly Room[]): Fold | null {
  const down = scene.direction === 'down';
  const profile = profileOf(scene);
  const most = Math.min(MOST_BANDS, Math.floor((profile.length * STEP) / SHORTEST));
  let best: Fold | null = null;
  let largest = zoomIn(scene.width, scene.height, rooms);
  const weigh = (bands: number): number => {
    const cuts = cutsOf(profile, bands);
    if (cuts === null) return 0;
    const fold = arrange(profile, cuts);
    const zoom = down ? zoomIn(fold.wide, fold.deep, rooms) : zoomIn(fold.deep, fold.wide, rooms);
    if (zoom > largest) [best, largest] = [fold, zoom];
    return zoom;
  };
  const pace = (bands: number): number => Math.max(1, Math.floor(bands / 8));
  for (let bands = 2; bands <= most; bands += pace(bands)) {
    // More bands only make it wider from there on.
    if (weigh(bands) < largest * 0.7 && best !== null) break;
  }
  const near = (best as Fold | null)?.bands;
  if (near === undefined) return null;
  const end = Math.min(near + pace(near) - 1, most);
  for (let bands = near - pace(near) + 1; bands <= end; bands++) if (bands !== near) weigh(bands);
  return best;
}

/** The greatest zoom at which a drawing is whole in one of the rooms. */
export function zoomIn(width: number, height: number, rooms: readonly Room[]): number {
  return rooms.reduce((most, room) => Math.max(most, Math.min(room.width / width, room.height / height)), 0);
}

/** What stands at each step along the drawing. */
interface Profile {
  /** Number of steps. */
  readonly length: number;
  /** Nodes, stubs and level runs; a cut needs 0. */
  readonly covered: Int32Array;
  /** Lines that pass. */
  readonly lines: Int32Array;
  /** Least and greatest place across, by slice. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function profileOf(scene: Scene): Profile {
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

/** Ends of bands of about equal length, in steps; null where there is no place for them. */
function cutsOf({ length, covered, lines }: Profile, bands: number): Float64Array | null {
  const cuts = new Float64Array(bands + 1);
  cuts[bands] = length;
  for (let band = 1; band < bands; band++) {
    const before = cuts[band - 1];
    const ideal = (length - before) / (bands - band + 1);
    let best = -1;
    let least = Infinity;
    const end = Math.min(before + (1 + WINDOW / 2) * ideal, length - 1);
    for (let at = Math.ceil(before + (1 - WINDOW) * ideal); at < end; at++) {
      if (covered[at] !== 0) continue;
      const cost = lines[at] * PER_LINE + Math.abs(at - before - ideal) / ideal;
      if (cost < least) [best, least] = [at, cost];
    }
    if (best < 0) return null;
    cuts[band] = best;
  }
  return cuts;
}

function arrange({ length, low, high }: Profile, ends: Float64Array): Fold {
  const bands = ends.length - 1;
  // In the middle of a free step, between two whole numbers: no point of a line lies on it.
  const cuts = ends.map((step, at) => step * STEP + (at > 0 && at < bands ? STEP / 2 + 0.5 : 0));
  const left = new Float64Array(bands).fill(Infinity);
  const right = new Float64Array(bands).fill(-Infinity);
  let total = 0;
  let longest = 0;
  for (let band = 0; band < bands; band++) {
    const last = Math.min(Math.floor(ends[band + 1] / SLICE), low.length - 1);
    for (let slice = Math.floor(ends[band] / SLICE); slice <= last; slice++) {
      left[band] = Math.min(left[band], low[slice]);
      right[band] = Math.max(right[band], high[slice]);
    }
    total += right[band] - left[band];
    longest = Math.max(longest, cuts[band + 1] - cuts[band]);
  }
  const gutter = Math.round(Math.max(GUTTER, (GUTTER_SHARE * total) / bands));
  const margin = Math.round(Math.max(MARGIN, (MARGIN_SHARE * length * STEP) / bands));
  const across = new Float64Array(bands);
  const along = new Float64Array(bands);
  const lane = new Float64Array(bands);
  let edge = 0;
  for (let band = 0; band < bands; band++) {
    across[band] = edge - left[band];
    along[band] = margin - cuts[band];
    lane[band] = edge - gutter / 2;
    edge += right[band] - left[band] + gutter;
  }
  return {
    bands, cuts, across, along, lane, turn: margin / 2, wide: edge - gutter, deep: longest + 2 * margin,
  };
}

/** The band of a place along the flat drawing. */
export function bandAt({ cuts, bands }: Fold, along: number): number {
  let [from, to] = [0, bands - 1];
  while (from < to) {
    const middle = (from + to + 1) >> 1;
    if (cuts[middle] <= along) from = middle;
    else to = middle - 1;
  }
  return from;
}

/** The band of a place across the folded drawing. */
export function bandOver({ lane, bands }: Fold, across: number): number {
  let band = 0;
  while (band + 1 < bands && lane[band + 1] <= across) band++;
  return band;
}
