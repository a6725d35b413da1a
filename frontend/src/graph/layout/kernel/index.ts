// Where the compiler starts: what the page calls in the compiled kernel.
export { orderRows } from './order';
export { place } from './place';

export function ints(length: i32): Int32Array {
  return new Int32Array(length);
}

export function floats(length: i32): Float64Array {
  return new Float64Array(length);
}

/** Frees all arrays. */
export function forget(): void {
  __reset();
}
