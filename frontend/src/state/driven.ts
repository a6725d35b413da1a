// Pruning by data, before it is done: what it will take, and, when asked for, what it would do.
import { computed, effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { dataApi } from '../api/data';
import { pruneApi } from '../api/prune';
import type { Foresight, Problem, PruneRequest } from '../api/schema';
import { data } from './data';
import { preview, previewProblem, shown } from './preview';
import { form, goesByData, requestIn, wholeWish } from './prune';

/** What the form asks for, with the data it goes by, as text; null unless it goes by data and there are some. */
const drivenWish = computed<string | null>(() => {
  if (wholeWish.value === null || !goesByData(form.value) || data.value === null) return null;
  return JSON.stringify([...(JSON.parse(wholeWish.value) as unknown[]), data.value]);
});

/** What the prune will take, or why nobody can tell; null while it is worked out. */
export const foresight = signal<{ readonly found: Foresight | null; readonly problem: Problem | null; readonly timing: boolean } | null>(null);

/** The wish that the preview in sight answers; null: there is none. */
const workedOut = signal<string | null>(null);

/** True while a preview is worked out. */
export const working = signal(false);

/** Whether the preview in sight is that of the form. */
export const isWorkedOut = computed(() => drivenWish.value !== null && workedOut.value === drivenWish.value);

const REST_MS = 250;

/** The amounts change nothing about what it takes: a slider must not ask again. */
function costIn(text: string): string {
  const { sparsity: _, levels, ...rest } = requestIn(text);
  const [position, kept, , source] = JSON.parse(text) as unknown[];
  return JSON.stringify([position, kept, source, rest, Object.keys(levels ?? {})]);
}

/** Follows the form while it goes by data. */
export function watchDriven(): () => void {
  let cost: string | null = null;
  let stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: string | null = null;
  return effect(() => {
    const text = drivenWish.value;
    if (before !== null && workedOut.peek() !== null && text !== workedOut.peek()) forgetPreview();
    before = text;
    const now = text === null ? null : costIn(text);
    if (now === cost) return;
    cost = now;
    stop.abort();
    stop = new AbortController();
    clearTimeout(timer);
    foresight.value = null;
    if (text === null) return;
    const { signal: mine } = stop;
    timer = setTimeout(() => void foresee(requestIn(text), mine), REST_MS);
  });
}

function forgetPreview(): void {
  workedOut.value = null;
  shown.value = null;
  preview.value = null;
  previewProblem.value = null;
}

async function foresee(request: PruneRequest, stop: AbortSignal): Promise<void> {
  try {
    const found = await dataApi.foresight(request, false, stop);
    if (stop.aborted) return;
    foresight.value = { found, problem: null, timing: true };
    const timed = await dataApi.foresight(request, true, stop);
    if (!stop.aborted) foresight.value = { found: timed, problem: null, timing: false };
  } catch (error) {
    if (stop.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'cancelled') foresight.value = { found: null, problem: error.problem, timing: false };
    else if (foresight.peek() !== null) foresight.value = { ...foresight.peek()!, timing: false };
  }
}

/** Works out what the prune would do: that takes a calibration. The prune itself is instant then. */
export async function workOut(): Promise<void> {
  const text = drivenWish.peek();
  if (text === null || working.peek()) return;
  working.value = true;
  try {
    const made = await pruneApi.preview(requestIn(text));
    if (drivenWish.peek() !== text) return;
    preview.value = made;
    // What stays was not chosen by a border on |w|.
    shown.value = { ...made, exact: true, rows: made.rows.map((row) => ({ ...row, border: null })) };
    previewProblem.value = null;
    workedOut.value = text;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (drivenWish.peek() !== text || error.code === 'cancelled') return;
    previewProblem.value = error.problem;
    workedOut.value = text;
  } finally {
    working.value = false;
  }
}
