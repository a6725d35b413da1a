// The folded drawing as a scene of its own: boxes, lines and indexes moved band by band.
import type { Point } from '../lib/geometry';
import { bandSearches } from './band-search';
import { bandAt, bandNear, bandOver, type Fold } from './fold';
import { openScene, type Scene } from './scene';

interface Wires {
  readonly start: Uint32Array;
  readonly points: Float32Array;
}

/** The scene of the same nodes and edges, wrapped; one line leads from each band to the next. */
export function foldScene(flat: Scene, fold: Fold): Scene {
  const down = flat.direction === 'down';
  const boxes = moveBoxes(flat.x, flat.y, flat.nodeWidth, flat.nodeHeight, fold, down);
  const stubBoxes = moveBoxes(flat.stubs.x, flat.stubs.y, flat.stubs.width, flat.stubs.height, fold, down);
  const [added, addedToStubs] = [addedPoints(flat, fold, down), addedPoints(flat.stubs, fold, down)];
  const passing = added.passing.map((places, band) => sorted([...places, ...addedToStubs.passing[band]]));
  const wires = moveWires(flat, fold, down, added, passing);
  const stubWires = moveWires(flat.stubs, fold, down, addedToStubs, passing);
  const join = flat.join.slice();
  flat.parent.forEach((parent, edge) => {
    if (parent < 0 || added.total[parent] === 0) return;
    const side = down ? 1 : 0;
    const [last, first] = [flat.start[parent] + join[edge] - 1, flat.start[edge]];
    // The trunk may go on to another band before this line leaves it.
    const further = bandAt(fold, flat.points[2 * last + side]) - bandAt(fold, flat.points[2 * first + side]);
    join[edge] += addedBefore(flat, fold, down, parent, join[edge]) + PER_CUT * Math.abs(further);
  });
  const labels = moveLabels(flat, fold, down);
  const stubs = { ...flat.stubs, ...stubBoxes, ...stubWires };
  const data = {
    ...flat,
    ...boxes,
    ...wires,
    ...labels,
    join,
    stubs,
    width: down ? fold.wide : fold.deep,
    height: down ? fold.deep : fold.wide,
    // Nothing is searched here that the flat drawing's trees do not know, see `bandSearches`.
    nodeIndex: null,
    edgeIndex: null,
    stubIndex: null,
  };
  const cut = { edges: gaining(added), stubs: gaining(addedToStubs) };
  return { ...openScene(data, bandSearches(flat, fold, data, cut)), wrapped: { flat, fold } };
}

/** A point of the flat drawing in the folded one. */
export function intoFold(fold: Fold, down: boolean, { x, y }: Point): Point {
  const band = bandAt(fold, down ? y : x);
  return down
    ? { x: x + fold.across[band], y: y + fold.along[band] }
    : { x: x + fold.along[band], y: y + fold.across[band] };
}

/** A point of the folded drawing in the flat one. */
export function outOfFold(fold: Fold, down: boolean, { x, y }: Point): Point {
  const band = bandOver(fold, down ? x : y);
  return down
    ? { x: x - fold.across[band], y: y - fold.along[band] }
    : { x: x - fold.along[band], y: y - fold.across[band] };
}

function moveBoxes(
  x: Float32Array,
  y: Float32Array,
  width: Float32Array,
  height: Float32Array,
  fold: Fold,
  down: boolean,
): { x: Float32Array; y: Float32Array } {
  const moved = { x: x.slice(), y: y.slice() };
  const [across, along, depth] = down ? [moved.x, moved.y, height] : [moved.y, moved.x, width];
  let band = 0;
  for (let box = 0; box < x.length; box++) {
    band = bandNear(fold, along[box] + depth[box] / 2, band);
    across[box] += fold.across[band];
    along[box] += fold.along[band];
  }
  return moved;
}

/** Where shapes stand moves with the band of its line. */
function moveLabels({ labelX, labelY }: Scene, fold: Fold, down: boolean): { labelX: Float32Array; labelY: Float32Array } {
  const moved = { labelX: labelX.slice(), labelY: labelY.slice() };
  const [across, along] = down ? [moved.labelX, moved.labelY] : [moved.labelY, moved.labelX];
  let band = 0;
  for (let edge = 0; edge < across.length; edge++) {
    if (Number.isNaN(along[edge])) continue;
    band = bandNear(fold, along[edge], band);
    across[edge] += fold.across[band];
    along[edge] += fold.along[band];
  }
  return moved;
}

/** Points that a line gains where it goes from one band into the next, or back. */
const PER_CUT = 4;

