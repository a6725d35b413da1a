// Asks the server about pruning: previews, formats compared, protection, recipes, ways to store.
import { fetchBytes, get, post } from './client';
import type {
  Comparison, MaskFacts, Masks, Outlook, Preview, Problem, Protected, Pruned, PruneRequest, Recipe, Replayed, Saved, StoreOptions, WeightRow, Written,
} from './schema';

export type Scope = NonNullable<PruneRequest['scope']>;
export type Store = 'dense' | 'onnx-sparse';
export type RecipeStep = Recipe['steps'][number];

export interface SaveWish {
  readonly path: string | null;
  readonly overwrite: boolean;
  readonly store?: Store;
  readonly force?: boolean;
}

/** Whether the user said that no prune may touch this weight. */
export function isProtected(row: WeightRow): boolean {
  return row.protected;
}

export const pruneApi = {
  preview: (request: PruneRequest, stop?: AbortSignal) => post<Preview>('/api/preview', request, stop),
  outlook: (request: PruneRequest, stop: AbortSignal) => post<Outlook | null>('/api/outlook', request, stop),
  compare: (request: PruneRequest, stop: AbortSignal) => post<Comparison>('/api/compare', request, stop),
  prune: (request: PruneRequest) => post<Pruned>('/api/prune', request),
  /** The mask as the last preview would leave it. */
  mask: (id: number, size: number, stop: AbortSignal) =>
    get<MaskFacts>(`/api/weight/${id}/mask?rows=${size}&columns=${size}&preview=1`, stop),
  /** Its first tile, every weight a pixel: density, then magnitude. */
  corner: async (id: number, stop: AbortSignal) =>
    new Uint8Array(await fetchBytes(`/api/weight/${id}/tile?pool=1&row=0&column=0&preview=1`, stop)),
  protect: (weights: readonly number[], on: boolean) => post<Protected>('/api/protect', { weights, protected: on }),
  recipe: () => get<Recipe>('/api/recipe'),
  embedded: () => get<Recipe | null>('/api/recipe?embedded=1'),
  writeRecipe: (path: string, overwrite: boolean) => post<Written>('/api/recipe', { path, overwrite }),
  replay: (what: { path: string } | { recipe: Recipe }, force: boolean) => post<Replayed>('/api/replay', { ...what, force }),
  /** Why the open file cannot be saved over; null: it can. */
  ownFile: (stop?: AbortSignal) => get<Problem | null>('/api/own-file', stop),
  stores: (stop?: AbortSignal) => get<StoreOptions>('/api/stores', stop),
  save: (wish: SaveWish) => post<Saved>('/api/save', wish),
  masks: (path: string, overwrite: boolean) => post<Masks>('/api/masks', { path, overwrite }),
};
