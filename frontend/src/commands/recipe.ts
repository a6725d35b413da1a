// Recipes and masks: shown, written to files, replayed.
import { ApiError } from '../api/client';
import { pruneApi } from '../api/prune';
import type { Recipe } from '../api/schema';
import { plural } from '../lib/numbers';
import { history, model } from '../state/session';
import { toast, trouble } from '../state/toasts';
import { ask, askPath, dialog } from '../state/view';
import type { Command } from './command';
import { undo } from './edit';

/** The model's path with another ending. */
export function beside(path: string, ending: string): string {
  return `${path.replace(/\.onnx$/i, '')}${ending}`;
}

/** Writes to a path that the user names; an existing file is replaced only after asking. */
async function writeTo(title: string, suggested: string, write: (path: string, overwrite: boolean) => Promise<string>): Promise<boolean> {
  const path = await askPath(suggested, title);
  return path !== null && attempt(path, false, write);
}

async function attempt(path: string, overwrite: boolean, write: (path: string, overwrite: boolean) => Promise<string>): Promise<boolean> {
  try {
    toast(await write(path, overwrite));
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'exists') {
      trouble(error.problem);
      return false;
    }
    const choice = await ask({ title: 'Replace the file?', text: error.message, yes: 'Replace it', danger: true });
    return choice === 'yes' && attempt(path, true, write);
  }
}

export function exportRecipe(): Promise<boolean> {
  return writeTo('Export recipe', beside(model.value!.path, '.recipe.json'), async (path, overwrite) => {
    const written = await pruneApi.writeRecipe(path, overwrite);
    return `Wrote the recipe to ${written.path}`;
  });
}

export function exportMasks(): Promise<boolean> {
  return writeTo('Export masks', beside(model.value!.path, '.masks.npz'), async (path, overwrite) => {
    const written = await pruneApi.masks(path, overwrite);
    return `Wrote ${plural(written.masks, 'mask')} to ${written.path}`;
  });
}

/** Replays a recipe; one of another source only when the user says so. True when edits were made. */
export async function replay(what: { path: string } | { recipe: Recipe }, force = false): Promise<boolean> {
  try {
    const { labels } = await pruneApi.replay(what, force);
    toast(`Replayed ${plural(labels.length, 'edit')}`, labels.length === 1 ? { label: 'Undo', run: () => void undo() } : null);
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
    id: 'file.replay-recipe', group: 'File', label: 'Replay recipe…', when: hasModel,
    run: () => {
      dialog.value = { kind: 'replay' };
    },
  },
  { id: 'file.export-masks', group: 'File', label: 'Export masks…', when: hasModel, run: async () => void (await exportMasks()) },
];

