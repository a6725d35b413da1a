// Names that fit: elided in the middle, whole path parts first, never wider than the room.
import { describe, expect, it } from 'vitest';
import { elide, withoutOperator } from './text';

const width = (text: string): number => [...text].length;
const NAME = '/model/layers.11/mlp/down_proj/MatMul';

describe('elide', () => {
  it('leaves alone what fits', () => {
    expect(elide(NAME, NAME.length, width)).toBe(NAME);
  });

  it('drops whole parts of a path, then its head', () => {
    const plain = '/model/decoder/mlp/down_proj/MatMul';
    expect(elide(plain, 30, width)).toBe('/model/…/mlp/down_proj/MatMul');
    expect(elide(plain, 26, width)).toBe('…/mlp/down_proj/MatMul');
    expect(elide(plain, 20, width)).toBe('…/down_proj/MatMul');
    expect(elide(plain, 8, width)).toBe('…/MatMul');
  });

  it('keeps the part that counts the block as long as it fits', () => {
    expect(elide(NAME, 34, width)).toBe('…/layers.11/mlp/down_proj/MatMul');
    expect(elide(NAME, 31, width)).toBe('…/layers.11/…/down_proj/MatMul');
    expect(elide(NAME, 20, width)).toBe('…/layers.11/…/MatMul');
    expect(elide(NAME, 18, width)).toBe('layers.11/…/MatMul');
    expect(elide(NAME, 12, width)).toBe('…11/…/MatMul');
    expect(elide(NAME, 8, width)).toBe('…/MatMul');
  });

  it('cuts letters where parts do not help', () => {
    expect(elide('Conv_with_a_long_name', 11, width)).toBe('Conv…g_name');
    expect(elide(NAME, 5, width)).toHaveLength(5);
  });

  it('never takes more room than there is', () => {
    for (let room = 0; room < 45; room++) {
      for (const text of [NAME, 'abc', '', 'a/b', '//', '/x'.repeat(30)]) {
        expect(width(elide(text, room, width))).toBeLessThanOrEqual(room);
      }
    }
    expect(elide('abc', 0.5, width)).toBe('');
  });
});

describe('withoutOperator', () => {
  it('drops a last part that only repeats the operator', () => {
    expect(withoutOperator('/layer3/conv2/Conv', 'Conv')).toBe('/layer3/conv2');
    expect(withoutOperator('/layer3/Conv_1', 'Conv')).toBe('/layer3');
  });

  it('keeps every other name', () => {
    for (const name of ['Conv_12', '/Conv', 'conv1', '/block/conv', '']) {
      expect(withoutOperator(name, 'Conv')).toBe(name);
    }
  });
});
