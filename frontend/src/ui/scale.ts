// The sparsity scale: viridis, fixed at 0..100 %, the same in both themes (the --sp-* tokens).
import { inkOn, onScale, parseHex, toHex, type Rgb } from '../lib/colour';

/** The tokens --sp-0 .. --sp-100; a test compares. */
export const STOPS = [
  '#440154', '#482475', '#414487', '#355f8d', '#2a788e', '#21918c', '#22a884', '#44bf70', '#7ad151', '#bddf26', '#fde725',
] as const;

const SCALE = STOPS.map(parseHex);

/** The colour of a share of zeros 0..1. */
export function scaleRgb(share: number): Rgb {
  return onScale(SCALE, share);
}

/** Fill and text colour of a share of zeros 0..1. */
export function scaleColours(share: number): { background: string; color: string } {
  const fill = scaleRgb(share);
  return { background: toHex(fill), color: inkOn(fill) };
}
