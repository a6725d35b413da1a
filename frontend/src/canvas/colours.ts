// What each node is painted with, whatever the colour mode says: a look, a colour, a word.
import { inkOn, toHex, type Rgb } from '../lib/colour';

/** No tile; dashed; striped, a claim; hollow; solid. */
export const NO_TILE = 0;
export const DASHED = 1;
export const STRIPED = 2;
export const HOLLOW = 3;
export const SOLID = 4;
export type Look = 0 | 1 | 2 | 3 | 4;

/** Stands for the page's own surface in `Colours.rgb`. */
export const NO_COLOUR = 0xffffffff;

/** By node position. */
export interface Colours {
  readonly look: Uint8Array;
  /** 0xRRGGBB, or NO_COLOUR. */
  readonly rgb: Uint32Array;
  /** What the colour says, on the tile; null where the figure says it already. */
  readonly word: readonly string[] | null;
  /** True where the colours are the sparsity scale. */
  readonly scale: boolean;
}

export function packed(colour: Rgb): number {
  return ((Math.round(colour[0]) << 16) | (Math.round(colour[1]) << 8) | Math.round(colour[2])) >>> 0;
}

export function unpacked(colour: number): Rgb {
  return [(colour >> 16) & 255, (colour >> 8) & 255, colour & 255];
}

interface Written {
  readonly fill: string;
  readonly ink: string;
}

const written = new Map<number, Written>();
/** A blend makes new colours in every frame. */
const MOST = 20_000;

function writtenOf(colour: number): Written {
  let known = written.get(colour);
  if (known === undefined) {
    if (written.size > MOST) written.clear();
    const rgb = unpacked(colour);
    known = { fill: toHex(rgb), ink: inkOn(rgb) };
    written.set(colour, known);
  }
  return known;
}

/** A packed colour as CSS. */
export function cssOf(colour: number): string {
  return writtenOf(colour).fill;
}

/** Black or white, whichever reads better on a packed colour. */
export function inkOver(colour: number): string {
  return writtenOf(colour).ink;
}

/** The colours on the way from one to another, `t` 0..1; `surface` stands in for NO_COLOUR. */
export function blend(from: Uint32Array, to: Uint32Array, t: number, surface: number): Uint32Array {
  const mixed = new Uint32Array(to.length);
  for (let node = 0; node < to.length; node++) {
    const end = to[node];
    if (end === NO_COLOUR || end === from[node]) {
      mixed[node] = end;
      continue;
    }
    const start = from[node] === NO_COLOUR ? surface : from[node];
    let value = 0;
    for (const shift of [16, 8, 0]) {
      const [a, b] = [(start >> shift) & 255, (end >> shift) & 255];
      value |= Math.round(a + (b - a) * t) << shift;
    }
    mixed[node] = value >>> 0;
  }
  return mixed;
}
