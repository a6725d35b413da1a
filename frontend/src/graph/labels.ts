// Where each tensor tells its shape: where it leaves its node, or enters the next one, if free.
import type { Box } from '../lib/geometry';
import { group, type Links } from './layout/links';
import { GAP } from './layout/types';
import type { Scene } from './scene';
import { labelWidth } from './sizes';

/** Longer shapes are elided, px. */
export const LABEL_ROOM = 150;
const HALF_HEIGHT = 6;
/** Labels are written at 11 px, `labelWidth` tells 12 px; figures are wider than letters in some fonts. */
const SCALE = 1;
/** Middle of a label above the node that its line enters, px. */
const ABOVE_ENTRY = 10;

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
 * already enters its node needs a free place; a new shape may cross a line, but no box and no other
 * label. In a large graph only what is looked at is placed: see `reach`.
 */
export class LabelPlaces implements Labels {
  readonly x: Float32Array;
  readonly y: Float32Array;
  private readonly written = new Written();
  private readonly bands: Links;
  private readonly done: Uint8Array;

  /** `text` is by edge, '' for none. */
  constructor(
    readonly scene: Scene,
    readonly text: readonly string[],
  ) {
    this.x = new Float32Array(text.length).fill(NaN);
    this.y = new Float32Array(text.length).fill(NaN);
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
    const { scene, text, written } = this;
    const label = text[edge];
    if (label === '' || Number.isNaN(scene.labelX[edge])) return;
    const width = Math.min(labelWidth(label) * SCALE, LABEL_ROOM);
    const end = 2 * scene.start[edge + 1] - 2;
    const own = { x: scene.labelX[edge], y: scene.labelY[edge] };
    const entry = { x: scene.points[end] + GAP.textRight, y: scene.points[end + 1] - ABOVE_ENTRY };
    const spots = (scene.direction === 'down' ? [own, entry] : [own]).map((spot) => ({
      ...spot,
      right: spot.x + width,
    }));
    const clear = spots.filter((spot) => !written.covers(spot) && !hitsBox(scene, spot));
    const free = clear.find((spot) => !hitsLine(scene, spot));
    const chosen = free ?? (repeats(scene, text, edge) ? undefined : clear[0]);
    if (chosen === undefined) return;
    this.x[edge] = chosen.x;
    this.y[edge] = chosen.y;
    written.add(chosen);
  }
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

function hitsBox({ nodeTree, stubTree }: Scene, { x, y, right }: Spot): boolean {
  return [nodeTree, stubTree].some(
    (tree) => (tree?.search(x, y - HALF_HEIGHT, right, y + HALF_HEIGHT).length ?? 0) > 0,
  );
}

/** True where a drawn line, not only its box, runs through the label. */
function hitsLine(scene: Scene, { x, y, right }: Spot): boolean {
  const { points, start, edgeTree } = scene;
  const runsThrough = (wire: number): boolean => {
    for (let at = start[wire]; at + 1 < start[wire + 1]; at++) {
      const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4);
      if (Math.max(ax, bx) < x || Math.min(ax, bx) > right) continue;
      if (Math.max(ay, by) < y - HALF_HEIGHT || Math.min(ay, by) > y + HALF_HEIGHT) continue;
      return true;
    }
    return false;
  };
  return (
    (edgeTree?.search(x, y - HALF_HEIGHT, right, y + HALF_HEIGHT, runsThrough).length ?? 0) > 0
  );
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
    const row = Written.row(spot.y);
    return [row - 1, row, row + 1].some((near) =>
      (this.rows.get(near) ?? []).some(
        (other) =>
          Math.abs(other.y - spot.y) < 2 * HALF_HEIGHT &&
          other.x < spot.right &&
          spot.x < other.right,
      ),
    );
  }
}
