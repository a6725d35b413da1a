// Draws how |w| is distributed and where a prune's border cuts it: grey goes, blue stays.
import type { Histogram } from '../api/schema';
import { heightOf } from './histogram-paint';
import type { Theme } from './theme';

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins of |w|: what is left of zero is folded over. */
export function absoluteBins(histogram: Histogram): Bin[] {
  const counts: number[] = [];
  histogram.counts.forEach((count, at) => {
    const bin = histogram.start + at;
    const place = bin >= 0 ? bin : -bin - 1;
    counts[place] = (counts[place] ?? 0) + count;
  });
  const whole = Array.from(counts, (count) => count ?? 0);
  return whole.map((count, at) => ({ from: at * histogram.width, to: (at + 1) * histogram.width, count }));
}

/** The largest |w| worth showing: all but the last half percent, for a few outliers would squeeze the rest. */
export function reachOf(bins: readonly Bin[], border: number | null): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  let seen = 0;
  const at = bins.findIndex((bin) => {
    seen += bin.count;
    return seen >= total * 0.995;
  });
  const most = bins.at(-1)?.to ?? 1;
  return Math.min(most, Math.max(bins[at]?.to ?? most, (border ?? 0) * 1.05));
}

/** `border`: the smallest |w| that stays, null where none decides; sizes are CSS px. */
export function paintBorder(ctx: CanvasRenderingContext2D, bins: readonly Bin[], border: number | null, size: { width: number; height: number }, ratio: number, theme: Theme): void {
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, size.width, size.height);
  const reach = reachOf(bins, border);
  const cols = Math.floor(size.width / 4);
  const sums = new Float64Array(cols);
  for (const bin of bins) {
    // A bin may be wider than a bar: its count is spread evenly.
    const [left, right] = [(bin.from / reach) * cols, (bin.to / reach) * cols];
    for (let at = Math.floor(left); at < Math.min(cols, Math.ceil(right)); at += 1) {
      const part = Math.min(right, at + 1) - Math.max(left, at);
      sums[at]! += (bin.count * part) / (right - left);
    }
  }
  const tallest = Math.max(0, ...sums);
  const cutAt = border === null ? 0 : (border / reach) * size.width;
  const bars = (colour: string, from: number, to: number) => {
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, 0, to - from, size.height);
    ctx.clip();
    ctx.fillStyle = colour;
    sums.forEach((count, at) => {
      if (count <= 0) return;
      const height = Math.max(1, Math.round(heightOf(count, tallest) * (size.height - 3)));
      ctx.fillRect(at * 4, size.height - 1 - height, 3, height);
    });
    ctx.restore();
  };
  bars(theme.lineStrong, 0, cutAt);
  bars(border === null ? theme.ink3 : theme.accent, cutAt, size.width);
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(0, size.height - 1, size.width, 1);
  if (border === null) return;
  ctx.fillStyle = theme.ink;
  ctx.fillRect(Math.round(cutAt) - 0.5, 0, 1, size.height);
}
