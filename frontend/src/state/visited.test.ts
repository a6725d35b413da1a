// Back and forth through the operators that were read.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { trail } from './graph';
import { select, selected } from './selection';
import { server } from './session';
import { ahead, behind, leave, turn, watchVisited, type Place } from './visited';

let stop: () => void;
let serial = 300;
const went: Place[] = [];
const visit = async (place: Place) => {
  went.push(place);
  select([place.node]);
};

beforeEach(() => {
  serial += 1;
  went.length = 0;
  select([]);
  server.value = sampleState({ model: sampleModel({ serial }) });
  stop = watchVisited();
});
afterEach(() => {
  stop();
  trail.value = ['main'];
});

it('goes back and forth through what was read, wherever it lives', async () => {
  select([1]);
  trail.value = ['main', 'main#1.body'];
  select([2]);
  select([]); // Nothing is no place, and comes back to where it was.
  select([3]);
  expect(behind.value).toEqual([{ node: 1, path: 'main' }, { node: 2, path: 'main#1.body' }]);
  await turn('back', visit);
  await turn('back', visit);
  expect(went).toEqual([{ node: 2, path: 'main#1.body' }, { node: 1, path: 'main' }]);
  await turn('back', visit);
  expect(went).toHaveLength(2);
  await turn('forth', visit);
  expect([...selected.value]).toEqual([2]);
  expect([behind.value.map((one) => one.node), ahead.value.map((one) => one.node)]).toEqual([[1], [3]]);
  select([7]);
  expect([behind.value.map((one) => one.node), ahead.value]).toEqual([[1, 2], []]);
});

it('comes back from where the canvas alone went', async () => {
  select([4]);
  leave();
  await turn('back', visit);
  expect(went).toEqual([{ node: 4, path: 'main' }]);
});

it('many at once are no place, and another model forgets all of them', async () => {
  select([1]);
  select([1, 2, 3]);
  select([5]);
  expect(behind.value.map((one) => one.node)).toEqual([1]);
  server.value = sampleState({ model: sampleModel({ serial: serial + 1000 }) });
  expect(behind.value).toEqual([]);
});
