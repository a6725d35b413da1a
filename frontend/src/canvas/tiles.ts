// What the canvas knows about each node's weights.
import { percentShort } from '../lib/numbers';

export type TileState = 'none' | 'unmeasured' | 'declared' | 'measured';
export const NONE = 0;
export const UNMEASURED = 1;
export const DECLARED = 2;
export const MEASURED = 3;

/** By node position. */
export interface Tiles {
  readonly state: Uint8Array;
  readonly sparsity: Float32Array;
  /** Position in GLYPHS. */
  readonly glyph: Uint8Array;
  /** 1 where a claim does not hold. */
  readonly flag: Uint8Array;
  /** 1 where the weights differ from the file. */
  readonly edited: Uint8Array;
  /** 1 where no prune may change the weights. */
  readonly kept?: Uint8Array;
  /** 1 where the weights cannot be read: they will never be measured. */
  readonly unread?: Uint8Array;
  /** Text beside the node, naming the claim that does not hold. */
  readonly tag: readonly (string | null)[];
  /** Share of zeros by row of the document, NaN where a row shows none; null without rows. */
  readonly rowShare: Float32Array | null;
}

/** The share of zeros as a node tells it; dots where it is not known yet, a dash where it will not be. */
export function figureOf(tiles: Tiles | null, node: number): string {
  const state = tiles?.state[node];
  if (state === MEASURED || state === DECLARED) return percentShort(tiles!.sparsity[node]);
  return tiles?.unread?.[node] === 1 ? '–' : '…';
}

export function isFlagged(tiles: Tiles | null, node: number): boolean {
  return tiles !== null && tiles.flag[node] === 1;
}

export function isKept(tiles: Tiles | null, node: number): boolean {
  return tiles?.kept?.[node] === 1;
}

export function isEdited(tiles: Tiles | null, node: number): boolean {
  return tiles !== null && tiles.edited[node] === 1;
}
