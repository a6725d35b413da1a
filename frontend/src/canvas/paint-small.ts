// Nodes from zoom 0.35 to 0.8: the whole box tells the sparsity, with glyph and figure if they fit.
import { OPERATOR } from '../graph/document';
import { SMALL_HEIGHT } from '../graph/sizes';
import { DASHED, HOLLOW, NO_TILE, SOLID, STRIPED } from './colours';
import {
  DIMMED,
  fillOf,
  hairline,
  inkOf,
  inScreen,
  isDimmed,
  isLayer,
  screenBox,
  type Frame,
} from './frame';
import { drawGlyph } from './glyphs';
import { strip, stripes } from './shapes';
import { textWidth, write } from './text';
import { figureOf, isFlagged } from './tiles';

const GLYPH = 12; // screen px
const TEXT = 11;
/** An operator's word, world px, and the least size at which it is read, screen px. */
const WORD = 12;
const LEGIBLE = 7;

export function paintSmall(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
): void {
  inScreen(ctx, frame);
  ctx.textBaseline = 'alphabetic';
  for (const node of nodes) {
    ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
    if (isLayer(frame, node)) layer(ctx, frame, node);
    else other(ctx, frame, node);
  }
  ctx.globalAlpha = 1;
}

function layer(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { colours, document, theme, tiles, zoom } = frame;
  const { x, y, width, height } = screenBox(frame, node);
  const look = colours.look[node];
  const hair = hairline(frame);
  const radius = Math.min(5, 7 * zoom);
  ctx.beginPath();
  ctx.roundRect(x + hair / 2, y + hair / 2, width - hair, height - hair, radius);
  ctx.fillStyle = look === SOLID ? fillOf(frame, node) : theme.surface;
  ctx.fill();
  if (look === STRIPED) {
    stripes(ctx, x + 1, y + 1, width - 2, height - 2, fillOf(frame, node));
    ctx.beginPath();
    ctx.roundRect(x + hair / 2, y + hair / 2, width - hair, height - hair, radius);
  }
  const flagged = isFlagged(tiles, node);
  const dashed = !flagged && (look === DASHED || look === STRIPED);
  ctx.strokeStyle = line(frame, node, look === HOLLOW ? theme.ink2 : theme.nodeLine);
  if (dashed && frame.hover !== node) ctx.strokeStyle = theme.ink3;
  ctx.lineWidth = flagged ? 1.5 : hair;
  if (dashed) ctx.setLineDash([3, 3]);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = theme.strip(document.category[node]);
  strip(ctx, x, y, 5, height, radius);
  if (look === NO_TILE) return;

  const style = `600 ${TEXT}px ${theme.fontUi}`;
  const text = figureOf(tiles, node);
  const wide = textWidth(ctx, style, text);
  if (height < TEXT + 2 || width < wide + 16) return;
  const ink = inkOf(frame, node);
  const middle = y + height / 2;
  if (look === STRIPED) {
    ctx.fillStyle = theme.surface;
    ctx.beginPath();
    ctx.roundRect(x + width - 10 - wide, middle - 7, wide + 6, 14, 2);
    ctx.fill();
  }
  ctx.font = style;
  ctx.textAlign = 'right';
  ctx.fillStyle = ink;
  ctx.fillText(text, x + width - 7, middle + 4);
  ctx.textAlign = 'left';
  const word = colours.word?.[node] ?? '';
  if (word !== '' && width >= wide + textWidth(ctx, style, word) + 26) {
    ctx.fillText(word, x + 12, middle + 4);
  } else if (width >= wide + GLYPH + 28) {
    drawGlyph(ctx, tiles?.glyph[node] ?? -1, x + 13, Math.round(middle - GLYPH / 2), GLYPH, ink);
    const room = width - wide - GLYPH - 40;
    if (isLegible(frame) && room > 20) {
      const font = `400 ${TEXT}px ${theme.fontUi}`;
      write(ctx, document.op[node], font, ink, x + GLYPH + 20, middle + 4, room);
    }
  }
}

/** True where an operator's word can be read inside its box. */
function isLegible({ zoom }: Frame): boolean {
  return WORD * zoom >= LEGIBLE;
}

function other(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, theme } = frame;
  const { x, y, width, height } = screenBox(frame, node);
  const hair = hairline(frame);
  const operator = document.kind[node] === OPERATOR;
  const radius = operator ? Math.min(4, height / 3) : height / 2;
  ctx.beginPath();
  ctx.roundRect(x + hair / 2, y + hair / 2, width - hair, height - hair, radius);
  ctx.fillStyle = frame.colours.look[node] === SOLID ? fillOf(frame, node) : theme.surface2;
  ctx.fill();
  ctx.strokeStyle = line(frame, node, theme.nodeLine);
  ctx.lineWidth = hair;
  ctx.stroke();
  const side = Math.min(4, 5 * Math.sqrt(frame.zoom));
  if (operator) {
    ctx.fillStyle = theme.strip(document.category[node]);
    strip(ctx, x, y, side, height, radius);
  }
  if (!isLegible(frame)) return;
  const left = operator ? side : 0;
  const size = (operator ? WORD : WORD - 1) * frame.zoom;
  const font = operator ? `500 ${size}px ${theme.fontUi}` : `400 ${size}px ${theme.fontMono}`;
  const ink = frame.colours.look[node] === SOLID ? inkOf(frame, node) : operator ? theme.ink2 : theme.ink3;
  const base = y + (15 / SMALL_HEIGHT) * Math.min(height, SMALL_HEIGHT * frame.zoom);
  ctx.textAlign = 'center';
  write(ctx, operator ? document.op[node] : document.name[node], font, ink, x + (left + width) / 2, base, width - left - 4);
  ctx.textAlign = 'left';
}

function line(frame: Frame, node: number, rest: string): string {
  if (isFlagged(frame.tiles, node)) return frame.theme.alert;
  return frame.hover === node ? frame.theme.ink : rest;
}
