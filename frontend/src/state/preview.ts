// What the prune form would do: its numbers at once, while a slider moves; the rest when it rests.
import { computed, effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { pruneApi } from '../api/prune';
import type { Measurement, Outlook, Preview, PreviewRow, Problem, Smallest } from '../api/schema';
import { form, requestIn, wish } from './prune';
import { rows } from './weights';

/** A weight now, or as it would be; `format` null: not looked at yet. */
export type Fact = Pick<Measurement, 'sparsity'> & { readonly format: string | null };

/** What is known of one weight's change; the preview brings storage. */
export interface ShownRow extends Pick<PreviewRow, 'weight' | 'layer' | 'kept_energy' | 'skipped' | 'border'> {
  readonly before: Fact | null;
  readonly after: Fact | null;
  readonly smallest_after?: Smallest | null;
  /** of its outputs on held-out samples, where the method goes by data */
  readonly layer_error?: number | null;
}

/** The numbers in sight: of an outlook, or of the preview that follows it. */
export interface Shown extends Pick<Preview, 'sparsity_before' | 'sparsity_after' | 'kept_energy' | 'skipped' | 'model_before' | 'model_after'> {
  readonly rows: readonly ShownRow[];
  /** false: estimated from a sample, for the weights are too many */
  readonly exact: boolean;
}

/** How numbers that are not exact came about, for a tooltip. */
export const SAMPLED = 'Estimated: so many weights are not ranked at once, only an even sample of each tensor is. The exact number follows as soon as the mask is made.';

/** Stays until a newer one is there, so that nothing blinks while a slider moves. */
export const shown = signal<Shown | null>(null);
/** What the numbers in sight are marked with: why they are estimates; null: they are exact. */
export const estimated = computed(() => (shown.value?.exact === false ? SAMPLED : null));
export const previewProblem = signal<Problem | null>(null);

/** The whole preview: bytes, structure, runtimes, and the mask behind its picture. It lags behind `shown`. */
export const preview = signal<Preview | null>(null);

/** The wishes that these two answer. */
const told = signal<string | null>(null);
export const answered = signal<string | null>(null);
/** Why there is no preview of the answered wish. */
let refusal: Problem | null = null;

/** True while the numbers in sight are not those of the form. */
export const previewing = computed(() => wish.value !== null && wish.value !== told.value && wish.value !== answered.value);

/** True while the rest is not that of the form. */
export const settling = computed(() => wish.value !== null && wish.value !== answered.value);

/** The weight whose picture the preview shows, chosen in its list; null: the first that changes. */
export const pictured = signal<number | null>(null);

/** Previews that take no longer than this follow each change; slower ones wait until it rests, ms. */
const QUICK_MS = 60;
const GATHER_MS = 60;
const REST_MS = 160;
/** Where no outlook can tell the numbers, a slow preview gives way to a newer wish after this. */
const PATIENCE_MS = 900;

/** Follows the form while it is open. */
export function watchPreview(): () => void {
  let blind = false; // no outlook can be had
  let took = 0; // ms of the last preview
  const numbers = new Asking(0, Infinity, async (text, stop) => {
    const found = await pruneApi.outlook(requestIn(text), stop);
    if (found === null) blind = true;
    else if (!stop.aborted && text !== answered.peek()) show(ofOutlook(found, shown.peek()), text);
  }, () => told.peek() ?? '');
  const rest = new Asking(GATHER_MS, PATIENCE_MS, async (text, stop) => {
    const start = performance.now();
    const made = await pruneApi.preview(requestIn(text), stop);
    if (stop.aborted) return;
    took = performance.now() - start;
    preview.value = made;
    answered.value = text;
    refusal = null;
    show({ ...made, exact: true }, text);
  }, () => answered.peek() ?? '');
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const text = wish.value;
    clearTimeout(quiet);
    if (text === null) {
      numbers.end();
      rest.end();
      shown.value = null;
      preview.value = null;
      previewProblem.value = null;
      told.value = null;
      answered.value = null;
      pictured.value = null;
      blind = false;
      took = 0;
      return;
    }
    if (text === answered.peek()) {
      // There and back: all about it is known, and what is on its way is about something else.
      numbers.end();
      rest.end();
      const made = preview.peek();
      if (told.peek() !== text) show(made === null ? null : { ...made, exact: true }, text, refusal);
      return;
    }
    numbers.ask(text);
    if (blind || took < QUICK_MS) rest.ask(text);
    else quiet = setTimeout(() => rest.ask(text), REST_MS);
  });
  return () => {
    stop();
    clearTimeout(quiet);
    numbers.end();
    rest.end();
  };
}

function show(made: Shown | null, text: string, problem: Problem | null = null): void {
  shown.value = made;
  previewProblem.value = problem;
  told.value = text;
}

/** What an outlook does not know, it takes from before: formats as they are, and the wished one as they would be. */
function ofOutlook(found: Outlook, last: Shown | null): Shown {
  const known = new Map(last?.rows.map((row) => [row.weight, row.before?.format ?? null]));
  const measured = rows.peek();
  const format = form.peek().format;
  return {
    ...found,
    rows: found.rows.map((row) => {
      const before = known.get(row.weight) ?? measured.get(row.weight)?.format ?? null;
      return {
        ...row,
        before: row.before === null ? null : { sparsity: row.before, format: before },
        after: row.after === null ? null : { sparsity: row.after, format: row.skipped === null ? format : before },
      };
    }),
  };
}

/** One question at a time about the newest wish; a slow one is given up for it. */
class Asking {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | null = null;
  private since = 0;
  private wanted: string | null = null;

  constructor(
    /** Changes within this time are one, ms. */
    private readonly gather: number,
    private readonly patience: number,
    private readonly question: (text: string, stop: AbortSignal) => Promise<void>,
    private readonly done: () => string,
  ) {}

  ask(text: string): void {
    this.wanted = text;
    this.later(this.gather);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wanted = null;
    const last = this.running;
    this.running = null;
    last?.abort();
  }

  private later(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.next();
    }, ms);
  }

  private next(): void {
    const text = this.wanted;
    if (text === null || text === this.done()) return;
    if (this.running !== null) {
      const left = this.since + this.patience - Date.now();
      if (left > 0) {
        if (Number.isFinite(left)) this.later(left);
        return;
      }
      this.running.abort();
    }
    const mine = new AbortController();
    this.running = mine;
    this.since = Date.now();
    void this.put(text, mine.signal).finally(() => {
      if (this.running !== mine) return;
      this.running = null;
      clearTimeout(this.timer);
      this.timer = undefined;
      if (this.wanted !== text) this.next();
    });
  }

  private async put(text: string, stop: AbortSignal): Promise<void> {
    try {
      await this.question(text, stop);
    } catch (error) {
      if (stop.aborted) return;
      // A newer wish took over, or another page asked: what is shown stays.
      if (error instanceof ApiError && error.code === 'cancelled') return;
      const problem = error instanceof ApiError ? error.problem : { message: 'No preview.', hint: String(error), code: 'error' };
      preview.value = null;
      answered.value = text;
      refusal = problem;
      show(null, text, problem);
    }
  }
}
