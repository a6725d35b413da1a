// The way from the main graph to the graphs inside it.
import { expect, it, vi } from 'vitest';
import { wayTo } from './go';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

it('knows the way from the main graph to each graph inside', () => {
  expect(wayTo('main')).toEqual(['main']);
  expect(wayTo('main#12.then_branch')).toEqual(['main', 'main#12.then_branch']);
  expect(wayTo('main#4.body#1.else_branch')).toEqual(['main', 'main#4.body', 'main#4.body#1.else_branch']);
  expect(wayTo('my.domain::F')).toEqual(['main', 'my.domain::F']);
  expect(wayTo('my.domain::F#3.body')).toEqual(['main', 'my.domain::F', 'my.domain::F#3.body']);
});
