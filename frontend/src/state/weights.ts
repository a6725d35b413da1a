// The weights of the open model, as rows of facts, and their totals.
import { computed, signal } from '@preact/signals';
import type { Summary, WeightRow } from '../api/schema';

/** Every weight row by its id, in the model's order. */
export const rows = signal<ReadonlyMap<number, WeightRow>>(new Map());

/** Totals over all weights; null until the first answer. */
export const summary = signal<Summary | null>(null);

/** The rows of each operator, by node id: an operator may have several weights. */
export const rowsOfNode = computed(() => {
  const byNode = new Map<number, WeightRow[]>();
  for (const row of rows.value.values()) {
    const list = byNode.get(row.node);
    if (list) list.push(row);
    else byNode.set(row.node, [row]);
  }
  return byNode;
});

/** By `layer`, where that is only an address: what says more, as the name of the weight. */
const titles = computed(() => new Map([...rows.value.values()].filter((row) => row.title !== row.layer).map((row) => [row.layer, row.title])));

/** What people see as a layer's name. */
export function titleOf(layer: string): string {
  return titles.value.get(layer) ?? layer;
}

/** Claims that measuring has shown to be false, or that say nothing valid. */
export const brokenClaims = computed(() => [...rows.value.values()].filter(isFlagged));

/** Layers (operators with weights, embeddings apart) and how many of them hold zeros. */
export const layerCounts = computed(() => {
  let layers = 0;
  let sparse = 0;
  for (const list of rowsOfNode.value.values()) {
    const weights = list.filter((row) => row.kind !== 'embedding');
    if (weights.length === 0) continue;
    layers += 1;
    if (weights.some((row) => row.format !== null && row.format !== 'dense')) sparse += 1;
  }
  return { layers, sparse };
});

/** Weights whose values cannot be read: they stay unmeasured. */
export const unreadable = computed(() => [...rows.value.values()].filter((row) => row.problem !== null && row.kind !== 'embedding').length);

export const editedLayers = computed(() => {
  const nodes = new Set<number>();
  for (const row of rows.value.values()) if (row.edited) nodes.add(row.node);
  return nodes.size;
});

/** Operators that no prune may change, by node id. */
export const protectedNodes = computed(() => [...new Set([...rows.value.values()].filter((row) => row.protected).map((row) => row.node))]);

const RECURRENT = new Set(['LSTM', 'GRU', 'RNN']);

/** Where one layer has several weights: the input that this row is about, as W and R of an LSTM; else ''. */
export function whichOf(row: WeightRow): string {
  if ((rowsOfNode.value.get(row.node)?.length ?? 0) < 2) return '';
  return (RECURRENT.has(row.op) ? ['', 'W', 'R'][row.input] : undefined) ?? `input ${row.input}`;
}

export function isFlagged(row: WeightRow): boolean {
  return row.agrees === false || (row.declared !== null && row.declared.invalid !== null);
}

export function replaceRows(all: readonly WeightRow[], totals: Summary): void {
  rows.value = new Map(all.map((row) => [row.id, row]));
  summary.value = totals;
}

export function mergeRows(changed: readonly WeightRow[], totals: Summary): void {
  const next = new Map(rows.value);
  for (const row of changed) next.set(row.id, row);
  rows.value = next;
  summary.value = totals;
}

/** Zeros over elements of several rows, a tensor counted once; null unless all are measured. */
export function together(list: readonly WeightRow[]): { elements: number; sparsity: number | null } {
  const tensors = new Map<string, WeightRow>();
  // As in the totals, the first use speaks for a tensor.
  for (const row of list) if (!tensors.has(row.key)) tensors.set(row.key, row);
  let elements = 0;
  let zeros: number | null = 0;
  for (const row of tensors.values()) {
    elements += row.elements;
    zeros = zeros === null || row.zeros === null ? null : zeros + row.zeros;
  }
  return { elements, sparsity: zeros === null || elements === 0 ? null : zeros / elements };
}

/** The one format of all, else "mixed"; null while it is not known. */
export function commonFormat(list: readonly WeightRow[]): string | null {
  const formats = new Set(list.map((row) => row.format));
  return formats.size === 1 ? [...formats][0]! : 'mixed';
}
