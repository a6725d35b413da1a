// The prune form and its preview: what would be done, to which weights, with which result.
import { computed, effect, signal } from '@preact/signals';
import { api, ApiError } from '../api/client';
import { isProtected, pruneApi, type Scope } from '../api/prune';
import type { Forms, Preview, Problem, PruneRequest, WeightRow } from '../api/schema';
import { selectedRows } from './selection';
import { history } from './session';
import { side } from './view';
import { rows } from './weights';

export interface Form {
  method: string;
  format: string;
  /** what decides: a share of zeros, or a border that |w| has to reach */
  criterion: 'amount' | 'threshold';
  /** the fraction of zeros wanted, 0..1 */
  sparsity: number;
  /** |w| below this goes */
  threshold: number;
  /** the target for each layer, or one |w| border over all of them, plain or by each layer's own size */
  scope: Scope;
  /** whether the target is for what can be pruned, or exactly for all of it together */
  budget: 'uniform' | 'overall';
  /** the first and the last layer of the model stay */
  keepEnds: boolean;
}

export const PLAIN: Form = {
  method: 'magnitude', format: 'unstructured', criterion: 'amount', sparsity: 0.5, threshold: 0.01, scope: 'layer', budget: 'uniform', keepEnds: false,
};

/** What the server can do; null until asked. */
export const methods = signal<Forms | null>(null);

export const form = signal<Form>(PLAIN);

/** Weights that the form works on: those of the selected layers, embeddings apart. */
export const targets = computed<WeightRow[]>(() => prunable(selectedRows.value));

/** Stays until a newer one is there, so that nothing blinks while a slider moves. */
export const preview = signal<Preview | null>(null);
export const previewProblem = signal<Problem | null>(null);

/** True between a change of the form and its preview. */
export const previewing = signal(false);

/** True while the server applies an edit. */
export const applying = signal(false);

/** The weight whose picture the preview shows, chosen in its list; null: the first that changes. */
export const pictured = signal<number | null>(null);

/** Changes within this time are one. */
const GATHER_MS = 60;
/** An answer that takes longer gives way to a newer wish. */
const PATIENCE_MS = 900;

export function prunable(list: readonly WeightRow[]): WeightRow[] {
  return list.filter((row) => row.kind !== 'embedding' && row.problem === null);
}

/** Every weight of the model that a prune could change. */
export function everyWeight(): WeightRow[] {
  return prunable([...rows.value.values()]);
}

/** The smallest sparsity that a format implies (1 - N/M); 0 for the others. */
export function floorOf(format: string): number {
  const match = /^(\d+):(\d+)$/.exec(format);
  return match ? 1 - Number(match[1]) / Number(match[2]) : 0;
}

/** Only these have a border that one could give. */
export function takesThreshold(format: string): boolean {
  return format === 'unstructured';
}

export function requestOf(wanted: Form, weights: readonly WeightRow[]): PruneRequest {
  const least = floorOf(wanted.format);
  const border = wanted.criterion === 'threshold' && takesThreshold(wanted.format);
  // N:M alone says how many zeros; only a wish beyond it is sent.
  const implied = least > 0 && wanted.sparsity <= least + 1e-9;
  const whole = wanted.budget === 'overall' && !border;
  return {
    weights: weights.map((row) => row.id),
    method: wanted.method,
    format: wanted.format,
    sparsity: border || (implied && !whole) ? null : wanted.sparsity,
    threshold: border ? wanted.threshold : null,
    scope: border ? 'layer' : wanted.scope,
    ...(whole ? { budget: 'overall' as const } : {}),
    ...(wanted.keepEnds ? { keep_ends: true } : {}),
  };
}

export async function loadMethods(): Promise<void> {
  if (methods.value !== null) return;
  const answer = await api.methods();
  methods.value = answer;
  const first = answer.methods[0];
  if (first && !answer.methods.some((one) => one.name === form.value.method)) {
    form.value = { ...form.value, method: first.name };
  }
}

/**
 * What a preview would be asked for, as text; null while the form is closed or has no layer.
 * Text, so that measurements that come in meanwhile do not ask again.
 */
export const wish = computed<string | null>(() => {
  if (side.value !== 'prune' || targets.value.length === 0) return null;
  // What is protected changes the outcome too.
  const kept = targets.value.filter(isProtected).length;
  return JSON.stringify([history.value.position, kept, requestOf(form.value, targets.value)]);
});

export function requestIn(text: string): PruneRequest {
  return (JSON.parse(text) as [number, number, PruneRequest])[2];
}

/** The wish that the shown preview answers. */
export const answered = signal<string | null>(null);

/**
 * Asks for a preview whenever the open form, its layers or the edits change: one question at a time,
 * so that the picture follows a moving slider; a slow one is given up for the newest wish.
 */
export function watchPreview(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;
  let since = 0;
  const later = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      next();
    }, ms);
  };
  const next = () => {
    const text = wish.peek();
    if (text === null || text === answered.peek()) return;
    if (running !== null) {
      const left = since + PATIENCE_MS - Date.now();
      if (left > 0) {
        later(left);
        return;
      }
      running.abort();
    }
    const mine = new AbortController();
    running = mine;
    since = Date.now();
    void ask(text, mine.signal).finally(() => {
      if (running !== mine) return;
      running = null;
      clearTimeout(timer);
      timer = undefined;
      next();
    });
  };
  const stop = effect(() => {
    const text = wish.value;
    if (text === null) {
      clearTimeout(timer);
      timer = undefined;
      running?.abort();
      running = null;
      previewing.value = false;
      preview.value = null;
      previewProblem.value = null;
      answered.value = null;
      pictured.value = null;
      return;
    }
    previewing.value = text !== answered.peek();
    later(GATHER_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
    const last = running;
    running = null;
    last?.abort();
  };
}

async function ask(text: string, stop: AbortSignal): Promise<void> {
  const take = (made: Preview | null, problem: Problem | null) => {
    preview.value = made;
    previewProblem.value = problem;
    answered.value = text;
    previewing.value = text !== wish.peek();
  };
  try {
    const made = await pruneApi.preview(requestIn(text), stop);
    if (!stop.aborted) take(made, null);
  } catch (error) {
    if (stop.aborted) return;
    // Another page asked: what is shown stays, and the next change asks again.
    if (error instanceof ApiError && error.code === 'cancelled') take(preview.peek(), null);
    else take(null, error instanceof ApiError ? error.problem : { message: 'No preview.', hint: String(error), code: 'error' });
  }
}
