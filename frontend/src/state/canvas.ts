// How the canvas is looked at: by which colours, and at which part of the world.
import { signal } from '@preact/signals';
import type { Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';

/** Id of the colour mode. */
export const colourMode = signal('sparsity');

/** The part of the world on screen, px; null before the first picture. */
export const visible = signal<Box | null>(null);

/** The drawing that `visible` is a part of: wrapped into columns where the whole of a long graph is looked at. */
export const drawing = signal<Scene | null>(null);
