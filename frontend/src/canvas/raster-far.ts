// Very many tiny nodes and lines: written as pixels, tens of times faster than one call for each.
import { parseHex } from '../lib/colour';
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
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  readonly image: ImageData;
  readonly words: Uint32Array;
}

let sheet: Sheet | null = null;

/** The sheet of that size, clear; null where the page has no second canvas. */
function sheetOf(width: number, height: number): Sheet | null {
  if (sheet?.canvas.width === width && sheet.canvas.height === height) {
    sheet.words.fill(0);
    return sheet;
  }
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null || width === 0 || height === 0) return null;
  [canvas.width, canvas.height] = [width, height];
  const image = context.createImageData(width, height);
  sheet = { canvas, context, image, words: new Uint32Array(image.data.buffer) };
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
  if (!('drawImage' in ctx) || width * height > MOST_PIXELS) return false;
  const made = sheetOf(width, height);
  if (made === null) return false;
  writeLines(made.words, width, height, frame, frame.scene, edges);
  writeLines(made.words, width, height, frame, frame.scene.stubs, stubs);
  writeNodes(made.words, width, height, frame, nodes);
  made.context.putImageData(made.image, 0, 0);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.globalAlpha = 1;
  ctx.drawImage(made.canvas, 0, 0);
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
  const word = pixel(packed(parseHex(frame.theme.edgeFar)), frame.matches !== null ? DIMMED : 1);
  const least = INVISIBLE / frame.zoom;
  for (let k = 0; k < wires.length; k++) {
    const from = 2 * start[wires[k]];
    const end = 2 * start[wires[k] + 1] - 2;
    if (Math.abs(points[end] - points[from]) + Math.abs(points[end + 1] - points[from + 1]) < least) continue;
    for (let at = from; at < end; at += 2) {
      const ax = Math.round(left + points[at] * scale);
      const ay = Math.round(top + points[at + 1] * scale);
      const bx = Math.round(left + points[at + 2] * scale);
      const by = Math.round(top + points[at + 3] * scale);
      const x0 = Math.max(Math.min(ax, bx), 0);
      const x1 = Math.min(Math.max(ax, bx) + thick, width);
      const y1 = Math.min(Math.max(ay, by) + thick, height);
      for (let y = Math.max(Math.min(ay, by), 0); y < y1; y++) {
        for (let x = x0; x < x1; x++) words[y * width + x] = word;
      }
    }
  }
}

/** Nodes, in pixels as image data has them: red, green, blue and alpha from the lowest byte up. */
export function writeNodes(words: Uint32Array, width: number, height: number, frame: Frame, nodes: readonly number[]): void {
  const { colours, document, scene, theme } = frame;
  const ink = (colour: string): number => packed(parseHex(colour));
  const [surface, tick, soft, dense] = [ink(theme.surface), ink(theme.lineStrong), ink(theme.ink3), ink(theme.ink2)];
  const scale = frame.zoom * frame.ratio;
  const [left, top] = [frame.originX * frame.ratio, frame.originY * frame.ratio];
  const line = Math.max(1, Math.floor(frame.ratio));

  const fill = (x: number, y: number, right: number, bottom: number, colour: number, alpha: number): void => {
    const [x0, x1] = [Math.max(x, 0), Math.min(right, width)];
    if (x0 >= x1) return;
    const word = pixel(colour, alpha);
    for (let row = Math.max(y, 0), end = Math.min(bottom, height); row < end; row++) {
      const from = row * width;
      if (x1 - x0 === 1) words[from + x0] = word;
      else words.fill(word, from + x0, from + x1);
    }
  };
  const draw = (node: number, layer: boolean): void => {
    const growth = layer ? growthOf(scene, document, node, frame.zoom) : 0;
    const across = layer ? growth : Math.min((TICK - scene.nodeWidth[node]) / 2, 0);
    const x = Math.round(left + (scene.x[node] - across) * scale);
    const y = Math.round(top + (scene.y[node] - growth) * scale);
    const right = Math.max(Math.round(left + (scene.x[node] + scene.nodeWidth[node] + across) * scale), x + 1);
    const bottom = Math.max(Math.round(top + (scene.y[node] + scene.nodeHeight[node] + growth) * scale), y + 1);
    const alpha = isDimmed(frame, node) ? DIMMED : 1;
    const look = colours.look[node];
    if (look === SOLID) fill(x, y, right, bottom, colours.rgb[node], alpha);
    else if (!layer || look === NO_TILE) fill(x, y, right, bottom, tick, alpha);
    else if (look === STRIPED) fill(x, y, right, bottom, mixed(colours.rgb[node], surface), alpha);
    else if (bottom - y < OPEN_FROM * line) fill(x, y, right, bottom, look === HOLLOW ? dense : tick, alpha * 0.6);
    else {
      fill(x, y, right, bottom, look === DASHED ? tick : soft, alpha);
      fill(x + line, y + line, right - line, bottom - line, surface, alpha);
    }
  };
  for (const node of nodes) if (!isLayer(frame, node)) draw(node, false);
  for (const node of nodes) if (isLayer(frame, node)) draw(node, true);
}

function pixel(colour: number, alpha: number): number {
  const [red, green, blue] = [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function mixed(a: number, b: number): number {
  const [one, other] = [unpacked(a), unpacked(b)];
  return packed([(one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2]);
}
