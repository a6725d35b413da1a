// Stubs: a tensor that is needed far away, told by name where it leaves and where it enters.
import { DIMMED, hairline, inWorld, type Frame } from './frame';
import { DASH, trace } from './paint-edges';
import { fontOf, write } from './text';

const PADDING = 6;

export function paintStubs(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  stubs: readonly number[],
): void {
  if (stubs.length === 0) return;
  const { theme, zoom, level } = frame;
  const all = frame.scene.stubs;
  inWorld(ctx, frame);
  ctx.globalAlpha = frame.matches !== null ? DIMMED : level === 'far' ? 0.55 : 1;
  ctx.strokeStyle = theme.edge;
  ctx.lineWidth = (level === 'far' ? 1 : 1.25 * Math.max(1, Math.sqrt(zoom))) / zoom;
  ctx.setLineDash(DASH);
  ctx.beginPath();
  for (const stub of stubs) trace(ctx, all.points, 2 * all.start[stub], 2 * all.start[stub + 1], false);
  ctx.stroke();
  if (level !== 'far') {
    ctx.lineWidth = hairline(frame) / zoom;
    ctx.setLineDash([3, 2]);
    for (const stub of stubs) {
      ctx.beginPath();
      ctx.roundRect(all.x[stub], all.y[stub], all.width[stub], all.height[stub], 4);
      ctx.fillStyle = theme.canvas;
      ctx.fill();
      ctx.strokeStyle = stub === frame.hoverStub ? theme.accent : theme.lineStrong;
      ctx.stroke();
    }
  }
  ctx.setLineDash([]);
  if (level === 'full') {
    const font = fontOf(frame, 10.5);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const stub of stubs) {
      const [x, y] = [all.x[stub] + all.width[stub] / 2, all.y[stub] + all.height[stub] / 2 + 0.5];
      const ink = stub === frame.hoverStub ? theme.accent : theme.ink3;
      write(ctx, all.text[stub], font, ink, x, y, all.width[stub] - PADDING);
    }
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
  }
  ctx.globalAlpha = 1;
}
