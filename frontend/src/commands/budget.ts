// Working towards a share of zeros over the whole model.
import { percent } from '../lib/numbers';
import { budgetShown, budgetWanted, target } from '../state/budget';
import { everyWeight } from '../state/prune';
import { select } from '../state/selection';
import { model } from '../state/session';
import { side } from '../state/view';
import type { Command } from './command';
import { openPruneForm } from './edit';

/** Opens the form on every weight, so that exactly this share of the whole model is zero afterwards. */
export function reach(share: number): void {
  select(new Set(everyWeight().map((row) => row.node)));
  openPruneForm({ criterion: 'amount', budget: 'overall', sparsity: share, levels: null });
}

const hasWeights = () => model.value !== null && everyWeight().length > 0;

export const BUDGET_COMMANDS: readonly Command[] = [
  {
    id: 'view.budget', group: 'View', label: 'Budget bar', hotkeys: ['B'], icon: { icon: 'budget' }, when: hasWeights,
    checked: () => budgetShown.value,
    run: () => {
      // While the prune panel is open the bar is there anyway: the wish is for afterwards.
      budgetWanted.value = side.value === 'prune' ? !budgetWanted.value : !budgetShown.value;
    },
  },
  {
    id: 'prune.reach', group: 'Prune', label: () => `Reach ${percent(target.value, 1)} overall…`, icon: { icon: 'budget' }, when: hasWeights,
    run: () => reach(target.value),
  },
];
