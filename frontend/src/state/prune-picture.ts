// The picture beside the preview: a corner of the mask as it would be, and where the border cuts |w|.
import { computed, effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { pruneApi } from '../api/prune';
import type { Histogram, MaskFacts, Preview } from '../api/schema';
import { weightApi } from '../api/weight';
import { pictured, preview, shown, type ShownRow } from './preview';

/** Entries along a side of the corner. */
export const CORNER = 96;

/** `height` x `width` densities 0..255, row by row: 0 is a zero. */
export interface Corner {
  readonly weight: number;
  readonly height: number;
  readonly width: number;
  readonly density: Uint8Array;
  /** of the whole image of the weight, in entries */
  readonly rows: number;
  readonly columns: number;
}

export const corner = signal<Corner | null>(null);

/** Values of the pictured weight as they are now. */
export const spread = signal<{ readonly weight: number; readonly found: Histogram } | null>(null);

/** The row that the picture tells of: the chosen one, else the first that would change. */
export const picturedRow = computed<ShownRow | null>(() => {
  const rows = shown.value?.rows.filter((row) => row.skipped === null) ?? [];
  return rows.find((row) => row.weight === pictured.value) ?? rows[0] ?? null;
});

/** Cuts the corner out of the first tile, whose rows are `across` entries wide. */
export function cut(weight: number, mask: MaskFacts, tile: Uint8Array): Corner {
  const across = Math.min(mask.tile, mask.width);
  const [height, width] = [Math.min(CORNER, mask.height), Math.min(CORNER, mask.width)];
  const density = new Uint8Array(height * width);
  for (let row = 0; row < height; row += 1) density.set(tile.subarray(row * across, row * across + width), row * width);
  return { weight, height, width, density, rows: mask.height, columns: mask.width };
}

export function watchPrunePicture(): () => void {
  let shown: Preview | null = null;
  let asked: number | null = null;
  let stop = new AbortController();
  return effect(() => {
    const made = preview.value;
    // Without a whole preview there is no mask yet, only numbers.
    const weight = made === null ? null : picturedRow.value?.weight ?? null;
    if (made === shown && weight === asked) return;
    const other = weight !== asked;
    shown = made;
    asked = weight;
    stop.abort();
    stop = new AbortController();
    if (weight === null) {
      corner.value = null;
      spread.value = null;
      return;
    }
    void look(weight, other, stop.signal);
  });
}

async function look(weight: number, other: boolean, stop: AbortSignal): Promise<void> {
  try {
    const mask = await pruneApi.mask(weight, CORNER, stop);
    const tile = await pruneApi.corner(weight, stop);
    if (stop.aborted) return;
    corner.value = cut(weight, mask, tile);
    if (!other && spread.peek()?.weight === weight) return;
    const found = await weightApi.histogram(weight, stop);
    if (!stop.aborted) spread.value = { weight, found };
  } catch (error) {
    // Without a picture the figures still tell all: a newer preview brings the next one.
    if (!stop.aborted && !(error instanceof ApiError)) throw error;
  }
}
