// The table of layers: which rows, in which order.
import { computed, signal } from '@preact/signals';
import type { WeightRow } from '../api/schema';
import { filter } from './search';
import { isFlagged, rows } from './weights';

export type SortKey = 'order' | 'layer' | 'op' | 'sparsity' | 'format' | 'coverage' | 'declared' | 'elements' | 'size' | 'dtype';

export const sortKey = signal<SortKey>('order');
export const descending = signal(false);

/** The row that the arrows stand on, as a weight id. */
export const focused = signal<number | null>(null);

/** Rows that match the search, flagged ones first, then sorted. */
export const tableRows = computed<WeightRow[]>(() => {
  const matches = filter.value;
  const list = [...rows.value.values()].filter((row) => matches === null || matches(row));
  const key = sortKey.value;
  const sign = descending.value ? -1 : 1;
  return list.toSorted((a, b) =>
    Number(isFlagged(b)) - Number(isFlagged(a)) || sign * compare(a, b, key) || a.id - b.id);
});

export function sortBy(key: SortKey): void {
  if (sortKey.value !== key) {
    sortKey.value = key;
    descending.value = key === 'elements' || key === 'coverage';
  } else if (!descending.value) {
    descending.value = true;
  } else {
    sortKey.value = 'order';
    descending.value = false;
  }
}

function compare(a: WeightRow, b: WeightRow, key: SortKey): number {
  switch (key) {
    case 'order': return a.id - b.id;
    case 'layer': return a.layer.localeCompare(b.layer, 'en', { numeric: true });
    case 'op': return a.op.localeCompare(b.op);
    case 'format': return (a.format ?? '').localeCompare(b.format ?? '', 'en', { numeric: true });
    case 'dtype': return a.dtype.localeCompare(b.dtype);
    case 'elements': return a.elements - b.elements;
    case 'sparsity': return missingLast(a.sparsity, b.sparsity);
    case 'coverage': return missingLast(a.coverage['2:4'] ?? null, b.coverage['2:4'] ?? null);
    case 'declared': return missingLast(a.declared?.sparsity ?? null, b.declared?.sparsity ?? null);
    case 'size': return shapeText(a).localeCompare(shapeText(b), 'en', { numeric: true });
  }
}

function missingLast(a: number | null, b: number | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a - b;
}

function shapeText(row: WeightRow): string {
  return row.shape.join('×');
}
