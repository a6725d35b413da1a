// The folded drawing as a scene of its own: boxes, lines and indexes moved band by band.
import type { Point } from '../lib/geometry';
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
  const added = addedPoints(flat, fold, down);
  const wires = moveWires(flat, fold, down, added);
  const stubWires = moveWires(flat.stubs, fold, down, addedPoints(flat.stubs, fold, down));
  const join = flat.join.slice();
  flat.parent.forEach((parent, edge) => {
    if (parent >= 0 && added.total[parent] > 0) join[edge] += addedBefore(flat, fold, down, parent, join[edge]);
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
    // Trees only where someone looks closer: most of the time the whole is looked at.
    nodeIndex: null,
    edgeIndex: null,
    stubIndex: null,
  };
  return { ...openScene(data), wrapped: { flat, fold } };
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

/** By wire: how many points it gains; few wires cross a cut. */
function addedPoints({ start, points }: Wires, fold: Fold, down: boolean): { total: Uint32Array; sum: number } {
  const total = new Uint32Array(Math.max(start.length - 1, 0));
  const side = down ? 1 : 0;
  let sum = 0;
  let band = 0;
  for (let wire = 0; wire < total.length; wire++) {
    let cuts = 0;
    for (let at = start[wire]; at < start[wire + 1]; at++) {
      const next = bandNear(fold, points[2 * at + side], band);
      if (at > start[wire]) cuts += Math.abs(next - band);
      band = next;
    }
    total[wire] = PER_CUT * cuts;
    sum += total[wire];
  }
  return { total, sum };
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
  added: { total: Uint32Array; sum: number },
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
      if (at > 2 * start[wire] && next !== band) step(fold, points[at + a], band, next, put);
      band = next;
      put(points[at + a] + fold.across[band], points[at + b] + fold.along[band]);
    }
    moved.start[wire + 1] = end / 2;
  }
  return moved;
}

/** The way from one band's end over the gutter to the beginning of the next, for a line at `across`. */
function step(
  fold: Fold,
  across: number,
  from: number,
  to: number,
  put: (across: number, along: number) => void,
): void {
  const { cuts, along, lane, turn } = fold;
  const forth = to > from;
  for (let band = from; band !== to; band += forth ? 1 : -1) {
    const upper = forth ? band : band - 1;
    const lower = upper + 1;
    const out = cuts[lower] + along[upper] + turn;
    const into = cuts[lower] + along[lower] - turn;
    const way: [number, number][] = [
      [across + fold.across[upper], out],
      [lane[lower], out],
      [lane[lower], into],
      [across + fold.across[lower], into],
    ];
    for (const [x, y] of forth ? way : way.toReversed()) put(x, y);
  }
}
