// Places in the mask's image, and what they are called.
import { describe, expect, it } from 'vitest';
import { sampleRow } from '../api/sample';
import { sampleMask } from '../api/sample-weight';
import { channelName, entryAt, kernelText, partNames, placeText, stackName } from './entries';

const CONV = sampleRow({ shape: [4, 5, 3, 3] });
const LSTM = sampleRow({ op: 'LSTM', shape: [2, 16, 3], axes: { stack: [0], out: [1], kernel: [], in: [2] } });

describe('entryAt', () => {
  it('finds each panel of a grid of kernel positions', () => {
    const mask = sampleMask();
    expect(entryAt(mask, 0, 0)).toEqual({ stack: 0, out: 0, kernel: 0, in: 0 });
    expect(entryAt(mask, 5, 14)).toEqual({ stack: 0, out: 1, kernel: 5, in: 4 });
    expect(entryAt(mask, 11, 7)).toEqual({ stack: 0, out: 3, kernel: 7, in: 2 });
    for (const [row, column] of [[-1, 0], [12, 0], [0, 15], [0, -1]]) expect(entryAt(mask, row!, column!)).toBe(null);
  });
  it('counts stacked parts downwards', () => {
    const mask = sampleMask({ stack: 4, out: 3, kernel: 5, kernel_rows: 1, kernel_columns: 5, in: 3 });
    expect(entryAt(mask, 7, 13)).toEqual({ stack: 2, out: 1, kernel: 4, in: 1 });
  });
});

describe('names', () => {
  it('leave out what there is only one of', () => {
    expect(placeText(CONV, sampleMask(), { stack: 0, out: 1, kernel: 5, in: 4 })).toBe('out 1 · kernel 1,2 · in 4');
    expect(placeText(CONV, sampleMask({ kernel: 1 }), { stack: 0, out: 1, kernel: 0, in: 4 })).toBe('out 1 · in 4');
    expect(placeText(CONV, sampleMask({ stack: 96, out: 1, in: 1 }), { stack: 47, out: 0, kernel: 5, in: 0 })).toBe('group 47 · kernel 1,2');
    expect(placeText(LSTM, sampleMask({ kernel: 1, stack: 8 }), { stack: 6, out: 1, kernel: 0, in: 2 })).toBe('backward gate f · out 1 · in 2');
  });
  it('tell gates in the order in which ONNX stores them', () => {
    expect(Array.from({ length: 4 }, (_, at) => stackName(LSTM, 4, at))).toEqual(['gate i', 'gate o', 'gate f', 'gate c']);
    expect(stackName({ ...LSTM, op: 'GRU' }, 3, 2)).toBe('gate h');
    expect(stackName(CONV, 4, 3)).toBe('group 3');
    expect(stackName({ ...CONV, op: 'MatMul' }, 4, 3)).toBe('batch 3');
    expect(partNames(LSTM, sampleMask({ stack: 8 }))[7]).toBe('backward gate c');
    expect(partNames(CONV, sampleMask())).toEqual([]);
  });
  it('tell kernel positions by their own dims', () => {
    expect(kernelText(CONV, 7)).toBe('2,1');
    expect(kernelText(sampleRow({ shape: [4, 5, 1, 7] }), 6)).toBe('6');
  });
  it('tell channels of stacked parts', () => {
    expect(channelName(CONV, 1, 4, 3)).toBe('3');
    expect(channelName(CONV, 96, 1, 40)).toBe('40');
    expect(channelName(LSTM, 4, 10, 25)).toBe('f:5');
  });
});
