// Names that fit: elided in the middle, whole path parts first, never wider than the room.
import { describe, expect, it } from 'vitest';
import { elide, elideNote, shownName, withoutOperator } from './text';

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
    expect(elide(NAME, 11, width)).toBe('11/…/MatMul');
    expect(elide(NAME, 8, width)).toBe('…/MatMul');
  });

  it('cuts letters where parts do not help', () => {
    expect(elide('Conv_with_a_long_name', 11, width)).toBe('Conv…g_name');
    expect(elide(NAME, 5, width)).toHaveLength(5);
  });

  it('tells the part before the end as far as there is room, for two ends may be the same', () => {
    const [one, other] = ['separable_conv1d', 'separable_conv2d'].map((part) => elide(`Call/vad_model/${part}/depthwise`, 18, width));
    expect(one).toBe('se…onv1d/depthwise');
    expect(other).toBe('se…onv2d/depthwise');
  });

  it('cuts the last part of a path where not even that fits', () => {
    expect(elide('/m/embeddings/token_type_embeddings', 18, width)).toBe('token_…_embeddings');
    expect(elide('/m/conv.1/conv2d/depthwise', 12, width)).toBe('…/depthwise');
    expect(elide('/m/layer.11/attention/self/query_projection', 18, width)).toBe('…11/query…ojection');
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

describe('names that nobody expects', () => {
  it('stand on one line, and blanks alone are no name', () => {
    expect(shownName('line one\nline\ttwo ', 'Conv')).toBe('line one line two');
    expect(shownName(' '.repeat(40), 'Conv')).toBe('');
    expect(shownName(' /block/Conv', 'Conv')).toBe('/block');
    expect(shownName('a b', 'Conv')).toBe('a b');
  });

  it('never cuts through an emoji', () => {
    const name = '🦙'.repeat(300);
    for (const room of [2, 3, 8, 31]) {
      const short = elide(name, room, width);
      expect(width(short)).toBeLessThanOrEqual(room);
      expect(short.replaceAll('🦙', '').replace('…', '')).toBe('');
    }
  });

  it('shortens 500 letters without a single slash', () => {
    const short = elide('x'.repeat(500), 21, width);
    expect(short).toHaveLength(21);
    expect(short).toContain('…');
  });
});

describe('elideNote', () => {
  it('drops whole parts from the end, then letters', () => {
    const note = '16×1×1×3 · pads 0×1×0×1 · groups 16';
    expect(elideNote(note, 35, width)).toBe(note);
    expect(elideNote(note, 34, width)).toBe('16×1×1×3 · pads 0×1×0×1 …');
    expect(elideNote(note, 20, width)).toBe('16×1×1×3 …');
    expect(elideNote(note, 6, width)).toBe('16×1×…');
    expect(elideNote(note, 0, width)).toBe('');
  });
});
