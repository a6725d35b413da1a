// Where the page looks: pan, zoom at a point, fit, and the short ride to another place.
import { clamp, lerp, type Box, type Point } from '../lib/geometry';

/** Unless the whole graph needs less. */
const MIN_ZOOM = 0.005;
const MAX_ZOOM = 4;
/** Round a fitted graph, screen px. */
export const MARGIN = 32;
const NEAR_MS = 180;
const FAR_MS = 320;

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** `x`, `y` is the world point at the top left of the screen; sizes are CSS px. */
export class Camera {
  x = 0;
  y = 0;
  zoom = 1;
  width = 0;
  height = 0;
  private least = MIN_ZOOM;
  private ride: { from: View; to: View; start: number; ms: number } | null = null;

  toWorld(screen: Point): Point {
    return { x: this.x + screen.x / this.zoom, y: this.y + screen.y / this.zoom };
  }

  /** The part of the world on screen. */
  visible(): Box {
    return { x: this.x, y: this.y, width: this.width / this.zoom, height: this.height / this.zoom };
  }

  /** Moves the picture by screen pixels. */
  panBy(dx: number, dy: number): void {
    this.ride = null;
    this.x -= dx / this.zoom;
    this.y -= dy / this.zoom;
  }

  /** Sets the zoom; the world point under `at` (screen, middle by default) stays where it is. */
  zoomTo(zoom: number, at: Point = { x: this.width / 2, y: this.height / 2 }): void {
    this.ride = null;
    const world = this.toWorld(at);
    this.zoom = clamp(zoom, this.least, MAX_ZOOM);
    this.x = world.x - at.x / this.zoom;
    this.y = world.y - at.y / this.zoom;
  }

  /** The view that shows all of `box`, the whole graph, in `area` of the screen, at most at full size. */
  fitted(box: Box, area: Box = { x: 0, y: 0, width: this.width, height: this.height }, most = 1): View {
    const across = Math.max(area.width - 2 * MARGIN, 1) / Math.max(box.width, 1);
    const down = Math.max(area.height - 2 * MARGIN, 1) / Math.max(box.height, 1);
    const zoom = Math.min(across, down, most);
    this.least = Math.min(MIN_ZOOM, zoom);
    return {
      x: box.x + box.width / 2 - (area.x + area.width / 2) / zoom,
      y: box.y + box.height / 2 - (area.y + area.height / 2) / zoom,
      zoom,
    };
  }

  /** The view with `point` in the middle. */
  centred(point: Point, zoom: number): View {
    return {
      x: point.x - this.width / zoom / 2,
      y: point.y - this.height / zoom / 2,
      zoom,
    };
  }

  /** The view with `point` at the top, in the middle of the width. */
  topped(point: Point, zoom: number): View {
    return { x: point.x - this.width / zoom / 2, y: point.y - MARGIN / zoom, zoom };
  }

  /** Goes there, over `now` and the next frames when `animated`. */
  go(to: View, animated: boolean, now: number): void {
    const far =
      Math.abs(to.x - this.x) * this.zoom > this.width ||
      Math.abs(to.y - this.y) * this.zoom > this.height;
    if (animated) {
      const from = { x: this.x, y: this.y, zoom: this.zoom };
      this.ride = { from, to, start: now, ms: far ? FAR_MS : NEAR_MS };
      return;
    }
    this.ride = null;
    ({ x: this.x, y: this.y, zoom: this.zoom } = to);
  }

  /** Takes over another size of the screen; the picture keeps its middle there, or its left edge. */
  resize(width: number, height: number, keepsMiddle: boolean): void {
    const by = keepsMiddle ? (this.width - width) / 2 : 0;
    this.x += by / this.zoom;
    if (this.ride !== null) {
      const moved = (view: View): View => ({ ...view, x: view.x + by / view.zoom });
      this.ride = { ...this.ride, from: moved(this.ride.from), to: moved(this.ride.to) };
    }
    this.width = width;
    this.height = height;
  }

  /** Ends a ride where it is. */
  halt(): void {
    this.ride = null;
  }

  get moving(): boolean {
    return this.ride !== null;
  }

  /** Advances a ride to time `now`, ms. Zoom changes evenly in its logarithm. */
  step(now: number): void {
    if (this.ride === null) return;
    const { from, to, start, ms } = this.ride;
    const t = clamp((now - start) / ms, 0, 1);
    if (t >= 1) {
      this.ride = null;
      ({ x: this.x, y: this.y, zoom: this.zoom } = to);
      return;
    }
    const eased = 1 - (1 - t) ** 3;
    this.zoom = Math.exp(lerp(Math.log(from.zoom), Math.log(to.zoom), eased));
    const middle = (view: View): Point => ({
      x: view.x + this.width / view.zoom / 2,
      y: view.y + this.height / view.zoom / 2,
    });
    const [a, b] = [middle(from), middle(to)];
    this.x = lerp(a.x, b.x, eased) - this.width / this.zoom / 2;
    this.y = lerp(a.y, b.y, eased) - this.height / this.zoom / 2;
  }
}

interface World {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly nodeWidth: Float32Array;
  readonly nodeHeight: Float32Array;
  readonly direction: 'down' | 'right';
}

/** The view with `point` at the left, in the middle of the height. */
function lefted(camera: Camera, point: Point): View {
  return { x: point.x - MARGIN, y: point.y - camera.height / 2, zoom: 1 };
}

/**
 * The first look at a graph: all of it where that is at least `readable`, else its beginning at
 * full size. Of several beginnings it is the one with most nodes around: a lone input far from
 * the rest would show an empty page.
 */
export function homeOf(camera: Camera, scene: World, readable: number): View {
  const whole = camera.fitted({ x: 0, y: 0, width: scene.width, height: scene.height });
  if (whole.zoom >= readable || scene.count === 0) return whole;
  const right = scene.direction === 'right';
  const [along, across] = right ? [scene.x, scene.y] : [scene.y, scene.x];
  const size = right ? scene.nodeHeight : scene.nodeWidth;
  const [deep, wide] = right ? [camera.width, camera.height] : [camera.height, camera.width];
  const start = along.subarray(0, scene.count).reduce((least, one) => Math.min(least, one), Infinity);
  const middles: number[] = [];
  let first = 0;
  for (let node = 0; node < scene.count; node++) {
    if (along[node] >= start + deep) continue;
    if (along[node] < along[first]) first = node;
    middles.push(across[node] + size[node] / 2);
  }
  const at = crowded(middles, across[first] + size[first] / 2, wide);
  return right ? lefted(camera, { x: start, y: at }) : camera.topped({ x: at, y: start }, 1);
}

/** `at`, unless a window of `wide` elsewhere shows more than twice as many of `middles`. */
function crowded(middles: readonly number[], at: number, wide: number): number {
  const sorted = middles.toSorted((a, b) => a - b);
  const around = sorted.filter((one) => Math.abs(one - at) <= wide / 2).length;
  let best = { from: 0, count: 0 };
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && sorted[to] - sorted[from] <= wide) to++;
    if (to - from > best.count) best = { from, count: to - from };
  }
  if (best.count <= 2 * around) return at;
  return sorted[best.from + (best.count >> 1)];
}
