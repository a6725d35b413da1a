// The tile at a layer's right edge: glyph and percentage on the colour of the mode, and its word.
import { DASHED, HOLLOW, SOLID, STRIPED } from './colours';
import { fillOf, hairline, inkOf, type Frame } from './frame';
import { drawGlyph } from './glyphs';
import { RADIUS, rightEnd, stripes } from './shapes';
import { fontOf, textWidth, write } from './text';
import { figureOf } from './tiles';

/** Width, world px. */
export const TILE = 62;

/** Where a tile stands, in the node's own pixels; `open` where rows follow below it. */
export interface TileBox {
  readonly left: number;
  readonly right: number;
  readonly height: number;
  readonly open: boolean;
}

export function paintTile(ctx: CanvasRenderingContext2D, frame: Frame, node: number, box: TileBox): void {
  const { left, right, height, open } = box;
  const { colours, theme, tiles, zoom } = frame;
  const look = colours.look[node];
  const hair = hairline(frame) / zoom;
  const word = colours.word?.[node] ?? '';
  const text = figureOf(tiles, node);
  const style = fontOf(frame, word === '' ? 12 : 11, 600);
  if (look === SOLID) {
    rightEnd(ctx, left, hair / 2, right - left - hair / 2, height - hair, RADIUS, open);
    ctx.fillStyle = fillOf(frame, node);
    ctx.fill();
    ctx.strokeStyle = theme.tileLine;
    ctx.lineWidth = hair;
    ctx.stroke();
  } else if (look === HOLLOW) {
    ctx.fillStyle = theme.nodeLine;
    ctx.fillRect(left, hair, hair, height - 2 * hair);
  } else if (look === STRIPED || look === DASHED) {
    const [x, y, width, tall] = [left + 4.5, 4.5, TILE - 9, height - 9];
    if (look === STRIPED) stripes(ctx, x, y, width, tall, fillOf(frame, node));
    ctx.setLineDash([3, 3]);
    ctx.strokeStyle = theme.ink3;
    ctx.lineWidth = hair;
    ctx.strokeRect(x, y, width, tall);
    ctx.setLineDash([]);
    if (look === STRIPED) {
      const wide = Math.min(textWidth(ctx, style, text) + (word === '' ? 6 : 24), TILE - 10);
      ground(ctx, frame, left + (TILE - wide) / 2, 30, wide);
      if (word !== '') ground(ctx, frame, left + 6, 10, TILE - 12);
    }
  }
  const ink = inkOf(frame, node);
  const glyph = tiles?.glyph[node] ?? -1;
  const middle = left + TILE / 2;
  if (word === '') {
    drawGlyph(ctx, glyph, middle - 6, 12, 12, ink);
    ctx.textAlign = 'center';
    write(ctx, text, style, ink, middle, 41, TILE);
  } else {
    ctx.textAlign = 'center';
    write(ctx, word, fontOf(frame, 10.5), ink, middle, 21, TILE - 5);
    const wide = textWidth(ctx, style, text);
    const start = middle - (wide + 14) / 2;
    drawGlyph(ctx, glyph, start, 31, 10, ink);
    ctx.textAlign = 'left';
    write(ctx, text, style, ink, start + 14, 40, TILE);
  }
  ctx.textAlign = 'left';
}

/** Plain ground under a text on stripes. */
function ground(ctx: CanvasRenderingContext2D, frame: Frame, x: number, y: number, wide: number): void {
  ctx.fillStyle = frame.theme.surface;
  ctx.beginPath();
  ctx.roundRect(x, y, wide, 14, 2);
  ctx.fill();
}
