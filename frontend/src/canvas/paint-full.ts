// Nodes from zoom 0.8: strip, operator, name, attributes, and the tile with glyph and percentage.
import { OPERATOR } from '../graph/document';
import { LAYER_HEIGHT, NOTE_GAP, SMALL_HEIGHT } from '../graph/sizes';
import { NO_TILE, SOLID } from './colours';
import { DIMMED, fillOf, hairline, inkOf, inNode, isDimmed, isLayer, nodeSize, onPixel, type Frame } from './frame';
import { paintRows } from './paint-rows';
import { paintTile, TILE } from './paint-tile';
import { chevron, RADIUS, strip, STRIP_WIDTH } from './shapes';
import { fontOf, noteWithin, shownName, textWidth, write } from './text';
import { isFlagged } from './tiles';

const TEXT_LEFT = 14;
const NOTE_AIR = 3;
/** Room for the mark of a layer that opens. */
const OPENER = 12;

export function paintFull(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
): void {
  ctx.textBaseline = 'alphabetic';
  for (const node of nodes) {
    ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
    inNode(ctx, frame, node);
    ctx.textAlign = 'left';
    if (frame.document.kind[node] !== OPERATOR) pill(ctx, frame, node);
    else if (isLayer(frame, node)) layer(ctx, frame, node);
    else small(ctx, frame, node);
  }
  ctx.textAlign = 'left';
  ctx.globalAlpha = 1;
}

function trace(ctx: CanvasRenderingContext2D, frame: Frame, node: number, radius: number): void {
  const inset = hairline(frame) / 2 / frame.zoom;
  const { width, height } = nodeSize(frame, node);
  ctx.beginPath();
  ctx.roundRect(inset, inset, width - 2 * inset, height - 2 * inset, radius);
}

function outline(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  radius: number,
  fill: string,
  rest: string,
): void {
  trace(ctx, frame, node, radius);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = frame.hover === node ? frame.theme.ink : rest;
  ctx.lineWidth = hairline(frame) / frame.zoom;
  ctx.stroke();
}

function layer(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, theme, tiles, zoom } = frame;
  const { width, height } = nodeSize(frame, node);
  const open = frame.scene.nodeHeight[node] > LAYER_HEIGHT;
  const tile = frame.colours.look[node] !== NO_TILE;
  outline(ctx, frame, node, RADIUS, theme.surface, theme.nodeLine);

  ctx.fillStyle = theme.strip(document.category[node]);
  strip(ctx, 0, 0, onPixel(frame, STRIP_WIDTH), height, RADIUS);

  const opens = document.subgraph[node] !== '';
  const end = width - (tile ? TILE : 0);
  const room = end - TEXT_LEFT - 8 - (opens ? OPENER : 0);
  const op = write(ctx, document.op[node], fontOf(frame, 12, 600), theme.ink, TEXT_LEFT, 21, room);
  const name = shownName(document.name[node], document.op[node]);
  if (name !== '') {
    const style = fontOf(frame, 11, 400, true);
    write(ctx, name, style, theme.ink3, TEXT_LEFT + op + 7, 21, room - op - 7);
  }
  const noteStyle = fontOf(frame, 11);
  // Nothing stands close to a note's end: it may come nearer to the tile than a name.
  const line = room + NOTE_AIR;
  if (opens) chevron(ctx, theme.ink, end - 13, LAYER_HEIGHT / 2);
  write(ctx, noteWithin(ctx, document.note[node], noteStyle, line), noteStyle, theme.ink3, TEXT_LEFT, 39, line);
  const head = open ? onPixel(frame, LAYER_HEIGHT) : height;
  if (tile) paintTile(ctx, frame, node, { left: width - onPixel(frame, TILE), right: width, height: head, open });
  paintRows(ctx, frame, node, TEXT_LEFT, head);

  // Once more on top, because strip and tile cover it.
  if (isFlagged(tiles, node) || frame.hover === node) {
    const flagged = isFlagged(tiles, node);
    ctx.strokeStyle = flagged ? theme.alert : theme.ink;
    ctx.lineWidth = (flagged ? 1.5 : hairline(frame)) / zoom;
    trace(ctx, frame, node, RADIUS);
    ctx.stroke();
  }
}

function small(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, theme } = frame;
  const { width, height } = nodeSize(frame, node);
  const open = frame.scene.nodeHeight[node] > SMALL_HEIGHT;
  const solid = frame.colours.look[node] === SOLID;
  outline(ctx, frame, node, RADIUS, solid ? fillOf(frame, node) : theme.surface2, theme.nodeLine);
  ctx.fillStyle = theme.strip(document.category[node]);
  strip(ctx, 0, 0, onPixel(frame, STRIP_WIDTH), height, RADIUS);
  const opens = document.subgraph[node] !== '';
  const right = opens ? width - 14 : width;
  const ink = solid ? inkOf(frame, node) : theme.ink;
  const style = fontOf(frame, 12, 500);
  const noteStyle = fontOf(frame, 11);
  const [first, end] = [TEXT_LEFT - 4, right - 6];
  const wide = Math.min(textWidth(ctx, style, document.op[node]), end - first);
  const note = noteWithin(ctx, document.note[node], noteStyle, end - first - wide - NOTE_GAP);
  const whole = wide + (note === '' ? 0 : NOTE_GAP + textWidth(ctx, noteStyle, note));
  // Word and note, as far as it is told, stand in the middle together; over lines of text they begin where those begin.
  const middle = (STRIP_WIDTH + right - whole) / 2;
  const left = open ? TEXT_LEFT : Math.min(Math.max(middle, first), end - whole);
  const word = write(ctx, document.op[node], style, ink, left, 15, end - left);
  const rest = end - left - word - NOTE_GAP;
  if (note !== '') write(ctx, note, noteStyle, solid ? ink : theme.ink3, left + word + NOTE_GAP, 15, rest);
  if (open) paintRows(ctx, frame, node, TEXT_LEFT, onPixel(frame, SMALL_HEIGHT));
  if (opens) chevron(ctx, ink, width - 13, SMALL_HEIGHT / 2);
}

function pill(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { document, theme } = frame;
  const { width, height } = nodeSize(frame, node);
  outline(ctx, frame, node, height / 2, theme.surface2, theme.nodeLine);
  ctx.textAlign = 'center';
  const style = fontOf(frame, 11, 400, true);
  write(ctx, document.name[node], style, theme.ink3, width / 2, 15, width - 12);
}
