// Every format has a glyph of its own, and every glyph a path.
import { expect, it } from 'vitest';
import { GLYPHS, GLYPH_PATHS, glyphIndex, glyphOf } from './glyphs';

it('names the glyph of every format', () => {
  const cases: [string | null, string][] = [
    ['dense', 'dense'], ['unstructured', 'unstructured'], ['2:4', 'nm'], ['1:16', 'nm'], ['bsr:4x4', 'block'],
    ['BSR', 'block'], ['channel:out', 'channel-out'], ['channel:in', 'channel-in'], ['coo', 'sparse-tensor'],
    [null, 'unknown'], ['whatever', 'unknown'],
  ];
  for (const [format, glyph] of cases) expect(glyphOf(format), String(format)).toBe(glyph);
});

it('has a path for every glyph, and fixed numbers', () => {
  expect(Object.keys(GLYPH_PATHS).toSorted()).toEqual([...GLYPHS].toSorted());
  expect(glyphIndex('dense')).toBe(0);
  expect(glyphIndex('mismatch')).toBe(9);
});
