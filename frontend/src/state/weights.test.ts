// Rows and totals of weights as they change.
import { beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary, unmeasured } from '../api/sample';
import { brokenClaims, layerCounts, mergeRows, replaceRows, rowsOfNode, together } from './weights';

const CLAIM = { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null };

beforeEach(() => {
  const list = [
    sampleRow(),
    sampleRow({ id: 1, node: 1, layer: 'fc', tensor: 'fc.weight', zeros: 0, sparsity: 0, format: 'dense', elements: 100 }),
    sampleRow({ id: 2, node: 2, layer: 'emb', op: 'Gather', kind: 'embedding', tensor: 'emb.weight' }),
  ];
  replaceRows(list, sampleSummary(list));
});

it('counts layers with zeros, embeddings apart', () => {
  expect(layerCounts.value).toEqual({ layers: 2, sparse: 1 });
});

it('merges changed rows in place and keeps the order', () => {
  const changed = sampleRow({ id: 1, node: 1, layer: 'fc', edited: true });
  mergeRows([changed], sampleSummary([changed]));
  expect([...rowsOfNode.value.keys()]).toEqual([0, 1, 2]);
  expect(rowsOfNode.value.get(1)![0]!.edited).toBe(true);
});

it('flags claims that are false or say nothing valid', () => {
  mergeRows([
    sampleRow({ declared: CLAIM, agrees: false }),
    sampleRow({ id: 1, node: 1, declared: { ...CLAIM, invalid: 'no such format' } }),
    sampleRow({ id: 2, node: 2, declared: CLAIM, agrees: true }),
  ], sampleSummary([]));
  expect(brokenClaims.value.map((row) => row.id)).toEqual([0, 1]);
});

it('counts a shared tensor once, and says nothing before all is measured', () => {
  const shared = [sampleRow(), sampleRow({ id: 5, node: 5, graph: 'main#3.then_branch' }), sampleRow({ id: 6, node: 6, tensor: 'other', zeros: 0, elements: 288 })];
  expect(together(shared)).toEqual({ elements: 576, sparsity: 0.25 });
  expect(together([...shared, unmeasured({ id: 7, tensor: 'late' })]).sparsity).toBeNull();
  // Codes that two uses read with other zero points: as in the totals, the first use speaks.
  expect(together([sampleRow({ zeros: 72 }), sampleRow({ id: 8, zeros: 288 })]).sparsity).toBe(0.25);
});
