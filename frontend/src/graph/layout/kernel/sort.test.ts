// The kernel's sort against the language's own: the same order, equal keys as they stood, nothing else touched.
import { expect, it } from 'vitest';
import { randomStream } from '../../sample';
import { sortBy } from './sort';

it('sorts any stretch, stable, of any length', () => {
  const random = randomStream(5);
  for (let length = 0; length < 130; length++) {
    for (const kinds of [2, 9, 1000]) {
      const key = Float64Array.from({ length }, () => Math.floor(random() * kinds));
      const list = Int32Array.from({ length }, (_, at) => (7 * at) % length);
      const [first, end] = [Math.floor(random() * (length / 3)), length - Math.floor(random() * (length / 3))];
      const all = Array.from(list);
      const expected = [...all.slice(0, first), ...all.slice(first, end).toSorted((a, b) => key[a]! - key[b]!), ...all.slice(end)];
      sortBy(list, first, end, key, new Int32Array(length));
      expect(Array.from(list)).toEqual(expected);
    }
  }
});
