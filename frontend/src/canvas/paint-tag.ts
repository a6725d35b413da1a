// The tag beside the pointer: name and shape of the tensor whose line is under it.
import { inScreen, type Frame } from './frame';
import { elide, textWidth } from './text';

const AWAY = 14;
const ROOM = 260;

export function paintEdgeTag(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { document, hoverEdge, hoverAt, theme } = frame;
  if (hoverEdge < 0) return;
  inScreen(ctx, frame);
  ctx.globalAlpha = frame.hoverShare;
  const [mono, plain] = [`400 11px ${theme.fontMono}`, `400 11px ${theme.fontUi}`];
  const name = elide(document.edgeTensor[hoverEdge], ROOM, (part) => textWidth(ctx, mono, part));
  const shape = elide(frame.shapes[hoverEdge], ROOM, (part) => textWidth(ctx, plain, part));
  const gap = shape === '' ? 0 : 8;
  const first = textWidth(ctx, mono, name);
  const width = first + gap + textWidth(ctx, plain, shape) + 16;
  const x = Math.round(Math.max(Math.min(hoverAt.x + AWAY, frame.width - width - 4), 4));
  const y = Math.round(hoverAt.y + AWAY + 24 > frame.height ? hoverAt.y - AWAY - 22 : hoverAt.y + AWAY);
  ctx.beginPath();
  ctx.roundRect(x + 0.5, y + 0.5, width, 22, 4);
  ctx.fillStyle = theme.surface;
  ctx.fill();
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  ctx.stroke();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.font = mono;
  ctx.fillStyle = theme.ink;
  ctx.fillText(name, x + 8, y + 15);
  ctx.font = plain;
  ctx.fillStyle = theme.ink3;
  ctx.fillText(shape, x + 8 + first + gap, y + 15);
  ctx.globalAlpha = 1;
}
