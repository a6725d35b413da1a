// Nodes from zoom 0.35 to 0.8: the whole box tells the sparsity, with glyph and figure if they fit.
import { OPERATOR } from '../graph/document';
import { NOTE_GAP, SMALL_HEIGHT } from '../graph/sizes';
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
import { chevron, strip, stripes } from './shapes';
import { noteWithin, shownName, textWidth, write } from './text';
import { figureOf, isFlagged } from './tiles';

const GLYPH = 12; // screen px
const TEXT = 11;
/** A long operator is written smaller than others rather than not at all, screen px. */
const WORD_SIZES = [TEXT, TEXT - 1, TEXT - 2];
/** Where glyph and words of a layer begin, and how far from its end the figure stands, screen px. */
const LEFT = 10;
const RIGHT = 7;
/** What the mark of a layer that opens takes beside its figure. */
const OPENER = 9;
/** Free ground beside a word. */
const AIR = 6;
/** As wide as a figure usually is. */
const FIGURE = '00.0 %';
/** A name shortened to less than this tells nothing. */
const LEAST_NAME = 64;
/** Words of other operators, world px; none is written smaller than LEGIBLE, screen px. */
const WORD = 12;
const NOTE = 11;
const LEGIBLE = 7;
/** A word needs a box this many times as high. */
const LEADING = 1.25;
/** A word that loses more than the rest of this is not written. */
const LEAST_SHARE = 0.6;
/** From a line's middle down to its baseline, in sizes of its text. */
const BASELINE = 0.36;

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
  ctx.strokeStyle = line(frame, node, look === SOLID ? theme.tileLine : look === HOLLOW ? theme.ink2 : theme.nodeLine);
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
  // All figures end at one line, and the marks beside them stand in one.
  const least = Math.max(textWidth(ctx, style, FIGURE), wide);
  const opens = document.subgraph[node] !== '' && width >= LEFT + GLYPH + AIR + OPENER + least + RIGHT;
  const taken = opens ? least + OPENER : wide;
  const ink = inkOf(frame, node);
  const middle = y + height / 2;
  if (look === STRIPED) {
    ctx.fillStyle = theme.surface;
    ctx.beginPath();
    ctx.roundRect(x + width - RIGHT - 3 - taken, middle - 7, taken + 6, 14, 2);
    ctx.fill();
  }
  ctx.font = style;
  ctx.textAlign = 'right';
  ctx.fillStyle = ink;
  ctx.fillText(text, x + width - RIGHT, middle + 4);
  if (opens) chevron(ctx, ink, x + width - RIGHT - taken, middle);
  ctx.textAlign = 'left';
  const word = colours.word?.[node] ?? '';
  if (word !== '' && width >= taken + textWidth(ctx, style, word) + 26) {
    ctx.fillText(word, x + 12, middle + 4);
  } else if (width >= LEFT + GLYPH + AIR + taken + RIGHT) {
    drawGlyph(ctx, tiles?.glyph[node] ?? -1, x + LEFT, Math.round(middle - GLYPH / 2), GLYPH, ink);
    // No words on stripes.
    if (look === STRIPED) return;
    const left = x + LEFT + GLYPH + AIR;
    const room = x + width - RIGHT - taken - AIR - left;
    // As if all figures were as wide: neighbours tell their operator, or none does.
    const spare = Math.max(least - taken, 0);
    const size = WORD_SIZES.find((one) => textWidth(ctx, plain(frame, one), document.op[node]) + spare <= room);
    if (size !== undefined) title(ctx, frame, node, left, middle + 4, room, ink, size);
  }
}

function plain({ theme }: Frame, size: number): string {
  return `400 ${size}px ${theme.fontUi}`;
}

/** Operator of a layer, and its name as far as there is room for it. */
function title(ctx: CanvasRenderingContext2D, frame: Frame, node: number, left: number, base: number, room: number, ink: string, size: number): void {
  const { colours, document, theme } = frame;
  const op = document.op[node];
  const wide = write(ctx, op, plain(frame, size), ink, left, base, room);
  const rest = room - wide - AIR - 2;
  const name = shownName(document.name[node], op);
  const mono = `400 ${TEXT - 1}px ${theme.fontMono}`;
  if (rest < LEAST_NAME && textWidth(ctx, mono, name) > rest) return;
  const soft = colours.look[node] === SOLID ? ink : theme.ink3;
  write(ctx, name, mono, soft, left + wide + AIR, base, rest);
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
  caption(ctx, frame, node, x + (operator ? side : 0), x + width, y);
}

/** An operator's word, and its note where that is legible too; nothing that would not fit its box. */
function caption(ctx: CanvasRenderingContext2D, frame: Frame, node: number, left: number, right: number, top: number): void {
  const { colours, document, scene, theme, zoom } = frame;
  const operator = document.kind[node] === OPERATOR;
  const size = Math.max(half((operator ? WORD : NOTE) * zoom), LEGIBLE);
  const tall = SMALL_HEIGHT * zoom;
  if (tall < size * LEADING) return;
  const font = operator ? `500 ${size}px ${theme.fontUi}` : `400 ${size}px ${theme.fontMono}`;
  const text = operator ? document.op[node] : document.name[node];
  const room = right - left - 2;
  const wide = Math.min(textWidth(ctx, font, text), room);
  if (wide < textWidth(ctx, font, text) * LEAST_SHARE) return;
  const noteFont = `400 ${Math.max(half(NOTE * zoom), LEGIBLE)}px ${theme.fontUi}`;
  const gap = NOTE_GAP * zoom;
  const note = operator ? document.note[node] : '';
  // Larger than in proportion to its box a note is whole, or not there.
  const fits = noteWithin(ctx, note, noteFont, room - wide - gap);
  const told = NOTE * zoom >= LEGIBLE || fits === note ? fits : '';
  const whole = wide + (told === '' ? 0 : gap + textWidth(ctx, noteFont, told));
  const solid = colours.look[node] === SOLID;
  const ink = solid ? inkOf(frame, node) : operator ? theme.ink2 : theme.ink3;
  const at = scene.nodeHeight[node] > SMALL_HEIGHT ? left + AIR * zoom : (left + right - whole) / 2;
  const base = top + tall / 2 + size * BASELINE;
  write(ctx, text, font, ink, at, base, room);
  if (told === '') return;
  write(ctx, told, noteFont, solid ? ink : theme.ink3, at + wide + gap, base, room - wide - gap);
}

/** Sizes of text go in steps of half a pixel: letters are made once for each. */
function half(size: number): number {
  return Math.floor(2 * size) / 2;
}

function line(frame: Frame, node: number, rest: string): string {
  if (isFlagged(frame.tiles, node)) return frame.theme.alert;
  return frame.hover === node ? frame.theme.ink : rest;
}
