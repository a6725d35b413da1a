// Very many tiny nodes and lines: written as pixels, tens of times faster than one call for each.
import { mix, parseHex } from '../lib/colour';
import { DASHED, HOLLOW, packed, SOLID, STRIPED, unpacked } from './colours';
import { crowdNodes, piecesFrom, piecesOf, type Pieces } from './crowd';
import { DIMMED, isDimmed, type Frame } from './frame';
import { MERGE_BELOW } from './paint-far';
import { wishOf } from './spread';

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
export function rasterFar(ctx: CanvasRenderingContext2D, frame: Frame): boolean {
  const width = Math.round(frame.width * frame.ratio);
  const height = Math.round(frame.height * frame.ratio);
  // A context that writes vectors has no pixels; a sheet for a poster would stay in memory.
  if (!('putImageData' in ctx) || width * height > MOST_PIXELS || width === 0 || height === 0) return false;
  const { image, words } = sheetOf(width, height);
  words.fill(word(groundOf(frame)));
  writeLines(words, width, height, frame, piecesOf(frame.scene));
  writeLines(words, width, height, frame, piecesOf(frame.scene.stubs));
  writeNodes(words, width, height, frame);
  // With its ground, onto the canvas itself: nothing is blended, and nothing copied twice.
  ctx.putImageData(image, 0, 0);
  return true;
}

/** Makes every number of the sheet's surroundings positive: then `| 0` rounds down. */
const LIFT = 1 << 28;

/** Each piece is a row or a column of pixels. */
export function writeLines(words: Uint32Array, width: number, height: number, frame: Frame, pieces: Pieces): void {
  const { ends, span } = pieces;
  const scale = frame.zoom * frame.ratio;
  const left = frame.originX * frame.ratio + 0.5 + LIFT;
  const top = frame.originY * frame.ratio + 0.5 + LIFT;
  const thick = Math.max(1, Math.round(frame.ratio)) - LIFT;
  const ink = word(over(groundOf(frame), packed(parseHex(frame.theme.edgeFar)), frame.matches !== null ? DIMMED : 1));
  const least = INVISIBLE / frame.zoom;
  const count = piecesFrom(pieces, least);
  for (let piece = 0, at = 0; piece < count; piece++, at += 4) {
    if (span[piece] < least) continue;
    const x = ((left + ends[at] * scale) | 0) - LIFT;
    const y = ((top + ends[at + 1] * scale) | 0) - LIFT;
    const right = ((left + ends[at + 2] * scale) | 0) + thick;
    const bottom = ((top + ends[at + 3] * scale) | 0) + thick;
    fill(words, width, height, x, y, right, bottom, ink);
  }
}

/** Nodes, in pixels as image data has them: red, green, blue and alpha from the lowest byte up. */
export function writeNodes(words: Uint32Array, width: number, height: number, frame: Frame): void {
  const { node, boxes, spare, layers } = crowdNodes(frame.scene, frame.document);
  const { low, tall, inside } = inksBy(frame);
  const scale = frame.zoom * frame.ratio;
  const left = frame.originX * frame.ratio + 0.5 + LIFT;
  const top = frame.originY * frame.ratio + 0.5 + LIFT;
  const line = Math.max(1, Math.floor(frame.ratio));
  for (let place = 0, at = 0; place < node.length; place++, at += 4) {
    const wish = place < layers ? 0 : wishOf(boxes[at + 3] - boxes[at + 1], frame.zoom);
    const growth = wish > 0 ? Math.min(wish, spare[place]) : 0;
    const x = ((left + (boxes[at] - growth) * scale) | 0) - LIFT;
    const y = ((top + (boxes[at + 1] - growth) * scale) | 0) - LIFT;
    const right = Math.max(((left + (boxes[at + 2] + growth) * scale) | 0) - LIFT, x + 1);
    const bottom = Math.max(((top + (boxes[at + 3] + growth) * scale) | 0) - LIFT, y + 1);
    const isLow = bottom - y < OPEN_FROM * line;
    fill(words, width, height, x, y, right, bottom, isLow ? low[place] : tall[place]);
    if (!isLow && inside[place] !== 0) fill(words, width, height, x + line, y + line, right - line, bottom - line, inside[place]);
  }
}

/** By place in the order of drawing: pixels of a node that is low, of one that is not, and inside of that; 0: the same. */
interface Inks {
  readonly low: Uint32Array;
  readonly tall: Uint32Array;
  readonly inside: Uint32Array;
}

type Dress = Pick<Frame, 'scene' | 'document' | 'colours' | 'matches' | 'selection' | 'theme'>;

let dressed: { readonly frame: Dress; readonly inks: Inks } | null = null;

/** While the camera moves nothing of this changes. */
function inksBy(frame: Frame): Inks {
  const now = dressed?.frame;
  const same =
    now?.scene === frame.scene && now.document === frame.document && now.colours === frame.colours &&
    now.matches === frame.matches && now.selection === frame.selection && now.theme === frame.theme;
  if (dressed === null || !same) {
    const { scene, document, colours, matches, selection, theme } = frame;
    dressed = { frame: { scene, document, colours, matches, selection, theme }, inks: dress(frame) };
  }
  return dressed.inks;
}

function dress(frame: Frame): Inks {
  const { node: order, layers } = crowdNodes(frame.scene, frame.document);
  const { look: looks, rgb } = frame.colours;
  const inks = { low: new Uint32Array(order.length), tall: new Uint32Array(order.length), inside: new Uint32Array(order.length) };
  const [bright, pale] = [inksOf(frame, 1), inksOf(frame, DIMMED)];
  for (let place = 0; place < order.length; place++) {
    const node = order[place];
    const look = looks[node];
    const own = isDimmed(frame, node) ? pale : bright;
    let [low, tall] = [own.tick, own.tick];
    if (look === SOLID) low = tall = own.of(rgb[node]);
    else if (place >= layers && look === STRIPED) low = tall = own.of(over(own.surface, rgb[node], 0.5));
    else if (place >= layers && (look === HOLLOW || look === DASHED)) {
      // A box too low for an inside is its outline.
      [low, tall] = look === HOLLOW ? [own.lowDense, own.soft] : [own.lowTick, own.tick];
      inks.inside[place] = own.inside;
    }
    inks.low[place] = low;
    inks.tall[place] = tall;
  }
  return inks;
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
