// Where each tensor tells its shape: where it leaves its node, or enters the next one, if free.
import type { Box, Point } from '../lib/geometry';
import { group, type Links } from './layout/links';
import { GAP } from './layout/types';
import { edgesIn, nodesIn, stubsIn, type Scene } from './scene';
import { shapeWithin } from './shape-text';
import { labelWidth } from './sizes';

/** Longer shapes are elided, px. */
export const LABEL_ROOM = 220;
const HALF_HEIGHT = 6;
/** Labels are written at 11 px, `labelWidth` tells 12 px; figures are wider than letters in some fonts. */
const SCALE = 1;
/** Middle of a label above the node that its line enters, px. */
const ABOVE_ENTRY = 10;
/** Free ground before what stands right of a label, px. */
const BEFORE = 4;

/** By edge: what it says, and where (left end, middle); NaN where nothing is written. */
export interface Labels {
  readonly text: readonly string[];
  readonly x: Float32Array;
  readonly y: Float32Array;
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly right: number;
}

/** Labels are placed by bands along the drawing's flow, px, when a band is first looked at. */
const BAND = 2000;

/**
 * Finds a place for each text so that it lies on nothing else. One that repeats a shape which
 * already enters its node needs a free place; a new shape may cut its names to fit, or cross a line,
 * but no box and no other label. In a large graph only what is looked at is placed: see `reach`.
 */
export class LabelPlaces implements Labels {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** As far as they are placed, shortened where there is less room. */
  readonly text: string[];
  private readonly written = new Written();
  private readonly bands: Links;
  private readonly done: Uint8Array;

  /** `text` is by edge, '' for none. */
  constructor(
    readonly scene: Scene,
    private readonly whole: readonly string[],
  ) {
    this.text = whole.slice();
    this.x = new Float32Array(whole.length).fill(NaN);
    this.y = new Float32Array(whole.length).fill(NaN);
    const flow = scene.direction === 'down' ? scene.labelY : scene.labelX;
    const count = Math.floor(Math.max(scene.width, scene.height) / BAND) + 2;
    const band = Uint32Array.from(flow, (at) => (at >= 0 ? Math.floor(at / BAND) : 0));
    this.bands = group(count, band);
    this.done = new Uint8Array(count);
  }

  /** Places what may be seen in the box. */
  reach(box: Box): void {
    const [from, size] = this.scene.direction === 'down' ? [box.y, box.height] : [box.x, box.width];
    const first = Math.max(0, Math.floor(from / BAND) - 1);
    const last = Math.min(this.done.length - 1, Math.floor((from + size) / BAND) + 1);
    for (let band = first; band <= last; band++) {
      if (this.done[band] === 1) continue;
      this.done[band] = 1;
      const { start, list } = this.bands;
      for (let k = start[band]; k < start[band + 1]; k++) this.place(list[k]);
    }
  }

  private place(edge: number): void {
    const { scene, written } = this;
    const label = this.whole[edge];
    if (label === '' || Number.isNaN(scene.labelX[edge])) return;
    const whole = shapeWithin(label, LABEL_ROOM) ?? label;
    const width = Math.min(labelWidth(whole) * SCALE, LABEL_ROOM);
    const spots = placesOf(scene, edge).map((place) => ({ ...place, right: place.x + width }));
    const rooms = spots.map((spot) => freeRoom(scene, written, spot));
    const free = spots.findIndex((spot, at) => spot.x + rooms[at] >= spot.right);
    if (free >= 0) this.put(edge, spots[free], whole);
    else if (!repeats(scene, this.whole, edge)) {
      const cut = rooms.map((room) => shapeWithin(whole, room - BEFORE));
      const short = cut.findIndex((one) => one !== null);
      const clear = spots.find((spot) => !written.covers(spot) && !hitsBox(scene, spot));
      if (short >= 0) this.put(edge, { ...spots[short], right: spots[short].x + rooms[short] }, cut[short]!);
      else if (clear !== undefined) this.put(edge, clear, whole);
    }
  }

