// Changing weights: prune, undo, redo; and working on what is selected.
import { batch } from '@preact/signals';
import { api } from '../api/client';
import { pruneApi } from '../api/prune';
import type { WeightRow } from '../api/schema';
import { percent, plural } from '../lib/numbers';
import { leftOut } from '../state/evaluation';
import { currentDocument } from '../state/graph';
import { applying, everyWeight, floorOf, form, goesByData, loadMethods, PLAIN, requestOf, targets, type Form } from '../state/prune';
import { select, selected, selectedRows } from '../state/selection';
import { history } from '../state/session';
import { dismissDeeds, toast } from '../state/toasts';
import { focused } from '../state/table';
import { dock, popup, side } from '../state/view';
import { facts } from '../state/node';
import { rows, together } from '../state/weights';
import { copyText } from '../ui/clipboard';
import { shownKey, type Command } from './command';
import { told } from './told';

export async function applyPrune(wanted: Form, weights: readonly WeightRow[]): Promise<void> {
  if (weights.length === 0 || applying.value) return;
  applying.value = true;
  const position = history.value.position + 1;
  const before = weights.map((row) => rows.value.get(row.id) ?? row);
  const answer = await told(pruneApi.prune(requestOf(wanted, weights))).finally(() => {
    applying.value = false;
  });
  if (answer === null) return;
  leftOut.value = { position, layers: answer.skipped };
  if (side.value === 'prune') side.value = goesByData(wanted) ? 'effect' : 'node';
  toast(outcome(before, answer.rows), { label: 'Undo', hotkey: shownKey(UNDO), run: () => void undo() });
}

/** "Pruned 12 layers, 0 % → 50 %, 1 skipped", over the weights that changed. */
export function outcome(asked: readonly WeightRow[], changed: readonly WeightRow[]): string {
  const ids = new Set(changed.map((row) => row.id));
  const from = together(asked.filter((row) => ids.has(row.id))).sparsity;
  const to = together(changed).sparsity;
  const layers = new Set(changed.map((row) => row.node));
  const skipped = new Set(asked.map((row) => row.node).filter((node) => !layers.has(node))).size;
  return `Pruned ${plural(layers.size, 'layer')}${from === null || to === null ? '' : `, ${percent(from, 1)} → ${percent(to, 1)}`}`
    + (skipped > 0 ? `, ${skipped} unchanged` : '');
}

export async function undo(): Promise<void> {
  dismissDeeds();
  await told(api.undo());
}

export async function redo(): Promise<void> {
  await told(api.redo());
}

/** An amount that asks for more zeros than there are: else the form would open on "nothing to do". */
export function beyond(wanted: number, there: number): number {
  if (wanted > there || there >= 1) return wanted;
  const step = there < 0.9 ? 20 : there < 0.99 ? 100 : 10_000;
  return Math.min(1, (Math.floor(there * step) + 1) / step);
}

/** Opens the form for the selected layers. */
export function openPruneForm(change: Partial<Form> = {}): void {
  batch(() => {
    // A table about other layers says nothing here.
    const levels = targets.value.some((row) => Object.hasOwn(form.value.levels ?? {}, row.layer)) ? form.value.levels : null;
    form.value = { ...form.value, levels, sparsity: beyond(form.value.sparsity, together(targets.value).sparsity ?? 0), ...change };
    side.value = 'prune';
  });
  void told(loadMethods());
}

function namesOfSelection(): string[] {
  const shown = currentDocument();
  return [...selected.value].map((node) => {
    const row = selectedRows.value.find((one) => one.node === node);
    const at = shown?.indexOf.get(node);
    const name = facts.value?.id === node ? facts.value.title : undefined;
    return row?.title ?? name ?? (shown && at !== undefined ? shown.name[at]! : '');
  }).filter((name) => name !== '');
}

async function copyNames(): Promise<void> {
  const names = namesOfSelection();
  if (await copyText(names.join('\n'))) toast(names.length === 1 ? `Copied ${names[0]}` : `Copied ${names.length} names`);
}

const canPrune = () => targets.value.length > 0 && !applying.value;

function pruneTo(format: string, sparsity: number): () => Promise<void> {
  return () => applyPrune({ ...PLAIN, format, sparsity }, targets.value);
}

const UNDO: Command = {
  id: 'edit.undo', group: 'Edit', hotkeys: ['Mod+Z'], icon: { icon: 'undo' },
  label: () => `Undo${ofEdit(history.value.position - 1)}`,
  when: () => history.value.position > 0,
  run: undo,
};

function ofEdit(at: number): string {
  const label = history.value.edits[at]?.label;
  return label === undefined ? '' : `: ${label}`;
}

export const EDIT_COMMANDS: readonly Command[] = [
  UNDO,
  {
    id: 'edit.redo', group: 'Edit', hotkeys: ['Mod+Shift+Z', 'Mod+Y'], icon: { icon: 'redo' },
    label: () => `Redo${ofEdit(history.value.position)}`,
    when: () => history.value.position < history.value.edits.length,
    run: redo,
  },
  {
    id: 'prune.to-2:4', group: 'Prune', label: 'Prune to 2:4', icon: { glyph: 'nm' }, when: canPrune,
    run: pruneTo('2:4', floorOf('2:4')),
  },
  {
    id: 'prune.to-50', group: 'Prune', label: 'Prune to 50 %', icon: { glyph: 'unstructured' }, when: canPrune,
    run: pruneTo('unstructured', 0.5),
  },
  {
    id: 'prune.form', group: 'Prune', label: 'Prune…', hotkeys: ['P'], icon: { icon: 'target' }, when: canPrune,
    run: () => openPruneForm(),
  },
  {
    id: 'prune.all', group: 'Prune', label: 'Prune the whole model…', when: () => everyWeight().length > 0,
    run: () => {
      select(new Set(everyWeight().map((row) => row.node)));
      openPruneForm();
    },
  },
  {
    id: 'edit.menu', group: 'Edit', label: 'Menu of the selection', hotkeys: ['Shift+F10', 'ContextMenu'], when: () => selected.value.size > 0,
    run: () => {
      popup.value = { kind: 'context', x: innerWidth / 2, y: innerHeight / 3 };
    },
  },
  {
    id: 'edit.table', group: 'Edit', label: 'Show in table', icon: { icon: 'table' }, when: () => selectedRows.value.length > 0,
    run: () => {
      dock.value = true;
      focused.value = selectedRows.value[0]?.id ?? null;
    },
  },
  {
    id: 'edit.copy', group: 'Edit', label: () => (selected.value.size > 1 ? 'Copy names' : 'Copy name'), hotkeys: ['Mod+C'],
    icon: { icon: 'copy' }, when: () => selected.value.size > 0 && (getSelection()?.toString() ?? '') === '', run: copyNames,
  },
];
