// Text that fits: widths remembered per font, and names elided in the middle.
import { countedPart } from '../lib/names';

const widths = new Map<string, Map<string, number>>();
const MOST = 20_000;

/** Width of `text` in `font`. Sets the font only where it is not known yet: that costs more than all else here. */
export function textWidth(ctx: CanvasRenderingContext2D, font: string, text: string): number {
  let known = widths.get(font);
  if (known === undefined || known.size > MOST) {
    known = new Map();
    widths.set(font, known);
  }
  let width = known.get(text);
  if (width === undefined) {
    if (ctx.font !== font) ctx.font = font;
    width = ctx.measureText(text).width;
    known.set(text, width);
  }
  return width;
}

/** Nothing under this is written, screen px. */
const LEAST = 10;

interface Fonts {
  readonly zoom: number;
  readonly theme: { readonly fontUi: string; readonly fontMono: string };
}

/**
 * `size`, world px, or what is just not too small on the screen: in steps, so that widths are measured once for each
 * and not in every frame of a zoom.
 */
export function legible(zoom: number, size: number): number {
  return Math.max(size, Math.ceil((8 * LEAST) / zoom) / 8);
}

/** A font of `size` world px, larger where that would be too small on the screen. */
export function fontOf({ zoom, theme }: Fonts, size: number, weight = 400, mono = false): string {
  return `${weight} ${legible(zoom, size)}px ${mono ? theme.fontMono : theme.fontUi}`;
}

/** Has the fonts loaded before the first picture needs them. */
export function warmFonts(ctx: CanvasRenderingContext2D, theme: Fonts['theme']): void {
  for (const weight of [400, 500, 600]) {
    for (const mono of [false, true]) textWidth(ctx, fontOf({ zoom: 1, theme }, 12, weight, mono), '×·0a');
  }
}

/** Writes `text` elided to `room`; returns the width it took. */
export function write(
  ctx: CanvasRenderingContext2D,
  text: string,
  font: string,
  colour: string,
  x: number,
  y: number,
  room: number,
): number {
  const shown = elide(text, room, (part) => textWidth(ctx, font, part));
  const width = textWidth(ctx, font, shown);
  if (ctx.font !== font) ctx.font = font;
  ctx.fillStyle = colour;
  ctx.fillText(shown, x, y);
  return width;
}

/** What of a note fits into `room`, shortened at its end. */
export function noteWithin(ctx: CanvasRenderingContext2D, text: string, font: string, room: number): string {
  return elideNote(text, room, (part) => textWidth(ctx, font, part));
}

/** Forgets all widths: another font may have been loaded. */
export function forgetWidths(): void {
  widths.clear();
}

const DOTS = '…';

/** A node's name as it stands beside its operator: on one line, without what is told already. */
export function shownName(name: string, op: string): string {
  const plain = /^\s|\s$|\s\s|[^\S ]/.test(name) ? name.replace(/\s+/g, ' ').trim() : name;
  return withoutOperator(plain, op);
}

/**
 * A node's name without what stands before it already: `/layer3/conv2/Conv` of a Conv is
 * `/layer3/conv2`.
 */
export function withoutOperator(name: string, op: string): string {
  const cut = name.lastIndexOf('/');
  if (cut <= 0 || op === '') return name;
  const last = name.slice(cut + 1);
  return last === op || last.startsWith(`${op}_`) ? name.slice(0, cut) : name;
}

/**
 * Shortens `text` in its middle until `width(text) <= room`; '' when not even the dots fit. A path
 * loses whole parts first, and last the one that counts the block: `…/layers.11/…/down_proj`, or
 * `…11/…/down_proj` in less room. Of a path without one the part before its end stays as far as it can:
 * `se…onv2d/depthwise`.
 */
export function elide(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  if (width(DOTS) > room) return '';
  const parts = text.split('/');
  const counted = shortCounted(parts, room, width);
  if (counted !== null) return counted;
  const last = parts.at(-1)!;
  const counts = /\d+$/.exec(parts[countedPart(parts)] ?? '')?.[0];
  if (counts !== undefined && last.length >= LONG_END) {
    const front = `${DOTS}${counts}/`;
    const end = cutMiddle(last, room - width(front), width);
    if (end.length >= LEAST_END) return front + end;
  }
  const head = text.startsWith('/') ? 2 : 1;
  for (let keep = parts.length - head - 1; keep >= 1; keep--) {
    const tail = parts.slice(parts.length - keep).join('/');
    const whole = `${parts.slice(0, head).join('/')}/${DOTS}/${tail}`;
    if (keep > 1 && width(whole) <= room) return whole;
    const short = `${DOTS}/${tail}`;
    if (width(short) > room) continue;
    // What room is left tells the part before it, which may differ where the ends are the same.
    const before = cutMiddle(parts[parts.length - keep - 1]!, room - width(`/${tail}`), width);
    return before.length < LEAST_BEFORE ? short : `${before}/${tail}`;
  }
  // The end of a path tells it from its neighbours.
  return cutMiddle(last.length >= LEAST_END ? last : text, room, width);
}

/** A last part of at least so many letters stands for its path. */
const LEAST_END = 8;
/** A shorter one is better whole than with the block's number before it. */
const LONG_END = 12;
/** A part before the last ones tells something with so many letters, the dots among them. */
const LEAST_BEFORE = 7;

/** Takes whole letters out of the middle: half of an emoji is no letter. */
function cutMiddle(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  const all = Array.from(text);
  let [low, high] = [0, all.length];
  const cut = (letters: number): string => {
    const front = Math.floor(letters * 0.4);
    return all.slice(0, front).join('') + DOTS + all.slice(all.length - (letters - front)).join('');
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (width(cut(middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? DOTS : cut(low);
}

/** Shortens a note at its end, `64×3×3 · pads 1 · groups 8`: whole parts go first, then letters. */
export function elideNote(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  const parts = text.split(' · ');
  for (let keep = parts.length - 1; keep >= 1; keep--) {
    const short = `${parts.slice(0, keep).join(' · ')} ${DOTS}`;
    if (width(short) <= room) return short;
  }
  const all = Array.from(parts[0]!);
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (width(all.slice(0, middle).join('') + DOTS) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : all.slice(0, low).join('') + DOTS;
}

/** The longest form that still says which block it is; null where there is none, or no room. */
function shortCounted(
  parts: readonly string[],
  room: number,
  width: (text: string) => number,
): string | null {
  const at = countedPart(parts);
  if (at < 0) return null;
  const rest = parts.length - at - 1;
  const number = /\d+$/.exec(parts[at])?.[0] ?? '';
  for (const start of [`${DOTS}/${parts[at]}/`, `${parts[at]}/`, `${DOTS}${number}/`, `${number}/`]) {
    for (let keep = rest; keep >= 1; keep--) {
      const end = parts.slice(parts.length - keep).join('/');
      const short = keep === rest ? start + end : `${start}${DOTS}/${end}`;
      if (width(short) <= room) return short;
    }
  }
  return null;
}
