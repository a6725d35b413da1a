// What the panel tells of a weight looked at closely: frames of whole pixels, dead channels, blocks.
import { describe, expect, it } from 'vitest';
import { sampleRow } from '../api/sample';
import { sampleMask, sampleProfile } from '../api/sample-weight';
import { valueText } from '../lib/values';
import { formatToShow } from '../state/picture';
import { blockDensities } from './BlocksSection';
import { deadText } from './ChannelsSection';
import { frameOf } from './MaskThumb';
import { barAt } from './ValuesChart';

describe('the small mask', () => {
  const pixel = (change: Parameters<typeof sampleMask>[0], ratio = 1) => {
    const mask = sampleMask(change);
    const frame = frameOf(mask, 192 * ratio, ratio);
    return [frame.perRow * mask.pool_rows, frame.perColumn * mask.pool_columns];
  };
  it('gives each pixel of the overview a whole number of device pixels', () => {
    expect(pixel({ height: 192, width: 192 })).toEqual([1, 1]);
    expect(pixel({ height: 60, width: 50 })).toEqual([3, 3]);
    expect(pixel({ height: 60, width: 50 }, 2)).toEqual([6, 6]);
    expect(pixel({ height: 3, width: 3 })).toEqual([10, 10]);
    expect(pixel({ height: 50_000, width: 4096, pool_rows: 272, pool_columns: 22 })).toEqual([1, 1]);
    expect(pixel({ height: 10, width: 512, pool_rows: 1, pool_columns: 3 })).toEqual([10, 1]);
  });
  it('stretches a long strip, but not far', () => expect(pixel({ height: 96, width: 9 })).toEqual([2, 8]));
});

describe('dead channels', () => {
  it('are told in runs, and counted where the list ends', () => {
    const text = (dead: number[], dead_count = dead.length) => deadText(sampleProfile({ dead, dead_count }), String);
    expect(text([1, 3])).toBe('1, 3');
    expect(text([0, 1, 2, 7])).toBe('0–2, 7');
    expect(text(Array.from({ length: 40 }, (_, at) => 2 * at), 50)).toBe('0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22 and 38 more');
  });
});

describe('blocks', () => {
  it('are counted from the zeros in them', () => {
    // 64 weights, 40 zeros, of which 16 and 32 fill blocks.
    const row = sampleRow({ elements: 64, zeros: 40, coverage: { 'bsr:4x4': 16 / 40, 'bsr:1x4': 32 / 40, 'channel:out': 0, '2:4': 1 } });
    expect(blockDensities(row)).toEqual([{ name: '4×4', blocks: 4, live: 3 }, { name: '1×4', blocks: 16, live: 8 }]);
    expect(blockDensities(sampleRow({ zeros: null, coverage: { 'bsr:4x4': 0 } }))).toEqual([]);
  });
});

describe('values', () => {
  it('are short and exact enough', () => {
    const cases: [number, string][] = [
      [0, '0'], [-0, '0'], [12, '12'], [-127, '−127'], [0.123456, '0.123'], [-11.34, '−11.3'], [0.00012345, '1.23e−4'], [2.5e9, '2.50e9'],
      [NaN, 'NaN'], [Infinity, '∞'], [-Infinity, '−∞'],
    ];
    for (const [value, text] of cases) expect(valueText(value)).toBe(text);
    expect(valueText(0.12345678, 6)).toBe('0.123457');
  });
});

describe('the bar under the pointer', () => {
  const bars = [{ x: 0, width: 2, count: 1, from: 0, to: 1 }, { x: 20, width: 2, count: 1, from: 5, to: 6 }];
  it('is the nearest, if near', () => expect([0, 3, 10, 18, 21, 40].map((x) => barAt(bars, x))).toEqual([0, 0, -1, 1, 1, -1]));
});

describe('the format whose broken groups are shown', () => {
  const claim = (format: string) => ({ sparsity: null, format, source: 'attribute', invalid: null });
  it('is a claimed N:M that does not hold', () => {
    expect(formatToShow(sampleRow({ declared: claim('2:4') }), null)).toBe('2:4');
    expect(formatToShow(sampleRow({ declared: claim('2:4'), satisfies: ['2:4'] }), null)).toBe(null);
    expect(formatToShow(sampleRow({ declared: claim('2:4'), violations: { '2:4': 0 } }), null)).toBe(null);
    expect(formatToShow(sampleRow({ declared: claim('bsr:4x4'), coverage: { 'bsr:4x4': 0.9 } }), null)).toBe('bsr:4x4');
    expect(formatToShow(sampleRow({ declared: claim('bsr:4x4'), coverage: {} }), null)).toBe(null);
    expect(formatToShow(sampleRow({ declared: claim('channel:out'), coverage: { 'channel:out': 0 }, zeros: 0 }), null)).toBe(null);
    expect(formatToShow(sampleRow({ declared: claim('unstructured') }), null)).toBe(null);
    expect(formatToShow(sampleRow(), null)).toBe(null);
  });
  it('is the asked one first', () => expect(formatToShow(sampleRow({ declared: claim('2:4') }), '1:4')).toBe('1:4'));
});
