// What a node's tile shows of its weights: the four looks, weighing, flags.
import { expect, it } from 'vitest';
import { sampleRow, unmeasured } from '../api/sample';
import type { WeightRow } from '../api/schema';
import { DECLARED, figureOf, MEASURED, NONE, UNMEASURED } from '../canvas/tiles';
import { glyphIndex } from '../lib/glyphs';
import type { GraphDocument } from '../graph/document';
import { tilesOf } from './tiles';

const CLAIM = { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null };

function tiles(...nodes: WeightRow[][]) {
  const shown = { count: nodes.length, nodeId: Int32Array.from(nodes, (_, at) => at), layer: new Uint8Array(nodes.length), rows: null } as unknown as GraphDocument;
  return tilesOf(shown, new Map(nodes.map((rows, at) => [at, rows] as const).filter(([, rows]) => rows.length > 0)));
}

it('tells the four looks apart', () => {
  const made = tiles([], [unmeasured()], [unmeasured({ declared: CLAIM })], [sampleRow()]);
  expect([...made.state]).toEqual([NONE, UNMEASURED, DECLARED, MEASURED]);
  expect(made.sparsity[2]).toBe(0.5);
  expect(made.glyph[2]).toBe(glyphIndex('nm'));
});

it('weighs several weights of an operator together', () => {
  const made = tiles([sampleRow(), sampleRow({ id: 1, tensor: 'other', elements: 864, zeros: 0, sparsity: 0, format: 'dense' })]);
  expect(made.sparsity[0]).toBeCloseTo(144 / 1152);
});

it('flags a false claim and names what is false', () => {
  const made = tiles(
    [sampleRow({ declared: CLAIM, agrees: false })],
    [sampleRow({ declared: { ...CLAIM, sparsity: 0.9 }, agrees: false })],
    [sampleRow({ declared: { ...CLAIM, invalid: 'no such format' } })],
    [sampleRow({ declared: CLAIM, agrees: true, edited: true })],
  );
  expect([...made.flag]).toEqual([1, 1, 1, 0]);
  expect(made.tag.map((tag) => tag?.replace(/\u00a0/g, ' ') ?? null)).toEqual(['declared 2:4', 'declared 90.0 %', 'invalid claim', null]);
  expect([...made.edited]).toEqual([0, 0, 0, 1]);
});

it('marks what no prune may change', () => {
  const made = tiles([sampleRow()], [sampleRow({ protected: true }), sampleRow({ id: 1, tensor: 'other' })]);
  expect([...made.kept!]).toEqual([0, 1]);
});

it('waits for what is to be measured, and not for what cannot be read', () => {
  const made = tiles([unmeasured()], [unmeasured({ problem: 'the external data file is missing' })]);
  expect(figureOf(made, 0)).toBe('…');
  expect(figureOf(made, 1)).toBe('–');
});
