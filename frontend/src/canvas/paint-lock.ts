// The mark of a layer that no prune may change: a small lock on the upper edge, at the left.
import { inNode, inScreen, screenBox, type Frame } from './frame';
import { path } from './glyphs';

/** On a grid of 10: the body, and the shackle above it. */
const BODY = 'M2 4.6h6a.6.6 0 0 1 .6.6v3.2a.6.6 0 0 1-.6.6H2a.6.6 0 0 1-.6-.6V5.2a.6.6 0 0 1 .6-.6Z';
const SHACKLE = 'M3.1 4.6V3.1a1.9 1.9 0 0 1 3.8 0v1.5';

/** From the left edge, px: lines enter in the middle, other badges stand at the right, shapes below. */
const AWAY = 18;

/** At full size a badge on the edge; smaller, at the corner. */
export function paintLock(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  if (frame.level === 'far') return;
  if (frame.level === 'full') {
    inNode(ctx, frame, node);
    badge(ctx, frame, AWAY, 0, 8, 9);
    inScreen(ctx, frame);
    return;
  }
  const { x, y } = screenBox(frame, node);
  inScreen(ctx, frame);
  badge(ctx, frame, x, y, 6, 7);
}

function badge(ctx: CanvasRenderingContext2D, { theme }: Frame, x: number, y: number, radius: number, size: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = theme.surface;
  ctx.fill();
  ctx.strokeStyle = theme.ink3;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.save();
  ctx.translate(x - size / 2, y - size / 2);
  ctx.scale(size / 10, size / 10);
  ctx.fillStyle = theme.ink;
  ctx.fill(path(BODY));
  ctx.strokeStyle = theme.ink;
  ctx.lineWidth = 1.3;
  ctx.stroke(path(SHACKLE));
  ctx.restore();
}
