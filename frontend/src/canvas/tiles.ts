// What the canvas knows about each node's weights, and which of the looks follows from it.
import type { Theme } from './theme';

export type TileState = 'none' | 'todo' | 'declared' | 'measured';
export const NONE = 0;
export const TODO = 1;
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
  /** Text beside the node, naming the claim that does not hold. */
  readonly tag: readonly (string | null)[];
}

/** Exactly no zeros is hollow; a share that only rounds to 0 % has its colour. */
export type Look = 'none' | 'todo' | 'declared' | 'dense' | 'coloured';

/** A layer without tiles yet is one that is not measured yet. */
export function lookOf(tiles: Tiles | null, layer: boolean, node: number): Look {
  const state = tiles === null ? (layer ? TODO : NONE) : tiles.state[node];
  if (state === MEASURED) return tiles?.sparsity[node] === 0 ? 'dense' : 'coloured';
  if (state === DECLARED) return 'declared';
  return state === TODO ? 'todo' : 'none';
}

export function isFlagged(tiles: Tiles | null, node: number): boolean {
  return tiles !== null && tiles.flag[node] === 1;
}

export function isEdited(tiles: Tiles | null, node: number): boolean {
  return tiles !== null && tiles.edited[node] === 1;
}

/** Colour of text and glyph on a tile. */
export function inkOf(look: Look, sparsity: number, theme: Theme): string {
  if (look === 'coloured') return theme.scaleInk(sparsity);
  return look === 'dense' ? theme.ink : theme.ink2;
}
