// Sensitivity: measuring it, looking at it, and pruning to levels that it tells.
import { dataApi } from '../api/data';
import type { SweepRequest } from '../api/schema';
import { percent, plural } from '../lib/numbers';
import { data } from '../state/data';
import { setLevels } from '../state/levels';
import { everyWeight, floorOf, form, isDriven } from '../state/prune';
import { aim, sweep, sweepLevels } from '../state/sensitivity';
import { select } from '../state/selection';
import { model } from '../state/session';
import { toast } from '../state/toasts';
import { side } from '../state/view';
import { rows } from '../state/weights';
import type { Command } from './command';
import { openPruneForm } from './edit';
import { told } from './told';

function wish(): SweepRequest {
  const { method, format, params } = form.value;
  return {
    weights: everyWeight().map((row) => row.id), method, format, at: sweepLevels.value.filter((level) => level >= floorOf(format)),
    ...(isDriven(method) ? params : {}),
  };
}

export function measureSensitivity(): Promise<void> {
  return sweep(wish());
}

/** Opens the form with a level for each layer, made of the curves. */
export async function takeLevels(): Promise<void> {
  const { by, share, cosine } = aim.value;
  const made = await told(dataApi.levels(by === 'share' ? { target: share } : { cosine }));
  if (made === null) return;
  const layers = new Set(Object.keys(made.levels));
  select(new Set([...rows.value.values()].filter((row) => layers.has(row.layer)).map((row) => row.node)));
  openPruneForm({ method: made.method, format: made.format, criterion: 'amount' });
  setLevels(made.levels);
  toast(`${plural(layers.size, 'level')}: ${percent(made.sparsity, 1)} zeros, predicted cosine ${made.cosine.toFixed(4)}`);
}

export const SENSITIVITY_COMMANDS: readonly Command[] = [
  {
    id: 'view.sensitivity', group: 'View', label: 'Sensitivity…', icon: { icon: 'curve' },
    when: () => model.value !== null && (data.value !== null || everyWeight().length > 0), checked: () => side.value === 'sensitivity',
    run: () => {
      side.value = side.value === 'sensitivity' ? 'none' : 'sensitivity';
    },
  },
];
