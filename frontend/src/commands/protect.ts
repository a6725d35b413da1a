// Keeping layers out of every prune, and letting them in again.
import { isProtected, pruneApi } from '../api/prune';
import type { WeightRow } from '../api/schema';
import { plural } from '../lib/numbers';
import { prunable } from '../state/prune';
import { selectedRows } from '../state/selection';
import { toast } from '../state/toasts';
import { rows } from '../state/weights';
import type { Command } from './command';
import { told } from './told';

/** The uses of the same tensors too: what one operator must keep, the other cannot change. */
function sharing(list: readonly WeightRow[]): WeightRow[] {
  const tensors = new Set(list.map((row) => row.key));
  return [...rows.value.values()].filter((row) => tensors.has(row.key));
}

export async function protect(list: readonly WeightRow[], on: boolean): Promise<void> {
  const all = sharing(list);
  const answer = await told(pruneApi.protect(all.map((row) => row.id), on));
  if (answer === null) return;
  const layers = plural(new Set(all.map((row) => row.node)).size, 'layer');
  toast(on ? `Protected ${layers} from pruning` : `${layers} may be pruned again`);
}

const open = () => prunable(selectedRows.value).filter((row) => !isProtected(row));
const closed = () => selectedRows.value.filter(isProtected);

export const PROTECT_COMMANDS: readonly Command[] = [
  {
    id: 'prune.protect', group: 'Prune', label: 'Protect from pruning', icon: { icon: 'lock' },
    when: () => open().length > 0, run: () => protect(open(), true),
  },
  {
    id: 'prune.unprotect', group: 'Prune', label: 'Unprotect: may be pruned', icon: { icon: 'unlock' },
    when: () => closed().length > 0, run: () => protect(closed(), false),
  },
  {
    id: 'prune.unprotect-all', group: 'Prune', label: 'Unprotect every layer',
    when: () => [...rows.value.values()].some(isProtected),
    run: () => protect([...rows.value.values()].filter(isProtected), false),
  },
];
