// The way to a graph inside graphs stays short, however deep it is.
import { expect, it } from 'vitest';
import { shortWay } from './Stage';

it('names the first graph and the last three of a long way', () => {
  const way = Array.from({ length: 31 }, (_, depth) => `g${depth}`);
  expect(shortWay(way)).toEqual(['g0', null, 'g28', 'g29', 'g30']);
  expect(shortWay(way.slice(0, 5))).toEqual(['g0', 'g1', 'g2', 'g3', 'g4']);
  expect(shortWay(['main'])).toEqual(['main']);
});
