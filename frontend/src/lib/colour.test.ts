// Colours: read, mixed, and text that reads on every step of the sparsity scale.
import { describe, expect, it } from 'vitest';
import { contrast, inkOn, mix, onScale, parseHex, toHex, type Rgb } from './colour';

const HEX = '#440154 #482475 #414487 #355f8d #2a788e #21918c #22a884 #44bf70 #7ad151 #bddf26 #fde725';
const VIRIDIS = HEX.split(' ').map(parseHex);

describe('colour', () => {
  it('reads and writes hex', () => {
    expect(parseHex(' #7ad151')).toEqual([0x7a, 0xd1, 0x51]);
    expect(parseHex('#abc')).toEqual([0xaa, 0xbb, 0xcc]);
    expect(toHex([1, 2.4, 255])).toBe('#0102ff');
    expect(parseHex('var(--x)')).toEqual([128, 128, 128]);
  });

  it('mixes linearly between the stops and stays at the ends', () => {
    expect(toHex(onScale(VIRIDIS, 0.3))).toBe('#355f8d');
    expect(toHex(onScale(VIRIDIS, 0.35))).toBe(toHex(mix(VIRIDIS[3], VIRIDIS[4], 0.5)));
    expect(toHex(onScale(VIRIDIS, -1))).toBe('#440154');
    expect(toHex(onScale(VIRIDIS, 2))).toBe('#fde725');
    expect(toHex(onScale(VIRIDIS, NaN))).toBe('#440154');
  });

  it('chooses black or white so that text holds 4.5:1 on the whole scale', () => {
    const ink: Record<string, Rgb> = { '#000000': [0, 0, 0], '#ffffff': [255, 255, 255] };
    for (let percent = 0; percent <= 100; percent++) {
      const colour = onScale(VIRIDIS, percent / 100);
      expect(contrast(ink[inkOn(colour)], colour)).toBeGreaterThan(4.5);
    }
  });
});
