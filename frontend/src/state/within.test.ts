// An operator that opens into graphs stands for the weights in them, at any depth, and for no others.
import { expect, it } from 'vitest';
import { sampleRow } from '../api/sample';
import type { WeightRow } from '../api/schema';
import type { GraphDocument } from '../graph/document';
import { rowsOfGraph, rowsShown } from './within';

const row = (id: number, graph: string) => sampleRow({ id, node: id, graph, key: `k${id}` });
const byNode = (...rows: WeightRow[]) => new Map(rows.map((one) => [one.node, [one]]));

function shown(path: string, ...nodes: { id: number; subgraph?: string; layer?: 0 | 1 }[]): GraphDocument {
  return {
    path, count: nodes.length, nodeId: Int32Array.from(nodes, (node) => node.id),
    subgraph: nodes.map((node) => node.subgraph ?? ''), layer: Uint8Array.from(nodes, (node) => node.layer ?? 1),
  } as unknown as GraphDocument;
}

const ids = (found: readonly WeightRow[] | undefined) => found?.map((one) => one.id);

it('all branches count, with what is nested in them, and not the neighbour with a longer number', () => {
  const rows = byNode(
    row(10, 'main#1.then_branch'), row(11, 'main#1.else_branch'), row(12, 'main#1.then_branch#3.body'), row(13, 'main#12.then_branch'), row(14, 'main'),
  );
  const found = rowsShown(shown('main', { id: 1, subgraph: 'main#1.then_branch' }, { id: 2, subgraph: 'main#12.then_branch' }, { id: 14 }), rows);
  expect(ids(found.get(1))).toEqual([10, 11, 12]);
  expect(ids(found.get(2))).toEqual([13]);
  expect(ids(found.get(14))).toEqual([14]);
  expect(rows.has(1)).toBe(false);
  const inner = rowsShown(shown('main#1.then_branch', { id: 3, subgraph: 'main#1.then_branch#3.body' }), rows);
  expect(ids(inner.get(3))).toEqual([12]);
});

it('a call stands for the body of its function, unless weights come in with it', () => {
  const rows = byNode(row(20, 'my.domain::F'), row(21, 'my.domain::F#0.body'), row(22, 'my.domain::Far'), row(5, 'main'));
  const found = rowsShown(shown('main', { id: 4, subgraph: 'my.domain::F' }, { id: 5, subgraph: 'my.domain::F' }), rows);
  expect(ids(found.get(4))).toEqual([20, 21]);
  expect(ids(found.get(5))).toEqual([5]);
  expect(ids(rowsOfGraph('my.domain::F', rows))).toEqual([20, 21]);
});

it('makes nothing where nothing opens', () => {
  const rows = byNode(row(1, 'main'));
  expect(rowsShown(shown('main', { id: 1 }, { id: 2, subgraph: 'main#2.body', layer: 0 }), rows)).toBe(rows);
});

it('embeddings stay apart, unless there is nothing else', () => {
  const table = { ...row(31, 'main#1.body'), kind: 'embedding' } as WeightRow;
  const node = { id: 1, subgraph: 'main#1.body' };
  expect(ids(rowsShown(shown('main', node), byNode(row(30, 'main#1.body'), table)).get(1))).toEqual([30]);
  expect(ids(rowsShown(shown('main', node), byNode(table)).get(1))).toEqual([31]);
  expect(ids(rowsOfGraph('main#1.body', byNode(row(30, 'main#1.body'), table)))).toEqual([30]);
});
