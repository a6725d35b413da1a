// Histogram and profile: bars where the values are, heights by square root, the dead marked.
import { describe, expect, it } from 'vitest';
import { sampleHistogram, sampleProfile } from '../api/sample-weight';
import { barsOf, domainOf, heightOf, paintBars, paintSpike } from './histogram-paint';
import { channelAt, columnsOf, FOOT, fullScale, paintProfile } from './profile-paint';
import { recorder } from './recorder';
import type { Theme } from './theme';

const THEME = { accent: 'accent', surface: 'surface', ink: 'ink', ink3: 'ink-3', line: 'line', lineStrong: 'line-strong' } as Theme;
const SIZE = { width: 130, height: 101 };

describe('bars', () => {
  it('put zero in the middle where both signs are there', () => {
    expect(domainOf(sampleHistogram())).toEqual({ from: -3, to: 3 });
    expect(domainOf(sampleHistogram({ min: 1, max: 3 }))).toEqual({ from: 0, to: 3 });
    expect(domainOf(sampleHistogram({ min: -3, max: -1 }))).toEqual({ from: -3, to: 0 });
    expect(domainOf(sampleHistogram({ min: null, max: null }))).toBe(null);
  });

  it('keep every count, stand in order, and do not overlap', () => {
    for (const width of [20, 60, 130, 700]) {
      const bars = barsOf(sampleHistogram(), width);
      expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(24);
      for (const [at, bar] of bars.entries()) {
        expect(bar.x + bar.width).toBeLessThanOrEqual(bars[at + 1]?.x ?? width);
        expect(bar.width).toBeGreaterThanOrEqual(1);
      }
    }
    const fine = barsOf(sampleHistogram(), 130);
    expect(fine.map((bar) => [bar.from, bar.count])).toEqual([[-1.5, 1], [-1, 4], [-0.5, 9], [0, 4], [1, 1], [1.5, 4], [3, 1]]);
    expect(fine[0]!.x).toBe(30);
    // Joined in twos: bins -4..-3, -2..-1 and so on.
    expect(barsOf(sampleHistogram(), 20).map((bar) => bar.from)).toEqual([-2, -1, 0, 1, 3]);
  });

  it('have the height of the square root', () => {
    expect(heightOf(25, 100)).toBe(0.5);
    expect(heightOf(3, 0)).toBe(0);
    const { context, named } = recorder();
    const bars = barsOf(sampleHistogram(), 130);
    paintBars(context, bars, SIZE, 2, 2, THEME);
    const drawn = named('fillRect').slice(0, -1);
    expect(drawn.map((call) => call.args[3])).toEqual([33, 66, 99, 66, 33, 66, 33]);
    expect(drawn.every((call) => (call.args[1] as number) + (call.args[3] as number) === 100)).toBe(true);
    expect(drawn.map((call) => call.fill)).toEqual(['ink-3', 'ink-3', 'accent', 'ink-3', 'ink-3', 'ink-3', 'ink-3']);
    expect(named('setTransform')[0]!.args[0]).toBe(2);
  });
});

describe('the spike of zeros', () => {
  const bars = barsOf(sampleHistogram(), 130);
  const painted = (zeros: number) => {
    const { context, named } = recorder();
    paintSpike(context, zeros, bars, { width: 24, height: 101 }, 1, THEME);
    return { height: named('fillRect')[0]!.args[3], cuts: named('fill').length };
  };
  it('is cut where it is taller than every bar, and true to scale else', () => {
    expect(painted(50)).toEqual({ height: 100, cuts: 1 });
    expect(painted(4)).toEqual({ height: 66, cuts: 0 });
    expect(painted(0)).toEqual({ height: 0, cuts: 0 });
  });
});

describe('profile', () => {
  it('scales to a round share', () => {
    expect(fullScale(sampleProfile())).toBe(0.2);
    expect(fullScale(sampleProfile({ high: [0.51] }))).toBe(1);
    expect(fullScale(sampleProfile({ high: [] }))).toBe(0.01);
  });

  it('draws a bar for each channel and marks the dead', () => {
    const { context, named } = recorder();
    paintProfile(context, sampleProfile(), { width: 40, height: 25 }, 1, THEME);
    const drawn = named('fillRect').map((call) => [call.fill, ...call.args]);
    expect(drawn.slice(0, 4)).toEqual([
      ['ink-3', 0, 10, 9, 10], ['ink-3', 10, 20, 9, 0], ['ink-3', 20, 0, 9, 20], ['ink-3', 30, 20, 9, 0],
    ]);
    expect(drawn.slice(-2)).toEqual([['ink', 10, 25 - FOOT + 1, 9, FOOT - 1], ['ink', 30, 25 - FOOT + 1, 9, FOOT - 1]]);
  });

  it('joins what does not fit and keeps the spread', () => {
    const many = sampleProfile({ channels: 300, mean: Array.from({ length: 300 }, (_, at) => (at % 2) * 0.5), low: Array(300).fill(0), high: Array(300).fill(0.5), dead: [] });
    const bars = columnsOf(many, 100);
    expect(bars).toHaveLength(100);
    expect(bars[0]).toEqual({ x: 0, width: 1, mean: 0.5 / 3, low: 0, high: 0.5 });
    expect(columnsOf(sampleProfile({ mean: [], channels: 0 }), 100)).toEqual([]);
  });

  it('finds the channel under the pointer', () => {
    expect([0, 9, 10, 39, 999, -5].map((x) => channelAt(sampleProfile(), x, 40))).toEqual([0, 0, 1, 3, 3, 0]);
    expect(channelAt(sampleProfile({ per_bin: 8, channels: 30 }), 39, 40)).toBe(24);
  });
});
