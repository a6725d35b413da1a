// A 2D context that writes SVG: the painters draw the same scene into a file, as vectors.
import { dataOf } from './glyphs';

type Matrix = readonly [scale: number, x: number, y: number];

/** What save() keeps. */
interface Style {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineJoin: string;
  font: string;
  textAlign: string;
  textBaseline: string;
  globalAlpha: number;
  dash: readonly number[];
  matrix: Matrix;
  /** groups of clips that are open */
  clips: number;
}

/** Everything that the painters of the graph call. Scales are the same along both axes, nothing is turned. */
export class SvgContext {
  fillStyle = '#000';
  strokeStyle = '#000';
  lineWidth = 1;
  lineJoin = 'miter';
  font = '10px sans-serif';
  textAlign = 'left';
  textBaseline = 'alphabetic';
  globalAlpha = 1;
  private dash: readonly number[] = [];
  private matrix: Matrix = [1, 0, 0];
  private clips = 0;
  private readonly stack: Style[] = [];
  private readonly parts: string[] = [];
  private path: string[] = [];
  /** The path where it is one box: it is written as such. */
  private box: { x: number; y: number; width: number; height: number; round: number } | null = null;
  private at: readonly [number, number] = [0, 0];
  private clipCount = 0;

  /** `measure`: the width of a text in a font, px. */
  constructor(private readonly measure: (font: string, text: string) => number) {}

  /** The context as painters take it. */
  get context(): CanvasRenderingContext2D {
    return this as unknown as CanvasRenderingContext2D;
  }

