// The recipe: edits recorded since the model was opened, and those that the file brought with it.
import { signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { pruneApi, type RecipeStep } from '../api/prune';
import type { Recipe } from '../api/schema';
import { percent, plural } from '../lib/numbers';
import { trouble } from './toasts';

/** What was done to the open model, ready to be replayed; null until asked. */
export const recipe = signal<Recipe | null>(null);

/** What the opened file says was done to it; null: nothing, or not asked yet. */
export const embedded = signal<Recipe | null>(null);

export async function loadRecipes(): Promise<void> {
  await Promise.all([
    pruneApi.recipe().then((found) => { recipe.value = found; }, tell),
    pruneApi.embedded().then((found) => { embedded.value = found; }, (error: unknown) => {
      embedded.value = null;
      tell(error);
    }),
  ]);
}

function tell(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
  trouble(error.problem);
}

export interface StepText {
  readonly what: string;
  readonly how: string;
}

/** A step in words; what is not known is left out, never guessed. */
export function stepText(step: RecipeStep): StepText {
  const layers = listOf(step['layers']) ?? listOf(step['weights']);
  const goal = numberOf(step['sparsity']);
  const border = numberOf(step['threshold']);
  const format = textOf(step['format']);
  const aim = border !== null ? `|w| below ${border}` : goal !== null ? percent(goal, 1) : '';
  const kept = listOf(step['protected']) ?? listOf(step['excluded']);
  const how = [
    textOf(step['method']), format, SPREAD[textOf(step['scope']) ?? ''], step['budget'] === 'overall' ? 'exactly overall' : null,
    step['keep_ends'] === true ? 'first and last kept' : null, kept && kept.length > 0 ? `${kept.length} protected` : null,
  ];
  const named = layers === null ? '' : ` ${plural(layers.length, 'layer')}`;
  const to = aim === '' ? (format === null ? '' : ` to ${format}`) : border !== null ? `, ${aim}` : ` to ${aim}`;
  return { what: `${capital(textOf(step['action']) ?? 'edit')}${named}${to}`, how: how.filter((part) => typeof part === 'string' && part !== '').join(', ') };
}

const SPREAD: Record<string, string | undefined> = { global: 'one threshold', 'global-rms': 'one threshold, normalised' };

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}
