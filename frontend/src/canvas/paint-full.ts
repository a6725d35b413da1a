// Nodes from zoom 0.8: strip, operator, name, attributes, and the tile with glyph and percentage.
import { OPERATOR } from '../graph/document';
import { LAYER_HEIGHT } from '../graph/sizes';
import { percentShort } from '../lib/numbers';
import { DIMMED, inNode, isDimmed, type Frame } from './frame';
import { drawGlyph } from './glyphs';
import { rightEnd, strip, stripes } from './shapes';
import { elide, textWidth, withoutOperator } from './text';
import { inkOf, isFlagged, lookOf } from './tiles';

export const STRIP = 5;
export const TILE = 62;
export const RADIUS = 5;
const TEXT_LEFT = 14;
/** Nothing under 10 screen px is written. */
const LEAST = 10;

export function paintFull(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
): void {
  for (const node of nodes) {
    ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
    inNode(ctx, frame, node);
    if (frame.document.kind[node] !== OPERATOR) pill(ctx, frame, node);
    else if (frame.scene.nodeHeight[node] === LAYER_HEIGHT) layer(ctx, frame, node);
    else small(ctx, frame, node);
  }
  ctx.globalAlpha = 1;
}

function font(frame: Frame, size: number, weight = 400, mono = false): string {
  const family = mono ? frame.theme.fontMono : frame.theme.fontUi;
  return `${weight} ${Math.max(size, LEAST / frame.zoom)}px ${family}`;
}

/** Writes `text` elided to `room`; returns the width it took. */
function write(
  ctx: CanvasRenderingContext2D,
  text: string,
  style: string,
  colour: string,
  x: number,
  y: number,
  room: number,
): number {
  const shown = elide(text, room, (part) => textWidth(ctx, style, part));
  const width = textWidth(ctx, style, shown);
  ctx.fillStyle = colour;
  ctx.fillText(shown, x, y);
  return width;
}

function outline(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  radius: number,
  fill: string,
  rest: string,
): void {
  const { scene, theme, zoom } = frame;
  const [width, height] = [scene.nodeWidth[node], scene.nodeHeight[node]];
  const inset = 0.5 / zoom;
  ctx.beginPath();
  ctx.roundRect(inset, inset, width - 2 * inset, height - 2 * inset, radius);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = frame.hover === node ? theme.ink : rest;
  ctx.lineWidth = 1 / zoom;
  ctx.stroke();
}

function layer(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, scene, theme, tiles, zoom } = frame;
  const [width, height] = [scene.nodeWidth[node], scene.nodeHeight[node]];
  const look = lookOf(tiles, document.layer[node] === 1, node);
  outline(ctx, frame, node, RADIUS, theme.surface, theme.nodeLine);

  ctx.fillStyle = theme.strip(document.category[node]);
  strip(ctx, 0, 0, STRIP, height, RADIUS);

  const room = width - (look === 'none' ? 0 : TILE) - TEXT_LEFT - 8;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  const op = write(ctx, document.op[node], font(frame, 12, 600), theme.ink, TEXT_LEFT, 21, room);
  const name = withoutOperator(document.name[node], document.op[node]);
  if (name !== '') {
    const style = font(frame, 11, 400, true);
    write(ctx, name, style, theme.ink3, TEXT_LEFT + op + 7, 21, room - op - 7);
  }
  write(ctx, document.note[node], font(frame, 11), theme.ink3, TEXT_LEFT, 39, room);
  if (look !== 'none') tile(ctx, frame, node, width - TILE, height);

  if (isFlagged(tiles, node)) {
    ctx.strokeStyle = theme.alert;
    ctx.lineWidth = 1.5 / zoom;
    const inset = 0.5 / zoom;
    ctx.beginPath();
    ctx.roundRect(inset, inset, width - 2 * inset, height - 2 * inset, RADIUS);
    ctx.stroke();
  } else if (frame.hover === node) {
    // Once more on top, because strip and tile cover it.
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = 1 / zoom;
    const inset = 0.5 / zoom;
    ctx.beginPath();
    ctx.roundRect(inset, inset, width - 2 * inset, height - 2 * inset, RADIUS);
    ctx.stroke();
  }
}

function tile(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  left: number,
  height: number,
): void {
  const { document, theme, tiles, zoom } = frame;
  const look = lookOf(tiles, document.layer[node] === 1, node);
  const sparsity = tiles?.sparsity[node] ?? 0;
  const text = look === 'todo' ? '…' : percentShort(sparsity);
  const style = font(frame, 12, 600);
  const inset = 0.5 / zoom;
  if (look === 'coloured') {
    rightEnd(ctx, left, inset, TILE - inset, height - 2 * inset, RADIUS);
    ctx.fillStyle = theme.scale(sparsity);
    ctx.fill();
    ctx.strokeStyle = theme.tileLine;
    ctx.lineWidth = 1 / zoom;
    ctx.stroke();
  } else if (look === 'dense') {
    ctx.fillStyle = theme.nodeLine;
    ctx.fillRect(left, 1, 1 / zoom, height - 2);
  } else {
    const [x, y, width, tall] = [left + 4.5, 4.5, TILE - 9, height - 9];
    if (look === 'declared') stripes(ctx, x, y, width, tall, theme.scale(sparsity));
    ctx.setLineDash([3, 3]);
    ctx.strokeStyle = theme.ink3;
    ctx.lineWidth = 1 / zoom;
    ctx.strokeRect(x, y, width, tall);
    ctx.setLineDash([]);
    if (look === 'declared') {
      const wide = textWidth(ctx, style, text) + 6;
      ctx.fillStyle = theme.surface;
      ctx.beginPath();
      ctx.roundRect(left + (TILE - wide) / 2, 30, wide, 14, 2);
      ctx.fill();
    }
  }
  const ink = inkOf(look, sparsity, theme);
  drawGlyph(ctx, tiles?.glyph[node] ?? -1, left + TILE / 2 - 6, 12, 12, ink);
  ctx.textAlign = 'center';
  ctx.font = style;
  ctx.fillStyle = ink;
  ctx.fillText(text, left + TILE / 2, 41);
  ctx.textAlign = 'left';
}

function small(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, scene, theme } = frame;
  const [width, height] = [scene.nodeWidth[node], scene.nodeHeight[node]];
  outline(ctx, frame, node, RADIUS, theme.surface2, theme.line);
  ctx.fillStyle = theme.strip(document.category[node]);
  strip(ctx, 0, 0, STRIP, height, RADIUS);
  const opens = document.subgraph[node] !== '';
  const right = opens ? width - 14 : width;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  const style = font(frame, 12, 500);
  write(ctx, document.op[node], style, theme.ink, (STRIP + right) / 2, 15, right - STRIP - 8);
  ctx.textAlign = 'left';
  if (opens) opener(ctx, frame, width - 13, height / 2);
}

/** A small chevron: the node opens into a graph of its own. */
function opener(ctx: CanvasRenderingContext2D, frame: Frame, x: number, y: number): void {
  ctx.strokeStyle = frame.theme.ink2;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, y - 3.5);
  ctx.lineTo(x + 3.5, y);
  ctx.lineTo(x, y + 3.5);
  ctx.stroke();
}

function pill(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, scene, theme } = frame;
  const [width, height] = [scene.nodeWidth[node], scene.nodeHeight[node]];
  outline(ctx, frame, node, height / 2, theme.surface2, theme.line);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'alphabetic';
  const style = font(frame, 11, 400, true);
  write(ctx, document.name[node], style, theme.ink3, width / 2, 15, width - 18);
  ctx.textAlign = 'left';
}
