// A zoom on its way: a notch of the wheel is a large step, which the picture takes in some frames.
import type { Point } from '../lib/geometry';

/** After so long, ms, about two thirds of the way are done. */
const PACE = 35;
/** The first frame is not waited for: it would come so much later, ms. */
const FRAME = 16;
/** Steps smaller than this share of the zoom are not seen. */
const UNSEEN = 0.003;

interface Moved {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export class Glide {
  private goal: number | null = null;
  private at: Point = { x: 0, y: 0 };
  private last = 0;
  /** Where the camera was left. Whatever else moves it ends the way. */
  private left: Moved | null = null;

  /** `zoomTo` sets the camera's zoom about a point of the screen, CSS px. */
  constructor(
    private readonly camera: Moved,
    private readonly zoomTo: (zoom: number, at: Point) => void,
  ) {}

  get running(): boolean {
    return this.goal !== null;
  }

  /** Adds a step and takes its first frame; several quick ones add up. `now` in ms. */
  push(factor: number, at: Point, now: number): void {
    const { zoom } = this.camera;
    const goal = this.interrupted() ? null : this.goal;
    this.goal = (goal ?? zoom) * factor;
    this.at = at;
    this.move(zoom, now - FRAME, now);
  }

  /** Goes on to time `now`, ms; true where it comes to rest. */
  step(now: number): boolean {
    if (this.goal === null) return false;
    if (this.interrupted()) this.goal = null;
    else this.move(this.camera.zoom, this.last, now);
    return this.goal === null;
  }

  private interrupted(): boolean {
    const { camera, left } = this;
    return left === null || left.x !== camera.x || left.y !== camera.y || left.zoom !== camera.zoom;
  }

  /** Evenly in the zoom's logarithm, slower towards the end. */
  private move(zoom: number, since: number, now: number): void {
    const goal = this.goal!;
    const share = 1 - Math.exp(-Math.max(now - since, 1) / PACE);
    const next = zoom * (goal / zoom) ** share;
    const done = Math.abs(goal / next - 1) < UNSEEN;
    this.zoomTo(done ? goal : next, this.at);
    const { x, y } = this.camera;
    this.left = { x, y, zoom: this.camera.zoom };
    this.last = now;
    // The camera may go no further.
    if (done || this.camera.zoom === zoom) this.goal = null;
  }
}
