// Numbers as the page writes them: no false 0 or 100, units, elision in the middle.
import { describe, expect, it } from 'vitest';
import { bytes, count, countShort, day, percent, percentShort, plural, shape, zoomText } from './numbers';

const plain = (text: string) => text.replace(/\u00a0/g, ' ');

describe('percent', () => {
  it('writes two decimals in panels and one on nodes', () => {
    expect(plain(percent(0.96488))).toBe('96.49 %');
    expect(plain(percentShort(0.96488))).toBe('96.5 %');
  });
  it('never shows a false 0 or 100', () => {
    expect(plain(percentShort(0.0001))).toBe('< 0.1 %');
    expect(plain(percentShort(0.99999))).toBe('> 99.9 %');
    expect(plain(percent(0.999999))).toBe('> 99.99 %');
    expect(plain(percent(0))).toBe('0 %');
    expect(plain(percent(1))).toBe('100 %');
  });
});

it('a step of the zoom is told at every zoom: 50,000 nodes fit at 1.5 %', () => {
  expect([4, 1, 0.42, 0.0996, 0.0994, 0.015, 0.01, 0.0015].map((zoom) => plain(zoomText(zoom)))).toEqual([
    '400 %', '100 %', '42 %', '10 %', '9.9 %', '1.5 %', '1.0 %', '0.15 %',
  ]);
  for (let zoom = 0.001; zoom < 4; zoom *= 1.25) expect(zoomText(zoom * 1.25)).not.toBe(zoomText(zoom));
});

describe('counts, bytes, shapes', () => {
  it('groups thousands', () => {
    expect(count(857264)).toBe('857,264');
    expect(count(12)).toBe('12');
    expect(plain(countShort(314_572_800))).toBe('314.6 M');
    expect(countShort(99_999)).toBe('99,999');
  });
  it('uses decimal units with three figures', () => {
    expect(plain(bytes(3_458_123))).toBe('3.46 MB');
    expect(plain(bytes(724_000_000))).toBe('724 MB');
    expect(plain(bytes(999_999))).toBe('1.00 MB');
    expect(plain(bytes(12))).toBe('12 B');
  });
  it('says plurals and shapes', () => {
    expect(plural(1, 'layer')).toBe('1 layer');
    expect(plural(1200, 'layer')).toBe('1,200 layers');
    expect(shape([64, 3, 7, 7])).toBe('64×3×7×7');
    expect(shape([])).toBe('scalar');
  });
});

describe('day', () => {
  const now = new Date(2026, 10, 22, 9, 0);
  it('says today and yesterday by calendar day', () => {
    expect(day(new Date(2026, 10, 22, 1).toISOString(), now)).toBe('today');
    expect(day(new Date(2026, 10, 21, 23).toISOString(), now)).toBe('yesterday');
    expect(day(new Date(2026, 10, 12, 23).toISOString(), now)).toBe('12 Nov');
    expect(day(new Date(2025, 1, 3).toISOString(), now)).toBe('3 Feb 2025');
    expect(day('nonsense', now)).toBe('');
  });
});
