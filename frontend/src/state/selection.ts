// What is selected: operators, by node id. A table row and its node are one selection.
import { computed, signal } from '@preact/signals';
import type { WeightRow } from '../api/schema';
import { rowsOfNode } from './weights';

/** Selected node ids, in the order in which they were selected. */
export const selected = signal<ReadonlySet<number>>(new Set());

/** The node that the side panel tells about: the last one selected. */
export const current = computed<number | null>(() => {
  let last: number | null = null;
  for (const id of selected.value) last = id;
  return last;
});

/** The weights of the selected operators. */
export const selectedRows = computed<WeightRow[]>(() =>
  [...selected.value].flatMap((id) => rowsOfNode.value.get(id) ?? []));

export function select(ids: Iterable<number>, how: 'replace' | 'toggle' = 'replace'): void {
  if (how === 'replace') {
    selected.value = new Set(ids);
    return;
  }
  const next = new Set(selected.value);
  for (const id of ids) if (!next.delete(id)) next.add(id);
  selected.value = next;
}
