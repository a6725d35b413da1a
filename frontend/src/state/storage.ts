// Bytes of a weight by storage, smallest marked, gzip asked for apart; what storages and runtimes are called.
import { signal } from '@preact/signals';
import { api, ApiError } from '../api/client';
import type { Catalogue, Gzip, WeightRow } from '../api/schema';
import { glyphOf, type GlyphName } from '../lib/glyphs';
import { trouble } from './toasts';

/** Every storage and runtime that rows tell of; null until asked. */
export const catalogue = signal<Catalogue | null>(null);

/** What gzip makes of the weight in the panel; null until it is known. */
export const packed = signal<{ readonly row: WeightRow; readonly found: Gzip } | null>(null);

/** The weight that is being compressed as a whole; null: none. */
export const packing = signal<number | null>(null);

export interface Stored {
  readonly name: string;
  readonly label: string;
  readonly glyph: GlyphName;
  readonly bytes: number;
  /** of the dense bytes; more than 1 where it grows */
  readonly share: number;
  readonly estimated: boolean;
  readonly smallest: boolean;
}

/** The storages that can hold a weight, dense first; one made for its own format comes last. */
export function storedIn(row: WeightRow, found: Gzip | null, known: Catalogue | null): Stored[] {
  const sizes = new Map(Object.entries(row.bytes));
  if (found) sizes.set('gzip', found.bytes);
  const dense = sizes.get('dense') ?? 0;
  const named = known?.storages ?? [];
  const order = [...named.map((one) => one.name), ...sizes.keys()];
  const there = [...new Set(order)].filter((name) => typeof sizes.get(name) === 'number');
  const least = Math.min(...there.map((name) => sizes.get(name)!));
  return there.map((name) => {
    const entry = named.find((one) => one.name === name);
    const bytes = sizes.get(name)!;
    return {
      name, bytes, label: entry?.label ?? ownLabel(name), glyph: (entry?.glyph as GlyphName | undefined) ?? glyphOf(name),
      share: dense > 0 ? bytes / dense : 1,
      estimated: name === 'gzip' && (found ? !found.exact : row.bytes_estimated.includes(name)),
      smallest: bytes === least,
    };
  });
}

/** "bsr:16x16" -> "BSR 16×16, int32", "1:4" -> "1:4 packed": storages of a weight's own format. */
function ownLabel(name: string): string {
  const block = /^bsr:(\d+)x(\d+)$/.exec(name);
  if (block) return `BSR ${block[1]}×${block[2]}, int32`;
  return /^\d+:\d+$/.test(name) ? `${name} packed` : name;
}

/** Asks once what storages and runtimes are called. */
export async function learnCatalogue(): Promise<void> {
  if (catalogue.value !== null) return;
  await quietly(async () => {
    catalogue.value = await api.catalogue();
  });
}

/** Asks what gzip makes of a weight, from a sample of it. */
export async function askGzip(row: WeightRow, stop: AbortSignal): Promise<void> {
  await quietly(async () => {
    const found = await api.gzip(row.id, stop);
    if (!stop.aborted) packed.value = { row, found };
  });
}

/** Has all of a weight compressed; a job, so the status line shows and stops it. */
export async function compressAll(row: WeightRow): Promise<void> {
  packing.value = row.id;
  await quietly(async () => {
    const found = await api.compress(row.id);
    if (packed.value?.row === row) packed.value = { row, found };
  });
  packing.value = null;
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'cancelled') trouble(error.problem);
  }
}
