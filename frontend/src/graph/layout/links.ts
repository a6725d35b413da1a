// Adjacency in two flat arrays: the links of item `i` are `list[start[i] .. start[i + 1])`.
import { groupBy } from './kernel/net';

export interface Links {
  readonly start: Uint32Array;
  readonly list: Uint32Array;
}

/** Groups the positions 0..keys.length by their key (0..count), each group in rising order. */
export function group(count: number, keys: Uint32Array): Links {
  const { start, list } = groupBy(count, signed(keys));
  return { start: unsigned(start), list: unsigned(list) };
}

/** The same numbers as signed ones, without a copy: the kernel knows no others. */
export function signed(numbers: Uint32Array): Int32Array {
  return new Int32Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.length);
}

function unsigned(numbers: Int32Array): Uint32Array {
  return new Uint32Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.length);
}

type Numbers = Float32Array | Float64Array | Uint16Array | Uint32Array;

/** Fills `into` with the values at `places`: in a loop, for `from` makes an object per step. */
export function taken<T extends Numbers>(into: T, values: ArrayLike<number>, places: Uint32Array): T {
  for (let at = 0; at < places.length; at++) into[at] = values[places[at]];
  return into;
}
