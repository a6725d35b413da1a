// Stubs: a tensor that is needed far away, told by name where it leaves and where it enters.
import { DIMMED, hairline, inScreen, onGrid, type Frame } from './frame';
import { dashOf, trace, usePen, wirePen } from './lines';
import { write } from './text';

const PADDING = 6;
/** World px; never smaller than LEAST where nodes are read, and none below LEGIBLE, screen px. */
const TEXT = 10.5;
const LEAST = 10;
const LEGIBLE = 7;

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
  const size = textSize(frame);
  if (size >= LEGIBLE) {
    const font = `400 ${size}px ${theme.fontUi}`;
    inScreen(ctx, frame);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const stub of stubs) {
      const { x, y, width, height } = onGrid(frame, all.x[stub], all.y[stub], all.width[stub], all.height[stub]);
      const ink = stub === frame.hoverStub ? theme.accent : theme.ink3;
      write(ctx, all.text[stub], font, ink, x + width / 2, y + height / 2 + 0.5, width - PADDING * frame.zoom);
    }
    ctx.textAlign = 'left';
    ctx.textBaseline = 'alphabetic';
  }
  ctx.globalAlpha = 1;
}

/** On the screen, px: in steps, so that letters are made once for each. */
function textSize({ level, zoom }: Frame): number {
  const size = Math.floor(2 * TEXT * zoom) / 2;
  return level === 'full' ? Math.max(size, LEAST) : size;
}
