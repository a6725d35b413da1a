// Very many tiny nodes and lines: written as pixels, tens of times faster than one call for each.
import { mix, parseHex } from '../lib/colour';
import { DASHED, HOLLOW, NO_TILE, packed, SOLID, STRIPED, unpacked } from './colours';
import { DIMMED, isDimmed, isLayer, type Frame } from './frame';
import { MERGE_BELOW } from './paint-far';
import { growthOf, TICK } from './spread';

/** From this many nodes on; fewer are drawn as boxes. */
const RASTER_FROM = 2500;
/** A screen of 8K. */
const MOST_PIXELS = 34e6;
/** Lines that lead less far than this, px: the nodes at their ends meet. */
const INVISIBLE = 1.5;
/** A box lower than this, device px, is its outline. */
const OPEN_FROM = 3;

interface Sheet {
  readonly image: ImageData;
  readonly words: Uint32Array;
}

let sheet: Sheet | null = null;

/** The sheet of that size; as it was left. */
function sheetOf(width: number, height: number): Sheet {
  if (sheet?.image.width === width && sheet.image.height === height) return sheet;
  const image = new ImageData(width, height);
  sheet = { image, words: new Uint32Array(image.data.buffer) };
  return sheet;
}

/** True where a picture has so many nodes, and so far away, that it is written pixel by pixel. */
export function isCrowd(frame: Frame, nodes: readonly number[]): boolean {
  return frame.zoom < MERGE_BELOW && nodes.length > RASTER_FROM;
}

/** Draws lines and nodes, layers on top; false where the page cannot. */
export function rasterFar(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
  edges: readonly number[],
  stubs: readonly number[],
): boolean {
  const width = Math.round(frame.width * frame.ratio);
  const height = Math.round(frame.height * frame.ratio);
  // A context that writes vectors has no pixels; a sheet for a poster would stay in memory.
  if (!('putImageData' in ctx) || width * height > MOST_PIXELS || width === 0 || height === 0) return false;
  const { image, words } = sheetOf(width, height);
  words.fill(word(groundOf(frame)));
  writeLines(words, width, height, frame, frame.scene, edges);
  writeLines(words, width, height, frame, frame.scene.stubs, stubs);
  writeNodes(words, width, height, frame, nodes);
  // With its ground, onto the canvas itself: nothing is blended, and nothing copied twice.
  ctx.putImageData(image, 0, 0);
  return true;
}

/** Lines are level or upright: each piece is a row or a column of pixels. */
export function writeLines(
  words: Uint32Array,
  width: number,
  height: number,
  frame: Frame,
  { start, points }: { readonly start: Uint32Array; readonly points: Float32Array },
  wires: readonly number[],
): void {
  const scale = frame.zoom * frame.ratio;
  const [left, top] = [frame.originX * frame.ratio, frame.originY * frame.ratio];
  const thick = Math.max(1, Math.round(frame.ratio));
  const ink = word(over(groundOf(frame), packed(parseHex(frame.theme.edgeFar)), frame.matches !== null ? DIMMED : 1));
  const least = INVISIBLE / frame.zoom;
  for (let k = 0; k < wires.length; k++) {
    const from = 2 * start[wires[k]];
    const end = 2 * start[wires[k] + 1] - 2;
    if (Math.abs(points[end] - points[from]) + Math.abs(points[end + 1] - points[from + 1]) < least) continue;
    let x = Math.round(left + points[from] * scale);
    let y = Math.round(top + points[from + 1] * scale);
    for (let at = from + 2; at <= end; at += 2) {
      const lastX = x;
      const lastY = y;
      x = Math.round(left + points[at] * scale);
      y = Math.round(top + points[at + 1] * scale);
      fill(words, width, height, Math.min(lastX, x), Math.min(lastY, y), Math.max(lastX, x) + thick, Math.max(lastY, y) + thick, ink);
    }
  }
}

