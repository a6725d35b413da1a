// Choosing layers by what they have in common.
import { beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { graph } from '../state/graph';
import { query } from '../state/search';
import { select, selected } from '../state/selection';
import { replaceRows } from '../state/weights';
import { labelOf } from './command';
import { command } from './list';
import { matching, sameOp, similar } from './pick';

beforeEach(() => {
  const names = ['layer.0/query', 'layer.0/key', 'layer.1/query', 'layer.1/key'];
  const list = [
    ...names.map((layer, id) => sampleRow({ id, node: id, layer, op: 'MatMul', tensor: layer, shape: [8, 8] })),
    sampleRow({ id: 4, node: 4, layer: 'layer.1/query', op: 'MatMul', shape: [8, 32] }),
    sampleRow({ id: 5, node: 5, layer: 'fc', op: 'Gemm', shape: [10, 8], sparsity: 0.9 }),
  ];
  replaceRows(list, sampleSummary(list));
  query.value = '';
});

it('finds the same role in the other blocks, of the same shape', () => {
  select([0]);
  expect(similar()).toEqual([0, 2]);
  select([0, 1]);
  expect(similar()).toEqual([0, 1, 2, 3]);
  expect(command('edit.similar').when!()).toBe(true);
  select([5]);
  expect(command('edit.similar').when!()).toBe(false);
});

it('takes every layer of an operator type', async () => {
  select([0]);
  expect(sameOp()).toEqual([0, 1, 2, 3, 4]);
  await command('edit.same-op').run();
  expect([...selected.value]).toEqual([0, 1, 2, 3, 4]);
  expect(command('edit.same-op').when!()).toBe(false);
});

it('takes what the search matches', () => {
  select([]);
  expect([matching(), command('edit.matching').when!()]).toEqual([[], false]);
  query.value = 'sparsity>80%';
  expect([matching(), command('edit.matching').when!()]).toEqual([[5], true]);
});

it('takes the layers inside an operator, wherever they live', async () => {
  const columns = decodeColumns(encodeSample([{ id: 7, op: 'Loop', subgraph: 'main#7.body', within: [1, 3] }], []));
  graph.value = { document: documentOf(columns), scene: openScene(buildScene(columns)) };
  select([5]);
  expect(command('edit.inside').when!()).toBe(false);
  select([7]);
  expect(labelOf(command('edit.inside'))).toBe('Select what lies inside: 2 layers');
  await command('edit.inside').run();
  expect([...selected.value]).toEqual([1, 3]);
  graph.value = null;
});
