// The binary columns: read back as sent, and refused when they do not add up.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { documentOf } from './document';
import { encodeSample } from './sample';

const buffer = encodeSample(
  [
    { id: -1, kind: 1, name: 'x' },
    { id: 7, op: 'Conv', name: 'conv/1', note: '8×3×3×3', category: 'layer', layer: true },
    { id: 9, op: 'If', subgraph: 'main#9.then_branch', category: 'control' },
  ],
  [
    { from: 0, to: 1, label: '1×3×8×8' },
    { from: 1, to: 2, label: '1×8×8×8', port: 1 },
  ],
);

describe('decodeColumns', () => {
  it('reads what was encoded', () => {
    const document = documentOf(decodeColumns(buffer));
    expect(document.count).toBe(3);
    expect(document.op).toEqual(['Relu', 'Conv', 'If']);
    expect(document.name).toEqual(['x', 'conv/1', '']);
    expect(document.note[1]).toBe('8×3×3×3');
    expect(document.subgraph).toEqual(['', '', 'main#9.then_branch']);
    expect(document.category).toEqual(['custom', 'layer', 'control']);
    expect([...document.layer]).toEqual([0, 1, 0]);
    expect(document.edgeLabel).toEqual(['1×3×8×8', '1×8×8×8']);
    expect([...document.edgePort]).toEqual([0, 1]);
    expect([...document.indexOf]).toEqual([
      [7, 1],
      [9, 2],
    ]);
  });

  it('refuses data that is cut off', () => {
    expect(() => decodeColumns(buffer.slice(0, 2))).toThrow('empty');
    expect(() => decodeColumns(buffer.slice(0, 40))).toThrow('cut off');
    expect(() => decodeColumns(buffer.slice(0, buffer.byteLength - 24))).toThrow();
  });

  it('refuses an edge to a node that is not there', () => {
    expect(() => decodeColumns(encodeSample([{}], [{ from: 0, to: 4 }]))).toThrow('not there');
  });
});