/** Nodes, in pixels as image data has them: red, green, blue and alpha from the lowest byte up. */
export function writeNodes(words: Uint32Array, width: number, height: number, frame: Frame, nodes: readonly number[]): void {
  const { colours, document, scene } = frame;
  const { x: lefts, y: tops, nodeWidth, nodeHeight } = scene;
  const [bright, pale] = [inksOf(frame, 1), inksOf(frame, DIMMED)];
  const scale = frame.zoom * frame.ratio;
  const [left, top] = [frame.originX * frame.ratio, frame.originY * frame.ratio];
  const line = Math.max(1, Math.floor(frame.ratio));
  for (const layers of [false, true]) {
    for (let k = 0; k < nodes.length; k++) {
      const node = nodes[k];
      if (isLayer(frame, node) !== layers) continue;
      const growth = layers ? growthOf(scene, document, node, frame.zoom) : 0;
      const across = layers ? growth : Math.min((TICK - nodeWidth[node]) / 2, 0);
      const x = Math.round(left + (lefts[node] - across) * scale);
      const y = Math.round(top + (tops[node] - growth) * scale);
      const right = Math.max(Math.round(left + (lefts[node] + nodeWidth[node] + across) * scale), x + 1);
      const bottom = Math.max(Math.round(top + (tops[node] + nodeHeight[node] + growth) * scale), y + 1);
      const look = colours.look[node];
      const inks = isDimmed(frame, node) ? pale : bright;
      let ink = inks.tick;
      if (look === SOLID) ink = inks.of(colours.rgb[node]);
      else if (layers && look === STRIPED) ink = inks.of(over(inks.surface, colours.rgb[node], 0.5));
      else if (layers && look !== NO_TILE) {
        if (bottom - y < OPEN_FROM * line) ink = look === HOLLOW ? inks.lowDense : inks.lowTick;
        else if (look !== DASHED) ink = inks.soft;
      }
      fill(words, width, height, x, y, right, bottom, ink);
      const open = layers && (look === HOLLOW || look === DASHED) && bottom - y >= OPEN_FROM * line;
      if (open) fill(words, width, height, x + line, y + line, right - line, bottom - line, inks.inside);
    }
  }
}

/** Pixels of what nodes are drawn in; all but `surface`, a packed colour, with so much alpha over the ground. */
function inksOf(frame: Frame, alpha: number) {
  const { theme } = frame;
  const ground = groundOf(frame);
  const ink = (colour: string, share = 1): number => word(over(ground, packed(parseHex(colour)), alpha * share));
  return {
    tick: ink(theme.lineStrong),
    soft: ink(theme.ink3),
    inside: ink(theme.surface),
    lowTick: ink(theme.lineStrong, 0.6),
    lowDense: ink(theme.ink2, 0.6),
    surface: packed(parseHex(theme.surface)),
    of: (colour: number): number => word(over(ground, colour, alpha)),
  };
}

/** Rows from so many pixels on are left to the browser. */
const LONG = 24;

/** A box of pixels, as far as it is on the sheet; `right` and `bottom` are outside. */
function fill(words: Uint32Array, width: number, height: number, x: number, y: number, right: number, bottom: number, ink: number): void {
  const x0 = x > 0 ? x : 0;
  const x1 = right < width ? right : width;
  const first = (y > 0 ? y : 0) * width + x0;
  const wide = x1 - x0;
  const end = (bottom < height ? bottom : height) * width;
  if (wide === 1) {
    for (let at = first; at < end; at += width) words[at] = ink;
  } else if (wide >= LONG) {
    for (let at = first; at < end; at += width) words.fill(ink, at, at + wide);
  } else if (wide > 0) {
    for (let row = first; row < end; row += width) {
      for (let at = row; at < row + wide; at++) words[at] = ink;
    }
  }
}

function groundOf(frame: Frame): number {
  return packed(parseHex(frame.theme.canvas));
}

/** A colour as image data has it, opaque. */
function word(colour: number): number {
  return (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | ((colour >> 16) & 255)) >>> 0;
}

/** What is seen of a colour with so much alpha over another. */
function over(ground: number, colour: number, alpha: number): number {
  return alpha === 1 ? colour : packed(mix(unpacked(ground), unpacked(colour), alpha));
}
