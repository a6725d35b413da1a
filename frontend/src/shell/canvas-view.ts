// The view on the canvas, for who needs all that it paints.
import { signal } from '@preact/signals';
import type { GraphView } from '../canvas/view';

export const canvasView = signal<GraphView | null>(null);
