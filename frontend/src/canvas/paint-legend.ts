// The legend of a colour mode as a strip of a picture: the scale, and its signs in lines.
import { glyphIndex } from '../lib/glyphs';
import { drawGlyph } from './glyphs';
import type { Legend, LegendKey } from './modes/mode';
import { stripes } from './shapes';
import { textWidth } from './text';
import type { Theme } from './theme';

const LINE = 18;
const SCALE = { width: 260, height: 10 };
const SIGN = 16;
const GAP = 16;
/** Rectangles that a smooth scale is drawn with: no gradients, so that it is the same in every file. */
const STEPS = 52;

interface Placed {
  readonly key: LegendKey;
  readonly x: number;
  readonly y: number;
}

/** Where everything stands in so much width; `height` px are needed. */
export function layLegend(ctx: CanvasRenderingContext2D, legend: Legend, theme: Theme, width: number): { signs: Placed[]; height: number } {
  const signs: Placed[] = [];
  let y = LINE + (legend.scale ? SCALE.height + 22 : 4);
  for (const group of legend.groups) {
    let x = 0;
    for (const key of group) {
      const wide = (hasSign(key) ? SIGN + 6 : 0) + textWidth(ctx, `400 11px ${theme.fontUi}`, key.text);
      if (x > 0 && x + wide > width) {
        x = 0;
        y += LINE;
      }
      signs.push({ key, x, y });
      x += wide + GAP;
    }
    y += LINE;
  }
  return { signs, height: y };
}

export function paintLegend(ctx: CanvasRenderingContext2D, legend: Legend, theme: Theme, left: number, top: number, width: number): void {
  const small = `400 11px ${theme.fontUi}`;
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  ctx.font = `600 11px ${theme.fontUi}`;
  ctx.fillStyle = theme.ink;
  ctx.fillText(legend.title, left, top + 11);
  if (legend.scale) {
    const { colours, ticks, steps } = legend.scale;
    const count = steps === true ? colours.length : STEPS;
    for (let at = 0; at < count; at += 1) {
      ctx.fillStyle = steps === true ? colours[at]! : theme.scale(at / (count - 1));
      const [from, to] = [Math.round((at * SCALE.width) / count), Math.round(((at + 1) * SCALE.width) / count)];
      ctx.fillRect(left + from, top + LINE, to - from, SCALE.height);
    }
    ctx.font = small;
    ctx.fillStyle = theme.ink3;
    ticks.forEach((tick, at) => {
      ctx.textAlign = at === 0 ? 'left' : at === ticks.length - 1 ? 'right' : 'center';
      ctx.fillText(tick, left + (at / (ticks.length - 1)) * SCALE.width, top + LINE + SCALE.height + 13);
    });
    ctx.textAlign = 'left';
  }
  for (const { key, x, y } of layLegend(ctx, legend, theme, width).signs) {
    const wide = hasSign(key) ? SIGN + 6 : 0;
    if (wide > 0) sign(ctx, key, theme, left + x, top + y + 1);
    ctx.font = small;
    ctx.fillStyle = theme.ink2;
    ctx.fillText(key.text, left + x + wide, top + y + 11);
  }
}

const hasSign = (key: LegendKey): boolean => key.look !== undefined || key.colour !== undefined || key.glyph !== undefined;

function sign(ctx: CanvasRenderingContext2D, { look, colour, glyph }: LegendKey, theme: Theme, x: number, y: number): void {
  const box = { x: x + 0.5, y: y + 0.5, width: SIGN - 1, height: 10 };
  ctx.lineWidth = 1;
  if (look === 'none') {
    ctx.strokeStyle = theme.ink3;
    ctx.beginPath();
    ctx.moveTo(x, y + 5.5);
    ctx.lineTo(x + SIGN, y + 5.5);
    ctx.stroke();
    return;
  }
  if (look !== undefined) {
    if (look === 'claim') stripes(ctx, box.x, box.y, box.width, box.height, colour ?? theme.scale(0.7));
    ctx.strokeStyle = look === 'dense' ? theme.ink2 : theme.ink3;
    ctx.setLineDash(look === 'dense' ? [] : [3, 2]);
    ctx.strokeRect(box.x, box.y, box.width, box.height);
    ctx.setLineDash([]);
    return;
  }
  if (colour !== undefined) {
    ctx.fillStyle = colour;
    ctx.fillRect(x, y, SIGN, 11);
  }
  if (glyph !== undefined) drawGlyph(ctx, glyphIndex(glyph), x + 3, y, 11, colour === undefined ? theme.ink : theme.surface);
}
