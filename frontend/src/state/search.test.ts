// Search: which nodes a text finds, in rows and in the graph.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import type { GraphDocument } from '../graph/document';
import { graph, type LoadedGraph } from './graph';
import { hits, matches, query, queryProblem } from './search';
import { replaceRows } from './weights';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

const found = (text: string) => {
  query.value = text;
  return hits.value.map((hit) => hit.node);
};

beforeEach(() => {
  const list = [sampleRow({ node: 4, layer: '/model/layers.0/up/Conv' }), sampleRow({ id: 1, node: 9, layer: 'inner', graph: 'main#6.body', op: 'Gemm' })];
  replaceRows(list, sampleSummary(list));
  const document: Partial<GraphDocument> = {
    path: 'main', count: 4, kind: Uint8Array.from([1, 0, 0, 0]), nodeId: Int32Array.from([-1, 4, 5, 6]), op: ['', 'Conv', 'Relu', 'Loop'],
    name: ['x', 'model/layers.0/up', 'model/layers.0/act', 'loop'], indexOf: new Map([[4, 1], [5, 2], [6, 3]]),
  };
  graph.value = { document, scene: {} } as unknown as LoadedGraph;
});

it('finds operators of the picture, then layers of other graphs', () => {
  expect(found('o')).toEqual([4, 5, 6]);
  expect(found('in')).toEqual([9]);
  expect(hits.value[0]).toEqual({ node: 9, layer: 'inner', op: 'Gemm', graph: 'main#6.body' });
});

it('finds operators without weights by name, also as pasted from elsewhere', () => {
  expect(found('act')).toEqual([5]);
  expect(found('/model/layers.0/act/Relu')).toEqual([5]);
  expect(found('-relu -conv -gemm')).toEqual([6]);
});

it('marks what it finds on the canvas, and dims nothing without a query', () => {
  query.value = 'sparsity>=50%';
  expect([...matches.value!]).toEqual([1]);
  query.value = '  ';
  expect(matches.value).toBeNull();
});

it('tells a term that cannot be understood, and marks nothing', () => {
  query.value = 'sparsity<x';
  expect(queryProblem.value?.message).toContain('sparsity<x');
  expect(matches.value).toBeNull();
});

it('tells a hit by the layer of its weights, and leaves inputs of the graph out', () => {
  expect(found('x')).toEqual([]);
  query.value = 'up';
  expect(hits.value).toEqual([{ node: 4, layer: '/model/layers.0/up/Conv', op: 'Conv', graph: 'main' }]);
  // A layer of the graph that is shown is found once.
  expect(found('op:Conv')).toEqual([4]);
  expect(found('gemm')).toEqual([9]);
  expect([...matches.value!]).toEqual([]);
});

it('finds a name without a slash only as it is', () => {
  expect(found('loop')).toEqual([6]);
  expect(found('/loop/Loop')).toEqual([]);
});
