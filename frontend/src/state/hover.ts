// The node under the pointer, for the words that a small picture has no room for.
import { signal } from '@preact/signals';

export interface Hover {
  /** position in the graph's document */
  index: number;
  /** CSS px in the canvas */
  x: number;
  y: number;
}

export const hover = signal<Hover | null>(null);