  private put(edge: number, spot: Spot, text: string): void {
    this.x[edge] = spot.x;
    this.y[edge] = spot.y;
    this.text[edge] = text;
    this.written.add(spot);
  }
}

/** Where a label may stand: beside its line's beginning or its end; above or below a level line. */
function placesOf({ direction, labelX, labelY, points, start }: Scene, edge: number): Point[] {
  const own = { x: labelX[edge], y: labelY[edge] };
  const [from, end] = [2 * start[edge], 2 * start[edge + 1] - 2];
  if (direction === 'right') return [own, { x: own.x, y: 2 * points[from + 1] - own.y }];
  return [own, { x: points[end] + GAP.textRight, y: points[end + 1] - ABOVE_ENTRY }];
}

/** All places at once. */
export function placeLabels(scene: Scene, text: readonly string[]): Labels {
  const places = new LabelPlaces(scene, text);
  places.reach({ x: 0, y: 0, width: scene.width, height: scene.height });
  return places;
}

function repeats({ source, entering }: Scene, text: readonly string[], edge: number): boolean {
  const node = source[edge];
  for (let k = entering.start[node]; k < entering.start[node + 1]; k++) {
    if (text[entering.list[k]] === text[edge]) return true;
  }
  return false;
}

function hitsBox(scene: Scene, { x, y, right }: Spot): boolean {
  const box = { x, y: y - HALF_HEIGHT, width: right - x, height: 2 * HALF_HEIGHT };
  return nodesIn(scene, box).length > 0 || stubsIn(scene, box).length > 0;
}

/** How far right of its left end a label meets nothing, px: neither box nor line nor label; at most its own width. */
function freeRoom(scene: Scene, written: Written, spot: Spot): number {
  const { x, y } = spot;
  let end = written.next(spot);
  const [top, bottom] = [y - HALF_HEIGHT, y + HALF_HEIGHT];
  const meet = (left: number): void => {
    end = Math.min(end, left);
  };
  // A drawn line, not only its box.
  const meetLine = ({ points, start }: { points: Float32Array; start: Uint32Array }, wire: number): void => {
    for (let at = start[wire]; at + 1 < start[wire + 1]; at++) {
      const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4);
      if (Math.max(ax, bx) < x || Math.max(ay, by) < top || Math.min(ay, by) > bottom) continue;
      meet(Math.min(ax, bx));
    }
  };
  const room = (): Box => ({ x, y: top, width: end - x, height: bottom - top });
  for (const node of nodesIn(scene, room())) meet(scene.x[node]);
  for (const wire of edgesIn(scene, room())) meetLine(scene, wire);
  const { stubs } = scene;
  for (const stub of stubsIn(scene, room())) {
    const beside = stubs.y[stub] > bottom || stubs.y[stub] + stubs.height[stub] < top || stubs.x[stub] + stubs.width[stub] < x;
    if (beside) meetLine(stubs, stub);
    else meet(stubs.x[stub]);
  }
  return Math.max(end - x, 0);
}

/** Labels placed so far, by height. */
class Written {
  private readonly rows = new Map<number, Spot[]>();

  private static row(y: number): number {
    return Math.floor(y / (2 * HALF_HEIGHT));
  }

  add(spot: Spot): void {
    const row = Written.row(spot.y);
    const spots = this.rows.get(row);
    if (spots === undefined) this.rows.set(row, [spot]);
    else spots.push(spot);
  }

  covers(spot: Spot): boolean {
    return this.next(spot) < spot.right;
  }

  /** Where the first label begins that the spot would meet; its own end where it meets none. */
  next(spot: Spot): number {
    const row = Written.row(spot.y);
    let least = spot.right;
    for (const near of [row - 1, row, row + 1]) {
      for (const other of this.rows.get(near) ?? []) {
        if (Math.abs(other.y - spot.y) < 2 * HALF_HEIGHT && spot.x < other.right) least = Math.min(least, other.x);
      }
    }
    return least;
  }
}
