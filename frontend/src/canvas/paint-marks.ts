// What lies over the nodes: rings of selection and search, flags, unsaved dots, claims beside a node.
import { OPERATOR } from '../graph/document';
import { LAYER_HEIGHT } from '../graph/sizes';
import { glyphIndex } from '../lib/glyphs';
import { inNode, inScreen, screenBox, type Frame } from './frame';
import { drawGlyph } from './glyphs';
import { tensorEdges } from './paint-edges';
import { paintLock } from './paint-lock';
import { TILE } from './paint-tile';
import { RADIUS } from './shapes';
import { elide, legible, textWidth } from './text';
import { isEdited, isFlagged, isKept } from './tiles';

const MISMATCH = glyphIndex('mismatch');
const TAG_ROOM = 180;

export function paintMarks(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
): void {
  inScreen(ctx, frame);
  // What nothing is marked by is not looked for: of a whole large graph that is a share of each frame.
  if (frame.matches !== null) for (const node of nodes) {
    // A selected hit has both rings, one around the other.
    if (frame.matches.has(node)) ring(ctx, frame, node, frame.theme.match, frame.selection.has(node) ? 3 : 0);
  }
  if (frame.selection.size > 0) for (const node of nodes) {
    if (frame.selection.has(node)) ring(ctx, frame, node, frame.theme.accent);
  }
  if (frame.hover >= 0) paintEnds(ctx, frame, neighbours(frame));
  else if (frame.hoverEdge >= 0) {
    const edges = tensorEdges(frame, frame.hoverEdge);
    paintEnds(ctx, frame, new Set(edges.flatMap((edge) => [frame.scene.source[edge], frame.scene.target[edge]])));
  }
  if (frame.tiles === null) return;
  for (const node of nodes) {
    if (isEdited(frame.tiles, node)) editedDot(ctx, frame, node);
    if (isFlagged(frame.tiles, node)) flag(ctx, frame, node);
    if (isKept(frame.tiles, node)) paintLock(ctx, frame, node);
  }
}

/** 2 px, 2 px away from the node, and `more`; thinner and closer where nodes are only a few pixels high. */
function ring(ctx: CanvasRenderingContext2D, frame: Frame, node: number, colour: string, more = 0): void {
  const { x, y, width, height } = screenBox(frame, node);
  const away = (frame.level === 'far' ? 2 : 3) + more;
  const least = frame.level === 'far' ? 4 : 0;
  const [dx, dy] = [Math.max(away, (least - width) / 2), Math.max(away, (least - height) / 2)];
  const round = frame.level === 'full' ? 8 * frame.zoom + more : frame.level === 'small' ? 5 + more : 2;
  ctx.strokeStyle = colour;
  ctx.lineWidth = frame.level === 'far' ? 1.5 : 2;
  ctx.beginPath();
  ctx.roundRect(x - dx, y - dy, width + 2 * dx, height + 2 * dy, round);
  ctx.stroke();
}

/** The producers and consumers of the hovered node. */
function neighbours({ scene, hover }: Frame): Set<number> {
  const ends = new Set<number>();
  const { entering, leaving } = scene;
  for (let k = entering.start[hover]; k < entering.start[hover + 1]; k++) {
    ends.add(scene.source[entering.list[k]]);
  }
  for (let k = leaving.start[hover]; k < leaving.start[hover + 1]; k++) {
    ends.add(scene.target[leaving.list[k]]);
  }
  ends.delete(hover);
  return ends;
}

/** A thin blue line round nodes at the other ends of what is under the pointer. */
function paintEnds(ctx: CanvasRenderingContext2D, frame: Frame, ends: ReadonlySet<number>): void {
  const { theme, level } = frame;
  ctx.globalAlpha = frame.hoverShare;
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = level === 'far' ? 1 : 1.5;
  for (const node of ends) {
    const { x, y, width, height } = screenBox(frame, node);
    const operator = frame.document.kind[node] === OPERATOR;
    const round = operator ? RADIUS * Math.min(frame.zoom, 1) : height / 2;
    ctx.beginPath();
    ctx.roundRect(x, y, width, height, round);
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

function dot(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  rim: string | null,
): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.fill();
  if (rim === null) return;
  ctx.strokeStyle = rim;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

function editedDot(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { theme, level } = frame;
  const { x, y, width } = screenBox(frame, node);
  inScreen(ctx, frame);
  // At the right corner; a flag stands there too once the node is small.
  const shift = level !== 'full' && isFlagged(frame.tiles, node) ? 11 : 0;
  const radius = level === 'full' ? 5 : level === 'small' ? 4 : 1.5;
  const rim = level === 'far' ? null : theme.canvas;
  dot(ctx, x + width - shift, y + (level === 'full' ? 1 : 0), radius, theme.edited, rim);
}

function flag(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const { scene, theme, level, zoom } = frame;
  if (level !== 'full') {
    const { x, y, width } = screenBox(frame, node);
    inScreen(ctx, frame);
    if (level === 'small') dot(ctx, x + width, y, 6, theme.alert, theme.surface);
    else dot(ctx, x + width, y, 1.5, theme.alert, null);
    return;
  }
  inNode(ctx, frame, node);
  const at = scene.nodeWidth[node] - TILE;
  dot(ctx, at, 0, 9, theme.alert, theme.surface);
  drawGlyph(ctx, MISMATCH, at - 5, -5, 10, theme.surface);
  const tag = frame.tiles?.tag[node] ?? null;
  if (tag !== null && tag !== '') {
    beside(ctx, frame, tag, scene.nodeWidth[node] + 8, LAYER_HEIGHT / 2, zoom);
  }
  inScreen(ctx, frame);
}

/** The claim that does not hold, on a soft red pill right of the node. */
function beside(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  tag: string,
  x: number,
  y: number,
  zoom: number,
): void {
  const { theme } = frame;
  const style = `400 ${legible(zoom, 11)}px ${theme.fontUi}`;
  const text = elide(tag, TAG_ROOM, (part) => textWidth(ctx, style, part));
  const width = textWidth(ctx, style, text) + 29;
  ctx.fillStyle = theme.alertSoft;
  ctx.beginPath();
  ctx.roundRect(x, y - 10, width, 20, 4);
  ctx.fill();
  drawGlyph(ctx, MISMATCH, x + 7, y - 5, 10, theme.alert);
  ctx.font = style;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.fillStyle = theme.alert;
  ctx.fillText(text, x + 22, y + 4);
}
