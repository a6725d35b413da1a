// Draws a mask in device pixels: the image, the lines between its panels, rings round broken groups.
import type { MaskFacts, Violations } from '../api/schema';
import type { Theme } from './theme';

/** Device pixels that an entry of the image takes, and where the image begins. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly perRow: number;
  readonly perColumn: number;
  /** Device pixels per CSS px. */
  readonly ratio: number;
}

export interface Patch {
  readonly image: CanvasImageSource;
  /** In entries. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** Pixels of the picture, each a whole number of device pixels. */
  readonly width: number;
  readonly height: number;
  /** Entries that a pixel pools, down and to the right. */
  readonly poolRows: number;
  readonly poolColumns: number;
}

/** Panels closer than this, CSS px, get no line of their own. */
const CLOSEST = 6;
/** A group as wide as this is framed, as is any as long as LINE; a smaller one gets a ring. CSS px. */
const FRAMED = 14;
const LINE = 42;
const RING = 5;

export function paintPatch(ctx: CanvasRenderingContext2D, frame: Frame, patch: Patch): void {
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(
    patch.image,
    frame.x + Math.round(patch.column * frame.perColumn),
    frame.y + Math.round(patch.row * frame.perRow),
    Math.round(patch.width * patch.poolColumns * frame.perColumn),
    Math.round(patch.height * patch.poolRows * frame.perRow),
  );
}

/** Lines between kernel positions, stronger ones between stacked parts (gates, groups, batches). */
export function paintBoundaries(ctx: CanvasRenderingContext2D, frame: Frame, mask: MaskFacts, theme: Theme): void {
  const height = Math.round(mask.height * frame.perRow);
  const width = Math.round(mask.width * frame.perColumn);
  const least = CLOSEST * frame.ratio;
  // Blue, for grey would be lost among weights of every grey.
  ctx.fillStyle = theme.accent;
  const across = (row: number, thick: number) => ctx.fillRect(frame.x, frame.y + Math.round(row * frame.perRow), width, thick);
  ctx.globalAlpha = 0.5;
  // Panels of single weights (depthwise) part themselves.
  if (mask.in > 1 && mask.in * frame.perColumn >= least) {
    for (let at = 1; at < mask.kernel_columns; at += 1) ctx.fillRect(frame.x + Math.round(at * mask.in * frame.perColumn), frame.y, 1, height);
  }
  if (mask.kernel_rows > 1 && mask.out * frame.perRow >= least) {
    for (let at = 1; at < mask.kernel_rows; at += 1) across(at * mask.out, 1);
  }
  ctx.globalAlpha = 1;
  const part = mask.height / mask.stack;
  if (part > 1 && part * frame.perRow >= least) {
    for (let at = 1; at < mask.stack; at += 1) across(at * part, Math.max(1, Math.round(frame.ratio)));
  }
}

/** The name of each stacked part, beside the image where there is room, else on it; `height`: of the view. */
export function paintPartNames(ctx: CanvasRenderingContext2D, frame: Frame, mask: MaskFacts, names: readonly string[], height: number, theme: Theme): void {
  const part = (mask.height / mask.stack) * frame.perRow;
  const line = 14 * frame.ratio;
  if (names.length < 2 || part < line) return;
  ctx.font = `${11 * frame.ratio}px ${theme.fontUi}`;
  ctx.textBaseline = 'middle';
  names.forEach((name, at) => {
    const top = frame.y + at * part;
    if (top + part < line || top > height - line) return;
    const room = ctx.measureText(name).width + 8 * frame.ratio;
    const left = Math.max(frame.x - room - 2, 2);
    const y = Math.max(top, 0) + 2;
    ctx.fillStyle = theme.surface;
    ctx.fillRect(left, y, room, line);
    ctx.fillStyle = theme.ink2;
    ctx.fillText(name, left + 4 * frame.ratio, y + line / 2);
  });
}

/** A ring round each group, or a frame where it is large enough; `chosen` is drawn heavier. */
export function paintGroups(ctx: CanvasRenderingContext2D, frame: Frame, found: Violations, most: number, chosen: number, theme: Theme): void {
  ctx.strokeStyle = theme.alert;
  found.first.slice(0, most).forEach((group, at) => {
    const [width, height] = [group.width * frame.perColumn, group.height * frame.perRow];
    const [left, top] = [frame.x + group.column * frame.perColumn, frame.y + group.row * frame.perRow];
    ctx.lineWidth = (at === chosen ? 2.5 : 1.5) * frame.ratio;
    ctx.beginPath();
    const [long, thin] = [Math.max(width, height), Math.min(width, height)].map((one) => one / frame.ratio) as [number, number];
    // A channel may be a line over the whole mask, where a ring would be as wide.
    if ((long >= FRAMED && thin >= 4) || long >= LINE) {
      const gap = 2 * frame.ratio;
      ctx.roundRect(left - gap, top - gap, width + 2 * gap, height + 2 * gap, 4 * frame.ratio);
    } else {
      ctx.arc(left + width / 2, top + height / 2, Math.max(RING * frame.ratio, Math.max(width, height) / 2 + 2), 0, 2 * Math.PI);
    }
    ctx.stroke();
  });
}
