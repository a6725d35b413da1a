// The rows of all weights as they come in: in slices, and in few steps, so that no frame waits.
import { batch } from '@preact/signals';
import { api, ApiError } from '../api/client';
import type { Event as ServerEvent, Summary, WeightRow } from '../api/schema';
import { calm, isCalm } from './calm';
import { trouble } from './toasts';
import { viewport } from './view';
import { mergeRows, replaceRows } from './weights';

export type RowEvent = Extract<ServerEvent, { type: 'measured' | 'changed' }>;

/** A page in the background paints nothing; it must not wait for a picture for ever, ms. */
const UNSEEN = 1000;
/** Taking rows in redraws much: it may use at most one part in so many of the time. */
const SHARE = 10;

/** Row events heard while the rows themselves are still on their way. */
let early: RowEvent[] | null = null;
/** What was measured and is not shown yet. */
let waiting: { rows: Map<number, WeightRow>; summary: Summary } | null = null;
let rest = 0; // until then nothing measured is shown, ms

/** The rows will be asked for: events until then are kept. */
export function expectRows(): void {
  early = [];
  waiting = null;
}

/** Takes in what changed; an edit at once, measurements when there is time. */
export function takeRows(event: RowEvent): void {
  if (early !== null) {
    early.push(event);
    return;
  }
  const scheduled = waiting !== null;
  waiting ??= { rows: new Map(), summary: event.summary };
  waiting.summary = event.summary;
  for (const row of event.rows) waiting.rows.set(row.id, row);
  if (event.type === 'changed' || (isCalm() && performance.now() >= rest)) show();
  else if (!scheduled) void showLater();
}

function show(): void {
  if (waiting === null) return;
  const { rows, summary } = waiting;
  waiting = null;
  timed(() => mergeRows([...rows.values()], summary));
}

async function showLater(): Promise<void> {
  await pause(Math.max(rest - performance.now(), 0));
  await calm();
  show();
}

function timed(work: () => void): void {
  const start = performance.now();
  work();
  const end = performance.now();
  rest = end + SHARE * (end - start);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Asks for all rows, after the picture; `wanted` tells whether anyone still waits for them. */
export async function loadRows(wanted: () => boolean): Promise<void> {
  early ??= [];
  const view = viewport.peek();
  if (view !== null) await Promise.race([view.painted(), pause(UNSEEN)]);
  try {
    const rows: WeightRow[] = [];
    let revision: number | null = null;
    for (let from: number | null = 0; from !== null;) {
      if (!isCalm()) await calm();
      const answer = await api.weights(from);
      if (!wanted()) return;
      rows.push(...answer.rows);
      revision ??= answer.revision;
      from = answer.next;
      if (from === null) take(rows, answer.summary, revision);
    }
  } catch (error) {
    if (!wanted()) return;
    early = null;
    if (error instanceof ApiError) trouble(error.problem);
    else throw error;
  }
}

function take(rows: readonly WeightRow[], summary: Summary, since: number): void {
  const later = (early ?? []).filter((event) => event.revision >= since);
  early = null;
  timed(() => batch(() => {
    replaceRows(rows, summary);
    for (const event of later) mergeRows(event.rows, event.summary);
  }));
}
