// Draws a format glyph on the canvas, from the same path data as the panels.
import { GLYPHS, GLYPH_PATHS } from '../lib/glyphs';

const paths = new Map<string, Path2D>();
const sources = new WeakMap<Path2D, string>();

/** A path of SVG data, made once. */
export function path(data: string): Path2D {
  let made = paths.get(data);
  if (made === undefined) {
    made = new Path2D(data);
    paths.set(data, made);
    sources.set(made, data);
  }
  return made;
}

/** The SVG data that a path was made of. */
export function dataOf(made: Path2D): string {
  return sources.get(made) ?? '';
}

/** Draws glyph `index` of GLYPHS in a square of `size` px, its top left corner at `x`, `y`. */
export function drawGlyph(
  ctx: CanvasRenderingContext2D,
  index: number,
  x: number,
  y: number,
  size: number,
  colour: string,
): void {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 12, size / 12);
  for (const { d, stroke } of GLYPH_PATHS[GLYPHS[index] ?? 'unknown']) {
    if (stroke === undefined) {
      ctx.fillStyle = colour;
      ctx.fill(path(d));
    } else {
      ctx.strokeStyle = colour;
      ctx.lineWidth = stroke;
      ctx.stroke(path(d));
    }
  }
  ctx.restore();
}
