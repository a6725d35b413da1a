// Stubs: a tensor that is needed far away, told by name where it leaves and where it enters.
import { DIMMED, hairline, inScreen, inWorld, onGrid, type Frame } from './frame';
import { dashOf, trace, usePen, wirePen } from './lines';
import { fontOf, write } from './text';

const PADDING = 6;

export function paintStubs(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  stubs: readonly number[],
): void {
  if (stubs.length === 0) return;
  const { theme, level } = frame;
  const all = frame.scene.stubs;
  const pen = wirePen(frame);
  usePen(ctx, pen);
  ctx.globalAlpha = frame.matches !== null ? DIMMED : 1;
  ctx.strokeStyle = level === 'far' ? theme.edgeFar : theme.edge;
  ctx.setLineDash(dashOf(pen));
  ctx.beginPath();
  for (const stub of stubs) trace(ctx, pen, all.points, 2 * all.start[stub], 2 * all.start[stub + 1]);
  ctx.stroke();
  if (level !== 'far') {
    const hair = hairline(frame);
    inScreen(ctx, frame);
    ctx.lineWidth = hair;
    ctx.setLineDash([3, 2]);
    for (const stub of stubs) {
      const { x, y, width, height } = onGrid(frame, all.x[stub], all.y[stub], all.width[stub], all.height[stub]);
      ctx.beginPath();
      ctx.roundRect(x + hair / 2, y + hair / 2, width - hair, height - hair, 4 * Math.min(frame.zoom, 1));
      ctx.fillStyle = theme.canvas;
      ctx.fill();
      ctx.strokeStyle = stub === frame.hoverStub ? theme.accent : theme.lineStrong;
      ctx.stroke();
    }
  }
  ctx.setLineDash([]);
  if (level === 'full') {
    inWorld(ctx, frame);
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
