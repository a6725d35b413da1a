// The budget bar: which share of the whole model is zero, which it should be, and who contributes.
import { computed, signal } from '@preact/signals';
import type { WeightRow } from '../api/schema';
import { shown } from './preview';
import { targets } from './prune';
import { selected } from './selection';
import { side } from './view';
import { rows, summary } from './weights';

/** Whether the user wants the bar; it is there while the prune panel is open, too. */
export const budgetWanted = signal(false);

export const budgetShown = computed(() => budgetWanted.value || side.value === 'prune');

/** The share of zeros that the model should come to, 0..1. */
export const target = signal(0.6);

/** Cells by what they contribute, or as the model has them. */
export const budgetOrder = signal<'largest' | 'model'>('largest');

/** One tensor: however many operators share it, its zeros count once. */
export interface Cell {
  readonly row: WeightRow;
  readonly elements: number;
  /** now; null while it is not measured */
  readonly sparsity: number | null;
  /** with the edit of the preview; the same where that leaves it alone */
  readonly after: number | null;
  readonly inEdit: boolean;
  readonly selected: boolean;
}

export const cells = computed<Cell[]>(() => {
  const planned = new Map(shown.value?.rows.map((row) => [row.weight, row]) ?? []);
  const pruning = side.value === 'prune';
  const edited = new Set(pruning ? targets.value.map((row) => row.id) : []);
  const tensors = new Map<string, Cell>();
  for (const row of rows.value.values()) {
    if (row.kind === 'embedding' || row.elements === 0) continue;
    const { key } = row;
    const plan = planned.get(row.id);
    const after = plan?.skipped === null ? plan.after?.sparsity ?? row.sparsity : row.sparsity;
    const before = tensors.get(key);
    tensors.set(key, {
      row: before?.row ?? row, elements: row.elements, sparsity: row.sparsity, after: before && before.after !== before.sparsity ? before.after : after,
      inEdit: (before?.inEdit ?? false) || edited.has(row.id), selected: (before?.selected ?? false) || selected.value.has(row.node),
    });
  }
  const list = [...tensors.values()];
  if (budgetOrder.value === 'model') return list;
  const zeros = (cell: Cell) => (cell.after ?? 0) * cell.elements;
  return list.toSorted((a, b) => zeros(b) - zeros(a) || b.elements - a.elements || a.row.id - b.row.id);
});

/** Cells by what they contribute to the model's zeros, or to its weights where it has no zeros; none of those that add nothing. */
export function contributors(list: readonly Cell[]): { of: 'zeros' | 'weights'; parts: { cell: Cell; share: number }[] } {
  const zeros = list.map((cell) => (cell.after ?? 0) * cell.elements);
  const total = zeros.reduce((sum, one) => sum + one, 0);
  const weights = list.reduce((sum, cell) => sum + cell.elements, 0);
  const parts = list.map((cell, at) => ({ cell, share: total > 0 ? zeros[at]! / total : cell.elements / Math.max(weights, 1) }));
  return { of: total > 0 ? 'zeros' : 'weights', parts: parts.filter((part) => part.share > 0).toSorted((a, b) => b.share - a.share) };
}

export interface Overall {
  readonly now: number | null;
  readonly withEdit: number | null;
}

/** The whole model's share, now and with the edit of the preview. */
export const overall = computed<Overall>(() => ({
  now: summary.value?.sparsity ?? shown.value?.model_before ?? null,
  withEdit: shown.value?.model_after ?? null,
}));

/** The cell under a share 0..1 of the bar's width; -1 outside. */
export function cellAt(list: readonly Cell[], share: number): number {
  const total = list.reduce((sum, cell) => sum + cell.elements, 0);
  if (share < 0 || share >= 1 || total === 0) return -1;
  let left = 0;
  return list.findIndex((cell) => {
    left += cell.elements;
    return share * total < left;
  });
}

/** A run of neighbours that belong together, named for the line below the bar. */
export interface Block {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Blocks of the model in its order ("layer.0"), as shares of the bar; none where names tell none. */
export function blocksOf(list: readonly Cell[]): Block[] {
  const total = list.reduce((sum, cell) => sum + cell.elements, 0);
  const found: Block[] = [];
  let left = 0;
  for (const cell of list) {
    const name = blockName(cell.row.title);
    const last = found.at(-1);
    const [from, to] = [left / total, (left + cell.elements) / total];
    left += cell.elements;
    if (last && last.name === name) found[found.length - 1] = { ...last, to };
    else found.push({ name, from, to });
  }
  return found.length > 1 ? found : [];
}

/** The innermost counted part that holds more: "layers.11" of "/model/layers.11/mlp/down_proj/MatMul". */
function blockName(layer: string): string {
  const parts = layer.split('/').filter((part) => part !== '');
  const at = parts.findLastIndex((part, index) => index < parts.length - 1 && /\d$/.test(part));
  return at >= 0 ? parts[at]! : parts.length > 1 ? parts[parts.length - 2]! : '';
}
