// What is under the pointer, and since when: its look comes up over 90 ms. And the edge that was clicked.
import type { Point } from '../lib/geometry';
import { edgeOf, stubOf } from './hit';

const FADE_MS = 90;
const NOWHERE: Point = { x: 0, y: 0 };

export class Pointed {
  /** Each is -1 where there is none. */
  node = -1;
  stub = -1;
  edge = -1;
  /** The edge that was clicked: it stays lit until the next click. */
  picked = -1;
  /** Where on the screen the pointer came to it, CSS px. */
  at: Point = NOWHERE;
  private since = -Infinity;

  /** Takes what `hitAt` has found; `now` in ms, null for a look that is there at once. */
  set(found: number, at: Point, now: number | null): void {
    this.node = Math.max(found, -1);
    this.stub = stubOf(found);
    this.edge = edgeOf(found);
    this.at = at;
    this.since = now ?? -Infinity;
  }

  clear(): void {
    this.set(-1, NOWHERE, null);
    this.picked = -1;
  }

  /** How far the look has come up at time `now`, 0..1. */
  share(now: number): number {
    return Math.min(Math.max((now - this.since) / FADE_MS, 0), 1);
  }

  running(now: number): boolean {
    return this.share(now) < 1 && (this.node >= 0 || this.stub >= 0 || this.edge >= 0);
  }
}
