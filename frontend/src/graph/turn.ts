// Left to right instead of top down: the same drawing, mirrored at the diagonal.
import { GAP, type LayoutResult } from './layout/types';

export type Direction = 'down' | 'right';

/** `x` and `y` change places, in boxes, lines and labels. A label stands above its level line. */
export function turnDrawing(drawn: LayoutResult): LayoutResult {
  const points = new Float32Array(drawn.points.length);
  for (let at = 0; at < points.length; at += 2) {
    points[at] = drawn.points[at + 1];
    points[at + 1] = drawn.points[at];
  }
  return {
    ...drawn,
    x: drawn.y,
    y: drawn.x,
    width: drawn.height,
    height: drawn.width,
    points,
    labelX: drawn.labelY.map((value) => value - GAP.textDown + GAP.textRight),
    labelY: drawn.labelX.map((value) => value - GAP.textRight - GAP.textDown + 4),
  };
}
