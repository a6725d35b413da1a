// Recipes and masks: shown, written to files, replayed.
import { ApiError } from '../api/client';
import { pruneApi } from '../api/prune';
import type { Recipe } from '../api/schema';
import { plural } from '../lib/numbers';
import { history, model } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { ask, dialog } from '../state/view';
import { keyText, type Command } from './command';
import { beside, fileToOpen, fileToSave } from './dialogs';
import { undo } from './edit';
import { writeFile } from './told';

export async function exportRecipe(): Promise<boolean> {
  const where = await fileToSave('recipe', 'Export recipe', beside(model.value!.path, '.recipe.json'));
  if (where === null) return false;
  const done = await writeFile((overwrite) => pruneApi.writeRecipe(where.path, overwrite), where.overwrite);
  if (done !== null) toast(`Wrote the recipe to ${done.path}`);
  return done !== null;
}

export async function exportMasks(): Promise<boolean> {
  const where = await fileToSave('masks', 'Export masks', beside(model.value!.path, '.masks.npz'));
  if (where === null) return false;
  const done = await writeFile((overwrite) => pruneApi.masks(where.path, overwrite), where.overwrite);
  if (done !== null) toast(`Wrote ${plural(done.masks, 'mask')} to ${done.path}: for each weight tensor what is not zero`);
  return done !== null;
}

/** Asks for a recipe, or a model that carries one, and replays it. */
export async function replayFile(): Promise<boolean> {
  const chosen = await fileToOpen('recipe');
  if (chosen === null) return false;
  if (typeof chosen === 'string') return replay({ path: chosen });
  const found = await chosen.text().then((text) => JSON.parse(text) as unknown).catch(() => null);
  if (isRecipe(found)) return replay({ recipe: found });
  trouble({ message: `${chosen.name} is no recipe.`, hint: 'A JSON file with "steps" is wanted.', code: 'recipe' });
  return false;
}

function isRecipe(value: unknown): value is Recipe {
  return typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps);
}

/** Replays a recipe; one of another source only when the user says so. True when edits were made. */
export async function replay(what: { path: string } | { recipe: Recipe }, force = false): Promise<boolean> {
  try {
    const { labels } = await pruneApi.replay(what, force);
    // However many they are, they are taken back as one.
    toast(`Replayed ${plural(labels.length, 'edit')}`, labels.length > 0 ? { label: 'Undo', hotkey: keyText('Mod+Z'), run: () => void undo() } : null);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'other-source') {
      trouble(error.problem);
      return false;
    }
    const choice = await ask({
      title: 'Replay on another source?', text: `${error.message} ${error.hint}`.trim(), yes: 'Replay anyway', danger: true,
    });
    return choice === 'yes' && replay(what, true);
  }
}

const hasModel = () => model.value !== null;

export const RECIPE_COMMANDS: readonly Command[] = [
  {
    id: 'file.recipe', group: 'File', label: 'Recipe…', icon: { icon: 'list' }, when: hasModel,
    run: () => {
      dialog.value = { kind: 'recipe' };
    },
  },
  {
    id: 'file.export-recipe', group: 'File', label: 'Export recipe…', when: () => hasModel() && history.value.position > 0,
    run: async () => void (await exportRecipe()),
  },
  {
    id: 'file.replay-recipe', group: 'File', label: 'Replay recipe…', when: hasModel, run: async () => void (await replayFile()),
  },
  { id: 'file.export-masks', group: 'File', label: 'Export masks…', when: hasModel, run: async () => void (await exportMasks()) },
];

