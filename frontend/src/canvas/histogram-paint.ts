// Draws a distribution: the spike of zeros apart and cut, the rest on a square-root scale.
import type { Histogram } from '../api/schema';
import type { Theme } from './theme';

export interface Bar {
  /** CSS px from the left edge. */
  readonly x: number;
  readonly width: number;
  readonly count: number;
  /** Values from `from` up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
}

export interface Domain {
  readonly from: number;
  readonly to: number;
}

const NARROWEST = 3; // CSS px, one of them the gap
const CUT = 5;

/** Both sides alike where there are both signs, so that zero is in the middle. */
export function domainOf(histogram: Histogram): Domain | null {
  const { min, max } = histogram;
  if (min === null || max === null) return null;
  const reach = Math.max(Math.abs(min), Math.abs(max));
  if (min < 0 && max > 0) return { from: -reach, to: reach };
  return min < 0 ? { from: -reach, to: 0 } : { from: 0, to: reach };
}

/** Bins joined in twos until a bar is wide enough; only bars that hold something. */
export function barsOf(histogram: Histogram, width: number): Bar[] {
  const domain = domainOf(histogram);
  if (domain === null) return [];
  // The last bin ends behind the largest value: make room for it.
  const span = domain.to - domain.from + histogram.width;
  let joined = 1;
  while ((histogram.width * joined * width) / span < NARROWEST && joined < 256) joined *= 2;
  const counts = new Map<number, number>();
  histogram.counts.forEach((value, at) => {
    const bar = Math.floor((histogram.start + at) / joined);
    counts.set(bar, (counts.get(bar) ?? 0) + value);
  });
  const step = histogram.width * joined;
  const place = (value: number) => Math.min(width, Math.max(0, Math.round(((value - domain.from) / span) * width)));
  return [...counts].filter(([, value]) => value > 0).map(([bar, value]) => {
    const x = place(bar * step);
    return { x, width: Math.max(place((bar + 1) * step) - x - 1, 1), count: value, from: bar * step, to: (bar + 1) * step };
  });
}

/** The share of the height that a count takes, on a square-root scale. */
export function heightOf(count: number, tallest: number): number {
  return tallest === 0 ? 0 : Math.sqrt(count / tallest);
}

/** `ratio`: device pixels per CSS px; sizes are CSS px. */
export function paintBars(ctx: CanvasRenderingContext2D, bars: readonly Bar[], size: { width: number; height: number }, ratio: number, hover: number, theme: Theme): void {
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, size.width, size.height);
  const tallest = Math.max(0, ...bars.map((bar) => bar.count));
  bars.forEach((bar, at) => {
    // A bar of one weight beside millions still has to show.
    const height = Math.max(1, Math.round(heightOf(bar.count, tallest) * (size.height - 2)));
    ctx.fillStyle = at === hover ? theme.accent : theme.ink3;
    ctx.fillRect(bar.x, size.height - 1 - height, bar.width, height);
  });
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(0, size.height - 1, size.width, 1);
}

/** The spike of zeros; cut where it is taller than the tallest bar, for then no scale can show it. */
export function paintSpike(ctx: CanvasRenderingContext2D, zeros: number, bars: readonly Bar[], size: { width: number; height: number }, ratio: number, theme: Theme): void {
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, size.width, size.height);
  const tallest = Math.max(0, ...bars.map((bar) => bar.count));
  const cut = zeros > tallest;
  const height = zeros === 0 ? 0 : cut ? size.height - 1 : Math.max(1, Math.round(heightOf(zeros, tallest) * (size.height - 2)));
  const left = Math.round(size.width / 2) - 5;
  ctx.fillStyle = theme.accent;
  ctx.fillRect(left, size.height - 1 - height, 10, height);
  if (cut) {
    const at = Math.round(size.height / 5);
    ctx.fillStyle = theme.surface;
    ctx.beginPath();
    ctx.moveTo(left - 2, at + 4);
    ctx.lineTo(left + 12, at);
    ctx.lineTo(left + 12, at + CUT);
    ctx.lineTo(left - 2, at + 4 + CUT);
    ctx.fill();
  }
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(0, size.height - 1, size.width, 1);
}
