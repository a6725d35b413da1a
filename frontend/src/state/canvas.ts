// How the canvas is looked at: by which colours, and at which part of the world.
import { signal } from '@preact/signals';
import type { Box } from '../lib/geometry';

/** Id of the colour mode. */
export const colourMode = signal('sparsity');

/** The part of the world on screen, px; null before the first picture. */
export const visible = signal<Box | null>(null);
