// @vitest-environment happy-dom
// The way to a graph inside graphs stays short, however deep it is; a graph without nodes says so.
import { render } from 'preact';
import { afterEach, expect, it } from 'vitest';
import { graph, phase, trail, type LoadedGraph } from '../state/graph';
import { dialog } from '../state/view';
import { Bare, shortWay } from './Stage';

const root = document.createElement('div');

afterEach(() => {
  render(null, root);
  graph.value = null;
  phase.value = 'loading';
  trail.value = ['main'];
  dialog.value = null;
});

it('names the first graph and the last three of a long way', () => {
  const way = Array.from({ length: 31 }, (_, depth) => `g${depth}`);
  expect(shortWay(way)).toEqual(['g0', null, 'g28', 'g29', 'g30']);
  expect(shortWay(way.slice(0, 5))).toEqual(['g0', 'g1', 'g2', 'g3', 'g4']);
  expect(shortWay(['main'])).toEqual(['main']);
});

it('a graph without nodes says so in one sentence, with one way on', () => {
  const told = (count: number, state: typeof phase.value) => {
    graph.value = { document: { count } } as LoadedGraph;
    phase.value = state;
    render(null, root);
    render(<Bare />, root);
    return root.textContent;
  };
  expect(told(3, 'ready')).toBe('');
  expect(told(0, 'loading')).toBe('');
  expect(told(0, 'ready')).toContain('nothing to draw');
  root.querySelector('button')!.click();
  expect(dialog.value?.kind).toBe('open');
  trail.value = ['main', 'main#1.then_branch'];
  expect(told(0, 'ready')).toContain('This graph');
  expect(root.querySelectorAll('button').length).toBe(1);
  expect(root.querySelector('button')!.textContent).toBe('Back to the graph around');
});
