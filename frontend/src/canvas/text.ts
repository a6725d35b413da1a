// Text that fits: widths remembered per font, and names elided in the middle.

const widths = new Map<string, Map<string, number>>();
const MOST = 20_000;

/** Width of `text` in `font`; leaves the font set. */
export function textWidth(ctx: CanvasRenderingContext2D, font: string, text: string): number {
  if (ctx.font !== font) ctx.font = font;
  let known = widths.get(font);
  if (known === undefined || known.size > MOST) {
    known = new Map();
    widths.set(font, known);
  }
  let width = known.get(text);
  if (width === undefined) {
    width = ctx.measureText(text).width;
    known.set(text, width);
  }
  return width;
}

/** Forgets all widths: another font may have been loaded. */
export function forgetWidths(): void {
  widths.clear();
}

const DOTS = '…';

/**
 * Shortens `text` in its middle until `width(text) <= room`; '' when not even the dots fit. A path
 * loses whole parts first: `/model/…/down_proj/MatMul`.
 */
export function elide(text: string, room: number, width: (text: string) => number): string {
  if (width(text) <= room) return text;
  if (width(DOTS) > room) return '';
  const parts = text.split('/');
  const head = text.startsWith('/') ? 2 : 1;
  for (let keep = parts.length - head - 1; keep >= 1; keep--) {
    const tail = parts.slice(parts.length - keep).join('/');
    const whole = `${parts.slice(0, head).join('/')}/${DOTS}/${tail}`;
    if (width(whole) <= room) return whole;
    const short = `${DOTS}/${tail}`;
    if (keep === 1 && width(short) <= room) return short;
  }
  let [low, high] = [0, text.length];
  const cut = (letters: number): string => {
    const front = Math.floor(letters * 0.4);
    return text.slice(0, front) + DOTS + text.slice(text.length - (letters - front));
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (width(cut(middle)) <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? DOTS : cut(low);
}
