// The budget bar: one cell for each tensor, in an order, with the edit of the preview.
import { beforeEach, expect, it } from 'vitest';
import { samplePreview, samplePreviewRow, sampleRow, sampleSummary } from '../api/sample';
import { blocksOf, budgetOrder, cellAt, cells, contributors } from './budget';
import { shown } from './preview';
import { select } from './selection';
import { side } from './view';
import { replaceRows } from './weights';

const ROWS = [
  sampleRow({ id: 0, node: 0, layer: '/m/layer.0/a', tensor: 'a', elements: 100, zeros: 10, sparsity: 0.1 }),
  sampleRow({ id: 1, node: 1, layer: '/m/layer.0/b', tensor: 'b', elements: 300, zeros: 0, sparsity: 0 }),
  sampleRow({ id: 2, node: 2, layer: '/m/layer.1/a', tensor: 'c', elements: 100, zeros: 90, sparsity: 0.9 }),
  sampleRow({ id: 3, node: 3, layer: '/m/layer.1/b', tensor: 'c', elements: 100, zeros: 90, sparsity: 0.9 }),
  sampleRow({ id: 4, node: 4, layer: 'embed', tensor: 'e', kind: 'embedding', elements: 1000 }),
];

beforeEach(() => {
  replaceRows(ROWS, sampleSummary(ROWS));
  shown.value = null;
  side.value = 'none';
  select([]);
});

it('counts a tensor once, leaves embeddings out, and begins with the most zeros', () => {
  budgetOrder.value = 'largest';
  expect(cells.value.map((cell) => cell.row.tensor)).toEqual(['c', 'a', 'b']);
  budgetOrder.value = 'model';
  expect(cells.value.map((cell) => cell.row.tensor)).toEqual(['a', 'b', 'c']);
});

it('shows what the edit would make, and where it is', () => {
  budgetOrder.value = 'largest';
  side.value = 'prune';
  select([1]);
  const row = samplePreviewRow({ weight: 1 });
  shown.value = { ...samplePreview({ rows: [row] }), exact: true };
  const [first] = cells.value;
  expect([first!.row.tensor, first!.sparsity, first!.after, first!.inEdit]).toEqual(['b', 0, 0.5, true]);
  expect(cells.value.filter((cell) => cell.inEdit)).toHaveLength(1);
  shown.value = { ...samplePreview({ rows: [{ ...row, skipped: 'protected from pruning' }] }), exact: true };
  expect(cells.value.find((cell) => cell.row.tensor === 'b')!.after).toBe(0);
});

it('finds the cell under a place and the blocks of the model', () => {
  budgetOrder.value = 'model';
  const list = cells.value;
  expect([0, 0.19, 0.21, 0.79, 0.81, 1].map((share) => cellAt(list, share))).toEqual([0, 0, 1, 1, 2, -1]);
  expect(blocksOf(list)).toEqual([{ name: 'layer.0', from: 0, to: 0.8 }, { name: 'layer.1', from: 0.8, to: 1 }]);
  expect(blocksOf([list[0]!])).toEqual([]);
});

it('names who contributes most, first of zeros, else of weights', () => {
  const { of, parts } = contributors(cells.value);
  expect(of).toBe('zeros');
  expect(parts.map((part) => [part.cell.row.tensor, part.share])).toEqual([['c', 0.9], ['a', 0.1]]);
  const dense = cells.value.map((cell) => ({ ...cell, sparsity: 0, after: 0 }));
  expect(contributors(dense).parts.map((part) => [part.cell.row.tensor, part.share])).toEqual([['b', 0.6], ['a', 0.2], ['c', 0.2]]);
  expect(contributors([])).toEqual({ of: 'weights', parts: [] });
});
