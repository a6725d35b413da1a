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

/** Rows that match the search, flagged ones first, then sorted; what has no value comes last either way. */
export const tableRows = computed<WeightRow[]>(() => {
  const matches = filter.value;
  const list = [...rows.value.values()].filter((row) => matches === null || matches(row));
  const key = sortKey.value;
  const sign = descending.value ? -1 : 1;
  return list.toSorted((a, b) => Number(isFlagged(b)) - Number(isFlagged(a)) || Number(isMissing(a, key)) - Number(isMissing(b, key))
    || sign * compare(a, b, key) || a.id - b.id);
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

/** Made when a table is first sorted: the browser takes 5 ms for it, which the first picture would wait for. */
let collator: Intl.Collator | null = null;

function compareTexts(left: string, right: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(left, right);
}

function compare(a: WeightRow, b: WeightRow, key: SortKey): number {
  const [left, right] = [valueOf(a, key), valueOf(b, key)];
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right);
  return Number(left) - Number(right);
}

function isMissing(row: WeightRow, key: SortKey): boolean {
  return valueOf(row, key) === null;
}

function valueOf(row: WeightRow, key: SortKey): string | number | null {
  switch (key) {
    case 'order': return row.id;
    case 'layer': return row.title;
    case 'op': return row.op;
    case 'format': return row.format;
    case 'dtype': return row.dtype;
    case 'elements': return row.elements;
    case 'sparsity': return row.sparsity;
    case 'coverage': return row.coverage['2:4'] ?? null;
    case 'declared': return row.declared?.sparsity ?? null;
    case 'size': return row.shape.join('×');
  }
}
