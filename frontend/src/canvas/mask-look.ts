// How the bytes of a mask become pixels: zeros are paper, the rest is ink, paler where it is small.
import { parseHex, type Rgb } from '../lib/colour';

/** What the ink says: where non-zeros are and how large, only where they are, or only how large. */
export type Look = 'both' | 'zeros' | 'magnitudes';

/** The palest non-zero still has to be told from a zero. */
const FAINTEST = 0.35;

/** How much ink a pixel gets, 0..1. density, magnitude: bytes as the server tells them. */
export function inkOf(density: number, magnitude: number, look: Look): number {
  if (density === 0) return 0;
  const size = FAINTEST + (1 - FAINTEST) * (magnitude / 255);
  if (look === 'magnitudes') return size;
  // A square root, for one weight among many still has to show.
  const share = Math.sqrt(density / 255);
  return look === 'zeros' ? share : share * size;
}

/** RGBA bytes, row by row: paper mixed with ink. */
export function maskPixels(density: Uint8Array, magnitude: Uint8Array, paper: string, ink: string, look: Look): Uint8ClampedArray<ArrayBuffer> {
  const [from, to]: [Rgb, Rgb] = [parseHex(paper), parseHex(ink)];
  const pixels = new Uint8ClampedArray(density.length * 4);
  for (let at = 0; at < density.length; at += 1) {
    const t = inkOf(density[at]!, magnitude[at]!, look);
    for (let channel = 0; channel < 3; channel += 1) pixels[4 * at + channel] = from[channel]! + (to[channel]! - from[channel]!) * t;
    pixels[4 * at + 3] = 255;
  }
  return pixels;
}

/** Base64, as JSON carries bytes. */
export function bytesOf(text: string): Uint8Array {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  return bytes;
}

/** A picture of `width` x `height` pixels that can be drawn at any whole multiple. */
export function imageOf(pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): CanvasImageSource | null {
  if (width === 0 || height === 0) return null;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}
