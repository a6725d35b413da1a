// Adjacency in two flat arrays: the links of item `i` are `list[start[i] .. start[i + 1])`.

export interface Links {
  readonly start: Uint32Array;
  readonly list: Uint32Array;
}

/** Groups the positions 0..keys.length by their key (0..count), each group in rising order. */
export function group(count: number, keys: ArrayLike<number>): Links {
  const start = new Uint32Array(count + 1);
  for (let i = 0; i < keys.length; i++) start[keys[i] + 1]++;
  for (let key = 0; key < count; key++) start[key + 1] += start[key];
  const next = start.slice(0, count);
  const list = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) list[next[keys[i]]++] = i;
  return { start, list };
}

type Numbers = Float32Array | Float64Array | Uint16Array | Uint32Array;

/** Fills `into` with the values at `places`: in a loop, for `from` makes an object per step. */
export function taken<T extends Numbers>(into: T, values: ArrayLike<number>, places: Uint32Array): T {
  for (let at = 0; at < places.length; at++) into[at] = values[places[at]];
  return into;
}
