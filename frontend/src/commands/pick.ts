// Choosing layers by what they have in common: similar ones, one operator type, what a query matches.
import type { WeightRow } from '../api/schema';
import { plural } from '../lib/numbers';
import { roleOf } from '../lib/roles';
import { filter } from '../state/search';
import { select, selected, selectedRows } from '../state/selection';
import { model } from '../state/session';
import { rows } from '../state/weights';
import { layersInside } from '../state/within';
import type { Command } from './command';

function nodesOf(holds: (row: WeightRow) => boolean): number[] {
  const nodes = new Set<number>();
  for (const row of rows.value.values()) if (holds(row)) nodes.add(row.node);
  return [...nodes];
}

function alike(key: (row: WeightRow) => string): number[] {
  const wanted = new Set(selectedRows.value.map(key));
  return wanted.size === 0 ? [] : nodesOf((row) => wanted.has(key(row)));
}

/** Layers with the operator, the weight shape and the role in their block of one of the selected ones. */
export function similar(): number[] {
  return alike((row) => `${row.op} ${row.input} ${row.kind} ${row.dtype} ${row.shape.join('x')} ${roleOf(row.layer)}`);
}

/** Layers of the selected operator types. */
export function sameOp(): number[] {
  return alike((row) => `${row.op} ${row.kind}`);
}

/** Layers that the search matches; none without a search. */
export function matching(): number[] {
  const holds = filter.value;
  return holds === null ? [] : nodesOf(holds);
}

const opsOfSelection = () => [...new Set(selectedRows.value.map((row) => row.op))];

/** True where a wider choice would be another one. */
function wider(list: readonly number[]): boolean {
  return list.length > 0 && (list.length !== selected.value.size || list.some((node) => !selected.value.has(node)));
}

export const PICK_COMMANDS: readonly Command[] = [
  {
    id: 'edit.similar', group: 'Edit', icon: { icon: 'similar' },
    label: () => `Select similar: ${plural(similar().length, 'layer')}`,
    when: () => wider(similar()),
    run: () => select(similar()),
  },
  {
    id: 'edit.same-op', group: 'Edit', icon: { icon: 'stack' },
    label: () => `Select every ${opsOfSelection().length === 1 ? opsOfSelection()[0] : 'layer of these types'}: ${plural(sameOp().length, 'layer')}`,
    when: () => wider(sameOp()),
    run: () => select(sameOp()),
  },
  {
    id: 'edit.inside', group: 'Edit', icon: { icon: 'into' },
    label: () => `Select what lies inside: ${plural(layersInside().length, 'layer')}`,
    when: () => layersInside().length > 0,
    run: () => select(layersInside()),
  },
  {
    id: 'edit.matching', group: 'Edit', icon: { icon: 'search' },
    label: () => `Select what the search matches: ${plural(matching().length, 'layer')}`,
    when: () => wider(matching()),
    run: () => select(matching()),
  },
  {
    id: 'edit.select-all', group: 'Edit', label: 'Select every layer', hotkeys: ['Mod+A'],
    when: () => model.value !== null && rows.value.size > 0,
    run: () => select(nodesOf(() => true)),
  },
];
