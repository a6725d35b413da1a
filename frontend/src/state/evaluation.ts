// What the edits did on held-out samples: asked for while its panel is open, for the model as it is now.
import { effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { dataApi } from '../api/data';
import type { Evaluation, Problem, Skipped } from '../api/schema';
import { data } from './data';
import { history, model } from './session';
import { side } from './view';

/** Of the model as it is now; null: not known. */
export const evaluation = signal<Evaluation | null>(null);
export const evaluationProblem = signal<Problem | null>(null);
export const evaluating = signal(false);

/** What the prune before that position of the history left as it is. */
export const leftOut = signal<{ readonly position: number; readonly layers: readonly Skipped[] } | null>(null);

/** Ends what is asked about the model as it was: other edits, other data, another model. */
let stop = new AbortController();

export function watchEvaluation(): () => void {
  let last: string | null = null;
  return effect(() => {
    const used = data.value;
    const { position } = history.value;
    const text = side.value !== 'effect' || used === null ? null : JSON.stringify([model.value?.serial, position, history.value.edits.map((one) => one.label), used]);
    if (text === last) return;
    last = text;
    stop.abort();
    stop = new AbortController();
    evaluating.value = false;
    evaluation.value = null;
    evaluationProblem.value = null;
    if (text !== null && position > 0) void look(stop.signal);
  });
}

/** Where nothing is known yet, it is worked out: a few runs of the model. */
async function look(ended: AbortSignal): Promise<void> {
  await asking(ended, async () => (await dataApi.evaluation(ended)) ?? (ended.aborted ? null : await dataApi.evaluate(false)));
}

/** Works it out, with the errors of all layers. */
export async function evaluateLayers(): Promise<void> {
  await asking(stop.signal, () => dataApi.evaluate(true));
}

async function asking(ended: AbortSignal, question: () => Promise<Evaluation | null>): Promise<void> {
  evaluating.value = true;
  evaluationProblem.value = null;
  try {
    const found = await question();
    if (!ended.aborted && found !== null) evaluation.value = found;
  } catch (error) {
    if (ended.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'cancelled') evaluationProblem.value = error.problem;
  } finally {
    if (!ended.aborted) evaluating.value = false;
  }
}
