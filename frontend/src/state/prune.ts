// The prune form and its preview: what would be done, to which weights, with which result.
import { computed, effect, signal } from '@preact/signals';
import { api, ApiError } from '../api/client';
import type { Forms, Preview, Problem, PruneRequest, WeightRow } from '../api/schema';
import { selectedRows } from './selection';
import { history } from './session';
import { side } from './view';

export interface Form {
  method: string;
  format: string;
  /** the fraction of zeros wanted, 0..1 */
  sparsity: number;
  /** the target for each layer, or one |w| border over all of them */
  scope: NonNullable<PruneRequest['scope']>;
}

/** What the server can do; null until asked. */
export const methods = signal<Forms | null>(null);

export const form = signal<Form>({ method: 'magnitude', format: 'unstructured', sparsity: 0.5, scope: 'layer' });

/** Weights that the form works on: those of the selected layers, embeddings apart. */
export const targets = computed<WeightRow[]>(() => prunable(selectedRows.value));

export const preview = signal<Preview | null>(null);
export const previewProblem = signal<Problem | null>(null);

/** True between a change of the form and its preview. */
export const previewing = signal(false);

/** True while the server applies an edit. */
export const applying = signal(false);

const DEBOUNCE_MS = 180;

export function prunable(list: readonly WeightRow[]): WeightRow[] {
  return list.filter((row) => row.kind !== 'embedding' && row.problem === null);
}

/** The smallest sparsity that a format implies (1 - N/M); 0 for the others. */
export function floorOf(format: string): number {
  const match = /^(\d+):(\d+)$/.exec(format);
  return match ? 1 - Number(match[1]) / Number(match[2]) : 0;
}

export function requestOf(wanted: Form, weights: readonly WeightRow[]): PruneRequest {
  const least = floorOf(wanted.format);
  return {
    weights: weights.map((row) => row.id),
    method: wanted.method,
    format: wanted.format,
    // N:M alone says how many zeros; only a wish beyond it is sent.
    sparsity: least > 0 && wanted.sparsity <= least + 1e-9 ? null : wanted.sparsity,
    threshold: null,
    scope: wanted.scope,
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
const wish = computed<string | null>(() => {
  if (side.value !== 'prune' || targets.value.length === 0) return null;
  return JSON.stringify([history.value.position, requestOf(form.value, targets.value)]);
});

/** Asks for a preview whenever the open form, its layers or the edits change. */
export function watchPreview(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: AbortController | null = null;
  return effect(() => {
    const wanted = wish.value;
    clearTimeout(timer);
    running?.abort();
    if (wanted === null) {
      previewing.value = false;
      preview.value = null;
      return;
    }
    previewing.value = true;
    timer = setTimeout(() => {
      running = new AbortController();
      const [, request] = JSON.parse(wanted) as [number, PruneRequest];
      void ask(request, running.signal);
    }, DEBOUNCE_MS);
  });
}

async function ask(request: PruneRequest, stop: AbortSignal): Promise<void> {
  try {
    const answer = await api.preview(request, stop);
    if (stop.aborted) return;
    preview.value = answer;
    previewProblem.value = null;
    previewing.value = false;
  } catch (error) {
    if (stop.aborted) return;
    preview.value = null;
    previewing.value = false;
    previewProblem.value = error instanceof ApiError
      ? error.problem
      : { message: 'No preview.', hint: String(error), code: 'error' };
  }
}
