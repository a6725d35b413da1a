// The selection: what is added goes, what is not there comes; the last one is told about.
import { beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { current, select, selected, selectedRows } from './selection';
import { replaceRows } from './weights';

beforeEach(() => {
  const list = [sampleRow({ id: 0, node: 4 }), sampleRow({ id: 1, node: 4, kind: 'bias' }), sampleRow({ id: 2, node: 9 })];
  replaceRows(list, sampleSummary(list));
  select([]);
});

it('is replaced, or each of some goes in or out', () => {
  select([4, 9]);
  select([9, 7, 5], 'toggle');
  expect([...selected.value]).toEqual([4, 7, 5]);
  select([4, 7, 5], 'toggle');
  expect([selected.value.size, current.value]).toEqual([0, null]);
  select([1]);
  select([2]);
  expect([...selected.value]).toEqual([2]);
});

it('tells about the last one, and of the weights of all', () => {
  select([9, 4]);
  expect(current.value).toBe(4);
  expect(selectedRows.value.map((row) => row.id)).toEqual([2, 0, 1]);
  select([9, 7], 'toggle');
  expect([current.value, selectedRows.value.map((row) => row.id)]).toEqual([7, [0, 1]]);
});
