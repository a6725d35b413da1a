// The table of layers: order, sorting, filtering.
import { beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary, unmeasured } from '../api/sample';
import { query } from './search';
import { descending, sortBy, sortKey, tableRows } from './table';
import { replaceRows } from './weights';

const ids = () => tableRows.value.map((row) => row.id);

beforeEach(() => {
  const list = [
    sampleRow({ id: 0, layer: 'conv10', sparsity: 0.2, elements: 10 }),
    sampleRow({ id: 1, layer: 'conv2', sparsity: 0.9, elements: 30 }),
    unmeasured({ id: 2, layer: 'conv1', elements: 20 }),
    sampleRow({ id: 3, layer: 'fc', op: 'Gemm', sparsity: 0.5, elements: 5, agrees: false }),
  ];
  replaceRows(list, sampleSummary(list));
  query.value = '';
  sortKey.value = 'order';
  descending.value = false;
});

it('puts flagged rows first, else keeps the model’s order', () => expect(ids()).toEqual([3, 0, 1, 2]));

it('sorts by a column, turns it round, then lets it go', () => {
  sortBy('sparsity');
  expect(ids()).toEqual([3, 0, 1, 2]);
  sortBy('sparsity');
  // Not measured yet stays last.
  expect(ids()).toEqual([3, 1, 0, 2]);
  sortBy('sparsity');
  expect(sortKey.value).toBe('order');
});

it('sorts names as people count, and counts from the largest', () => {
  sortBy('layer');
  expect(ids()).toEqual([3, 2, 1, 0]);
  sortBy('elements');
  expect(ids()).toEqual([3, 1, 2, 0]);
});

it('shows only what the search matches', () => {
  query.value = 'op:Conv sparsity<50%';
  expect(ids()).toEqual([0]);
});
