// The short change from one colouring to the next: 240 ms, or at once where it would cost too much.
import { blend, type Colours } from './colours';

export const RECOLOUR_MS = 240;
/** Graphs with more nodes change at once: every frame of the blend touches all of them. */
const MOST = 5000;
const EMPTY: Colours = { look: new Uint8Array(0), rgb: new Uint32Array(0), word: null, scale: true };

/** True where the user asked for no motion. */
export function isStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

export class Recolour {
  private target: Colours = EMPTY;
  private from: Uint32Array | null = null;
  private since = 0;
  private surface = 0;

  /** Begins a graph: nothing to change from. */
  start(colours: Colours): void {
    this.target = colours;
    this.from = null;
  }

  /** Turns to other colours from time `now` on, ms; null: at once. */
  to(colours: Colours, now: number | null, surface: number): void {
    const before = this.target;
    const same = before.rgb.length === colours.rgb.length;
    const changed = same && before.rgb.some((colour, node) => colour !== colours.rgb[node]);
    this.from =
      now !== null && changed && colours.rgb.length <= MOST ? this.at(now).rgb : null;
    this.target = colours;
    this.since = now ?? 0;
    this.surface = surface;
  }

  get running(): boolean {
    return this.from !== null;
  }

  /** The colours at time `now`, ms. */
  at(now: number): Colours {
    if (this.from === null) return this.target;
    const t = (now - this.since) / RECOLOUR_MS;
    if (t >= 1) {
      this.from = null;
      return this.target;
    }
    const eased = 1 - (1 - Math.max(t, 0)) ** 3;
    return { ...this.target, rgb: blend(this.from, this.target.rgb, eased, this.surface) };
  }
}
