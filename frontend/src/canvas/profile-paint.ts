// Draws the density of channels: a bar for each, its spread where one bar tells of several, the dead.
import type { Profile } from '../api/schema';
import type { Theme } from './theme';

/** The dead are marked below the line, so that they are not taken for bars. CSS px. */
export const FOOT = 4;

/** The bars under CSS px 0..width: at most one a pixel. */
export function columnsOf(profile: Profile, width: number): { x: number; width: number; mean: number; low: number; high: number }[] {
  const count = profile.mean.length;
  const joined = Math.max(1, Math.ceil(count / Math.max(width, 1)));
  const bars = Math.ceil(count / joined);
  return Array.from({ length: bars }, (_, at) => {
    const from = at * joined;
    const to = Math.min(count, from + joined);
    const x = Math.round((from / count) * width);
    const own = profile.mean.slice(from, to);
    return {
      x,
      width: Math.max(1, Math.round((to / count) * width) - x - (width / bars >= 3 ? 1 : 0)),
      mean: own.reduce((sum, value) => sum + value, 0) / own.length,
      low: Math.min(...profile.low.slice(from, to)),
      high: Math.max(...profile.high.slice(from, to)),
    };
  });
}

/** The channel under a point, CSS px: the first of those that the bar stands for. */
export function channelAt(profile: Profile, x: number, width: number): number {
  return Math.min(profile.channels - 1, Math.max(0, Math.floor((x / width) * profile.mean.length) * profile.per_bin));
}

/** The density at the top of the picture: the least round share that all bars stay below. */
export function fullScale(profile: Profile): number {
  const most = Math.max(0, ...profile.high);
  return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((share) => most <= share) ?? 1;
}

export function paintProfile(ctx: CanvasRenderingContext2D, profile: Profile, size: { width: number; height: number }, ratio: number, theme: Theme): void {
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, size.width, size.height);
  const room = size.height - FOOT - 1;
  const full = fullScale(profile);
  const tall = (share: number) => (share === 0 ? 0 : Math.max(1, Math.round((share / full) * room)));
  for (const bar of columnsOf(profile, size.width)) {
    if (bar.high > bar.mean) {
      ctx.fillStyle = theme.line;
      ctx.fillRect(bar.x, room - tall(bar.high), bar.width, tall(bar.high));
    }
    ctx.fillStyle = theme.ink3;
    ctx.fillRect(bar.x, room - tall(bar.mean), bar.width, tall(bar.mean));
  }
  ctx.fillStyle = theme.lineStrong;
  ctx.fillRect(0, room, size.width, 1);
  // Between gates, groups and batches.
  if (profile.stack > 1 && size.width / profile.stack >= 6) {
    ctx.fillStyle = theme.lineStrong;
    for (let at = 1; at < profile.stack; at += 1) ctx.fillRect(Math.round((at / profile.stack) * size.width), 0, 1, room + FOOT);
  }
  ctx.fillStyle = theme.ink;
  for (const channel of profile.dead) {
    const x = Math.round((channel / profile.channels) * size.width);
    const wide = Math.max(1, Math.round(((channel + 1) / profile.channels) * size.width) - x - 1);
    ctx.fillRect(x, size.height - FOOT + 1, wide, FOOT - 1);
  }
}