  /** The whole file; `mono`: the family that counts as the second one beside `family`. */
  file(size: { width: number; height: number }, title: string, family: string, mono: string): string {
    const [width, height] = [num(size.width), num(size.height)];
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escaped(family)}">`,
      `<title>${escaped(title)}</title>`,
      `<style>.m{font-family:${escaped(mono)}}text{white-space:pre}</style>`,
      ...this.parts,
      '</svg>\n',
    ].join('\n');
  }

  // State

  setTransform(a: number, _b: number, _c: number, _d: number, e: number, f: number): void {
    this.matrix = [a, e, f];
  }

  translate(x: number, y: number): void {
    const [s, dx, dy] = this.matrix;
    this.matrix = [s, dx + s * x, dy + s * y];
  }

  scale(by: number): void {
    const [s, x, y] = this.matrix;
    this.matrix = [s * by, x, y];
  }

  setLineDash(dash: readonly number[]): void {
    this.dash = dash;
  }

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, globalAlpha, dash, matrix, clips } = this;
    this.stack.push({ fillStyle, strokeStyle, lineWidth, lineJoin, font, textAlign, textBaseline, globalAlpha, dash, matrix, clips });
  }

  restore(): void {
    const kept = this.stack.pop();
    if (kept === undefined) return;
    for (; this.clips > kept.clips; this.clips -= 1) this.parts.push('</g>');
    Object.assign(this, kept);
  }

  clip(): void {
    this.clipCount += 1;
    this.clips += 1;
    this.parts.push(`<clipPath id="c${this.clipCount}">${this.shape()}/></clipPath><g clip-path="url(#c${this.clipCount})">`);
  }

  // Paths

  beginPath(): void {
    this.path = [];
    this.box = null;
  }

  moveTo(x: number, y: number): void {
    this.add(`M${this.point(x, y)}`);
  }

  lineTo(x: number, y: number): void {
    this.add(`L${this.point(x, y)}`);
  }

  closePath(): void {
    this.add('Z');
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.roundRect(x, y, width, height, 0);
  }

  roundRect(x: number, y: number, width: number, height: number, radii: number | readonly number[] = 0): void {
    const most = Math.max(0, Math.min(width, height) / 2);
    const [a, b, c, d] = corners(radii).map((one) => Math.min(one, most)) as [number, number, number, number];
    const whole = this.path.length === 0 && a === b && b === c && c === d ? { x, y, width, height, round: a } : null;
    const arc = (radius: number, px: number, py: number) => (radius === 0 ? '' : `A${this.length(radius)} ${this.length(radius)} 0 0 1 ${this.point(px, py)}`);
    const [right, low] = [x + width, y + height];
    this.add(`M${this.point(x + a, y)}L${this.point(right - b, y)}${arc(b, right, y + b)}L${this.point(right, low - c)}${arc(c, right - c, low)}`
      + `L${this.point(x + d, low)}${arc(d, x, low - d)}L${this.point(x, y + a)}${arc(a, x + a, y)}Z`);
    this.box = whole;
  }

  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const r = this.length(radius);
    const on = (angle: number) => this.point(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    // Two halves: an arc that ends where it begins would be nothing.
    const middle = (from + to) / 2;
    const large = to - from > 2 * Math.PI - 1e-9 ? 0 : Number(to - from > Math.PI);
    if (large === 1) this.add(`${this.path.length > 0 ? 'L' : 'M'}${on(from)}A${r} ${r} 0 1 1 ${on(to)}`);
    else this.add(`${this.path.length > 0 ? 'L' : 'M'}${on(from)}A${r} ${r} 0 0 1 ${on(middle)}A${r} ${r} 0 0 1 ${on(to)}`);
    this.at = [x + radius * Math.cos(to), y + radius * Math.sin(to)];
  }

  arcTo(x1: number, y1: number, x2: number, y2: number, radius: number): void {
    const [x0, y0] = this.at;
    const [ax, ay, bx, by] = [x0 - x1, y0 - y1, x2 - x1, y2 - y1];
    const [a, b] = [Math.hypot(ax, ay), Math.hypot(bx, by)];
    const cross = ax * by - ay * bx;
    if (a === 0 || b === 0 || radius === 0 || Math.abs(cross) < 1e-9 * a * b) {
      this.lineTo(x1, y1);
      return;
    }
    const half = Math.acos(Math.min(1, Math.max(-1, (ax * bx + ay * by) / (a * b)))) / 2;
    const along = radius / Math.tan(half);
    this.lineTo(x1 + (ax / a) * along, y1 + (ay / a) * along);
    const [ex, ey] = [x1 + (bx / b) * along, y1 + (by / b) * along];
    const r = this.length(radius);
    this.add(`A${r} ${r} 0 0 ${cross > 0 ? 0 : 1} ${this.point(ex, ey)}`);
    this.at = [ex, ey];
  }

  // Ink

  fill(path?: Path2D): void {
    if (path !== undefined) this.given(path, this.paint('fill', this.fillStyle));
    else if (this.path.length > 0) this.parts.push(`${this.shape()}${this.paint('fill', this.fillStyle)}/>`);
  }

  stroke(path?: Path2D): void {
    if (path !== undefined) this.given(path, this.line(1));
    else if (this.path.length > 0) this.parts.push(`${this.shape()}${this.line(this.matrix[0])}/>`);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.parts.push(`${this.rectangle({ x, y, width, height, round: 0 })}${this.paint('fill', this.fillStyle)}/>`);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.parts.push(`${this.rectangle({ x, y, width, height, round: 0 })}${this.line(this.matrix[0])}/>`);
  }

  fillText(text: string, x: number, y: number): void {
    this.text(text, x, y, this.paint('fill', this.fillStyle));
  }

  strokeText(text: string, x: number, y: number): void {
    this.text(text, x, y, this.line(this.matrix[0]));
  }

  measureText(text: string): { width: number } {
    return { width: this.measure(this.font, text) };
  }

  // Inside

  private add(part: string): void {
    this.path.push(part);
    this.box = null;
  }

  private point(x: number, y: number): string {
    this.at = [x, y];
    const [s, dx, dy] = this.matrix;
    return `${num(dx + s * x)} ${num(dy + s * y)}`;
  }

  private length(value: number): string {
    return num(value * this.matrix[0]);
  }

  private shape(): string {
    return this.box === null ? `<path d="${this.path.join('')}"` : this.rectangle(this.box);
  }

  private rectangle({ x, y, width, height, round }: { x: number; y: number; width: number; height: number; round: number }): string {
    const [s, dx, dy] = this.matrix;
    const corner = round > 0 ? ` rx="${this.length(round)}"` : '';
    return `<rect x="${num(dx + s * x)}" y="${num(dy + s * y)}" width="${this.length(Math.max(width, 0))}" height="${this.length(Math.max(height, 0))}"${corner}`;
  }

  /** A path that is given as data: it is placed by a transform. */
  private given(path: Path2D, ink: string): void {
    const [s, x, y] = this.matrix;
    this.parts.push(`<path d="${dataOf(path)}" transform="translate(${num(x)} ${num(y)}) scale(${num(s, 4)})"${ink}/>`);
  }

  private text(text: string, x: number, y: number, ink: string): void {
    const clean = escaped(text);
    if (clean === '') return;
    const [s, dx, dy] = this.matrix;
    const match = /^(?:(\d+) )?([\d.]+)px (.*)$/.exec(this.font);
    const [weight, size, family] = match ? [match[1] ?? '400', Number(match[2]), match[3]!] : ['400', 10, ''];
    const anchor = this.textAlign === 'center' ? ' text-anchor="middle"' : this.textAlign === 'right' ? ' text-anchor="end"' : '';
    const base = this.textBaseline === 'middle' ? ' dominant-baseline="central"' : '';
    const kind = /mono/i.test(family) ? ' class="m"' : '';
    const heavy = weight === '400' ? '' : ` font-weight="${weight}"`;
    this.parts.push(`<text x="${num(dx + s * x)}" y="${num(dy + s * y)}" font-size="${num(size * s)}"${heavy}${anchor}${base}${kind}${ink}>${clean}</text>`);
  }

  private paint(name: 'fill' | 'stroke', colour: string): string {
    const { plain, alpha } = opaque(colour);
    const clear = alpha * this.globalAlpha;
    return ` ${name}="${plain}"${clear < 1 ? ` ${name}-opacity="${num(clear, 3)}"` : ''}`;
  }

  private line(scale: number): string {
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.map((one) => num(one * scale)).join(' ')}"` : '';
    const join = this.lineJoin === 'round' ? ' stroke-linejoin="round"' : '';
    return ` fill="none"${this.paint('stroke', this.strokeStyle)} stroke-width="${num(this.lineWidth * scale, 3)}"${dash}${join}`;
  }
}

function corners(radii: number | readonly number[]): number[] {
  if (typeof radii === 'number') return [radii, radii, radii, radii];
  const [a = 0, b = a, c = a, d = b] = radii;
  return [a, b, c, d];
}

function num(value: number, decimals = 2): string {
  return String(Number(value.toFixed(decimals)));
}

/** A CSS colour as every reader of SVG knows it, and how opaque it is. */
export function opaque(colour: string): { plain: string; alpha: number } {
  const match = /^rgba?\(([^)]*)\)$/.exec(colour.trim());
  if (!match) return { plain: escaped(colour.trim()), alpha: 1 };
  const [r = '0', g = '0', b = '0', a = '1'] = match[1]!.split(/[\s,/]+/).filter((part) => part !== '');
  const alpha = a.endsWith('%') ? Number(a.slice(0, -1)) / 100 : Number(a);
  return { plain: `rgb(${[r, g, b].map((part) => Math.round(Number(part)) || 0).join(',')})`, alpha: Number.isFinite(alpha) ? alpha : 1 };
}

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that can stand in XML, whatever a model calls its nodes: what XML forbids is a question mark in a diamond. */
export function escaped(text: string): string {
  return text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"']/g, (sign) => SIGNS[sign]!);
}
