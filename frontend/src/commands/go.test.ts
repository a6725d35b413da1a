// Moving about: the way to graphs inside others, and to claims that do not hold.
import { expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { graph } from '../state/graph';
import { query } from '../state/search';
import { dock, viewport, type Viewport } from '../state/view';
import { replaceRows } from '../state/weights';
import { showBrokenClaims, wayTo } from './go';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

it('knows the way from the main graph to each graph inside', () => {
  expect(wayTo('main')).toEqual(['main']);
  expect(wayTo('main#12.then_branch')).toEqual(['main', 'main#12.then_branch']);
  expect(wayTo('main#4.body#1.else_branch')).toEqual(['main', 'main#4.body', 'main#4.body#1.else_branch']);
  expect(wayTo('my.domain::F')).toEqual(['main', 'my.domain::F']);
  expect(wayTo('my.domain::F#3.body')).toEqual(['main', 'my.domain::F', 'my.domain::F#3.body']);
});

it('lists claims that do not hold, and brings the first of them into view', async () => {
  const list = [sampleRow(), sampleRow({ id: 1, node: 5, agrees: false }), sampleRow({ id: 2, node: 6, agrees: false })];
  replaceRows(list, sampleSummary(list));
  const goTo = vi.fn(async () => {});
  graph.value = { document: { path: 'main', count: 0, kind: [], indexOf: new Map([[5, 2], [6, 3]]) }, scene: {} } as unknown as typeof graph.value;
  viewport.value = { goTo } as unknown as Viewport;
  await showBrokenClaims();
  expect([query.value, dock.value]).toEqual(['declared:wrong', true]);
  expect(goTo).toHaveBeenCalledExactlyOnceWith(2, false);
});