interface Added {
  /** By wire: how many points it gains; few wires cross a cut. */
  readonly total: Uint32Array;
  readonly sum: number;
  /** By the band after a cut: places across of the lines that cross it, px of the flat drawing. */
  readonly passing: readonly number[][];
}

function addedPoints({ start, points }: Wires, fold: Fold, down: boolean): Added {
  const total = new Uint32Array(Math.max(start.length - 1, 0));
  const passing = Array.from({ length: fold.bands }, (): number[] => []);
  const [a, b] = down ? [0, 1] : [1, 0];
  let sum = 0;
  let band = 0;
  for (let wire = 0; wire < total.length; wire++) {
    let cuts = 0;
    for (let at = start[wire]; at < start[wire + 1]; at++) {
      const next = bandNear(fold, points[2 * at + b], band);
      if (at > start[wire] && next !== band) {
        cuts += Math.abs(next - band);
        for (let lower = Math.min(band, next) + 1; lower <= Math.max(band, next); lower++) passing[lower].push(points[2 * at + a]);
      }
      band = next;
    }
    total[wire] = PER_CUT * cuts;
    sum += total[wire];
  }
  return { total, sum, passing };
}

/** The wires that lead over a gutter. */
function gaining({ total }: Added): number[] {
  const found: number[] = [];
  for (let wire = 0; wire < total.length; wire++) if (total[wire] > 0) found.push(wire);
  return found;
}

/** In rising order, each once. */
function sorted(places: readonly number[]): Float64Array {
  return Float64Array.from(new Set(places)).sort();
}

/** How many points a wire gains before the last of its first `count` points. */
function addedBefore({ start, points }: Wires, fold: Fold, down: boolean, wire: number, count: number): number {
  const side = down ? 1 : 0;
  let cuts = 0;
  for (let at = start[wire] + 1; at < start[wire] + count; at++) {
    cuts += Math.abs(bandAt(fold, points[2 * at - 2 + side]) - bandAt(fold, points[2 * at + side]));
  }
  return PER_CUT * cuts;
}

function moveWires(
  { start, points }: Wires,
  fold: Fold,
  down: boolean,
  added: Added,
  passing: readonly Float64Array[],
): { start: Uint32Array; points: Float32Array } {
  const moved = { start: new Uint32Array(start.length), points: new Float32Array(points.length + 2 * added.sum) };
  let end = 0;
  const put = (across: number, along: number): void => {
    moved.points[end] = down ? across : along;
    moved.points[end + 1] = down ? along : across;
    end += 2;
  };
  const [a, b] = down ? [0, 1] : [1, 0];
  let band = 0;
  for (let wire = 0; wire + 1 < start.length; wire++) {
    for (let at = 2 * start[wire]; at < 2 * start[wire + 1]; at += 2) {
      const next = bandNear(fold, points[at + b], band);
      if (at > 2 * start[wire] && next !== band) step(fold, points[at + a], band, next, passing, put);
      band = next;
      put(points[at + a] + fold.across[band], points[at + b] + fold.along[band]);
    }
    moved.start[wire + 1] = end / 2;
  }
  return moved;
}

/** Lines side by side on their way over a gutter are at most so far apart, px; together they take this share of it. */
const APART = 24;
const SHARE = 0.6;

/**
 * The way from one band's end over the gutter to the beginning of the next, for a line at `across`.
 * Each has a lane of its own: the further left a line, the deeper it leaves, the further right it
 * rises and the lower it enters. So none crosses another one.
 */
function step(
  fold: Fold,
  across: number,
  from: number,
  to: number,
  passing: readonly Float64Array[],
  put: (across: number, along: number) => void,
): void {
  const { cuts, along, lane, turn, gutter } = fold;
  const forth = to > from;
  for (let band = from; band !== to; band += forth ? 1 : -1) {
    const upper = forth ? band : band - 1;
    const lower = upper + 1;
    const places = passing[lower];
    // From the middle one, 0: to the left below it, to the right above it.
    const off = (places.length - 1) / 2 - places.indexOf(across);
    const beside = off * Math.min(APART, (SHARE * gutter) / places.length);
    const below = off * Math.min(APART, (SHARE * 2 * turn) / places.length);
    const out = cuts[lower] + along[upper] + turn + below;
    const into = cuts[lower] + along[lower] - turn + below;
    const way: [number, number][] = [
      [across + fold.across[upper], out],
      [lane[lower] + beside, out],
      [lane[lower] + beside, into],
      [across + fold.across[lower], into],
    ];
    for (const [x, y] of forth ? way : way.toReversed()) put(x, y);
  }
}
