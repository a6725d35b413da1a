// The binary columns: read back as sent, and refused when they do not add up.
import { describe, expect, it } from 'vitest';
import { decodeColumns, rowCounts } from './columns';
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

  it('refuses an edge from a node that is not there', () => {
    expect(() => decodeColumns(encodeSample([{}], [{ from: 4, to: 0 }]))).toThrow('not there');
  });

  it('refuses another version, and columns of another type or length than it knows', () => {
    const changed = (from: string, to: string): ArrayBuffer => {
      const bytes = new Uint8Array(buffer.slice(0));
      const at = Buffer.from(bytes).indexOf(from);
      expect(at).toBeGreaterThan(0);
      bytes.set(new TextEncoder().encode(to), at);
      return bytes.buffer;
    };
    expect(() => decodeColumns(changed('"version":1', '"version":2'))).toThrow('version 2');
    expect(() => decodeColumns(changed('"nodeKind","type":"u8"', '"nodeKind","type":"u4"'))).toThrow('nodeKind of 3 u8');
    expect(() => decodeColumns(changed('"length":3', '"length":2'))).toThrow('no column nodeId');
    expect(() => decodeColumns(changed('"nodeOp"', '"nodeXp"'))).toThrow('no column nodeOp');
  });

  it('reads the lines of each node, and refuses them out of order', () => {
    const rows = encodeSample([{ rows: [['a', '1'], ['b', '2', 7]] }, {}, { rows: [['c', '3']] }], []);
    const columns = decodeColumns(rows);
    expect(rowCounts(columns)).toEqual(Uint8Array.of(2, 0, 1));
    expect(documentOf(columns).rows).toMatchObject({ name: ['a', 'b', 'c'], text: ['1', '2', '3'], weight: Int32Array.of(-1, 7, -1) });
    expect(rowCounts(decodeColumns(buffer))).toBeUndefined();
    for (const [node, value] of [[1, 3], [3, 9]] as const) {
      const broken = rows.slice(0);
      const { start } = decodeColumns(broken).rows!;
      start[node] = value;
      expect(() => decodeColumns(broken)).toThrow('out of order');
    }
  });
});
