// Wires on the pixel grid: level and upright lines stay sharp at every zoom and screen density.
import type { Frame } from './frame';

/** Radius of a turn, px of the world. */
const CORNER = 10;
const DASH = [4, 3];
/** An arrowhead, px of the world. */
const ARROW = { length: 6, half: 3.5 };
/** No head is drawn at less than this zoom. */
const LEAST_ARROW = 0.75;

/** World to device pixels, for lines of one width. */
export interface Pen {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Half a pixel for odd widths: the middle of such a line is the middle of a pixel. */
  readonly lift: number;
  /** Device px, whole. */
  readonly width: number;
  readonly round: boolean;
  readonly zoom: number;
  readonly ratio: number;
}

/** A pen whose lines are about `width` CSS px wide; it works in device pixels, see `usePen`. */
export function penOf(frame: Frame, width: number): Pen {
  const { ratio, zoom } = frame;
  // A width just between two whole ones is the smaller one: lines stay quiet.
  const whole = Math.max(1, Math.round(width * ratio - 0.01));
  return {
    scale: zoom * ratio,
    left: frame.originX * ratio,
    top: frame.originY * ratio,
    lift: (whole % 2) / 2,
    width: whole,
    round: frame.level !== 'far',
    zoom,
    ratio,
  };
}

/** The pen of wires that nothing is told of. */
export function wirePen(frame: Frame): Pen {
  return penOf(frame, frame.level === 'far' ? 1 : 1.25 * Math.max(1, Math.sqrt(frame.zoom)));
}

/** Sets the context to device pixels and the pen's width. */
export function usePen(ctx: CanvasRenderingContext2D, pen: Pen): void {
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.lineWidth = pen.width;
  ctx.lineJoin = 'round';
}

/** Dashes that are seen as such at any zoom, device px. */
export function dashOf({ ratio, zoom }: Pen): number[] {
  return DASH.map((part) => part * Math.max(zoom, 1) * ratio);
}

/** Adds a polyline of level and upright pieces to the path; `from` and `to` are positions in `points`. */
export function trace(ctx: CanvasRenderingContext2D, pen: Pen, points: ArrayLike<number>, from: number, to: number): void {
  if (to - from < 4) return;
  const { scale, left, top, lift } = pen;
  const radius = CORNER * scale;
  let x = Math.round(left + points[from] * scale) + lift;
  let y = Math.round(top + points[from + 1] * scale) + lift;
  ctx.moveTo(x, y);
  let [lastX, lastY] = [x, y];
  for (let at = from + 2; at < to; at += 2) {
    [lastX, lastY, x, y] = [x, y, Math.round(left + points[at] * scale) + lift, Math.round(top + points[at + 1] * scale) + lift];
    if (!pen.round || at + 2 >= to) {
      ctx.lineTo(x, y);
      continue;
    }
    const nextX = Math.round(left + points[at + 2] * scale) + lift;
    const nextY = Math.round(top + points[at + 3] * scale) + lift;
    const before = Math.abs(x - lastX) + Math.abs(y - lastY);
    const after = Math.abs(nextX - x) + Math.abs(nextY - y);
    // A corner shares an inner side with the next corner; the ends it has for itself.
    const room = Math.min(at - 2 > from ? before / 2 : before, at + 4 < to ? after / 2 : after);
    ctx.arcTo(x, y, nextX, nextY, Math.min(radius, room));
  }
}

/** Adds the arrowhead at the end of a polyline that ends at position `to`. */
export function arrow(ctx: CanvasRenderingContext2D, pen: Pen, points: ArrayLike<number>, to: number): void {
  if (to < 4) return;
  const { scale, left, top, lift, zoom, ratio } = pen;
  const x = Math.round(left + points[to - 2] * scale) + lift;
  const y = Math.round(top + points[to - 1] * scale) + lift;
  // Near by it grows more slowly than the nodes, and in small drawings it is still an arrow.
  const size = Math.max(Math.min(zoom, 0.55 + 0.45 * zoom), LEAST_ARROW) * ratio;
  const half = ARROW.half * size;
  if (Math.abs(points[to - 4] - points[to - 2]) > Math.abs(points[to - 3] - points[to - 1])) {
    const back = (points[to - 4] > points[to - 2] ? ARROW.length : -ARROW.length) * size;
    ctx.moveTo(x + back, y - half);
    ctx.lineTo(x + back, y + half);
  } else {
    const back = (points[to - 3] > points[to - 1] ? ARROW.length : -ARROW.length) * size;
    ctx.moveTo(x - half, y + back);
    ctx.lineTo(x + half, y + back);
  }
  ctx.lineTo(x, y);
  ctx.closePath();
}
