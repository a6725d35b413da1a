// Keeps the page in step with the server: one stream of events feeds the signals.
import { batch, signal } from '@preact/signals';
import { listen } from '../api/events';
import type { Event as ServerEvent, State } from '../api/schema';
import { forgetGraph, loadLabels, phase, showGraph } from './graph';
import { expectRows, loadRows, takeRows } from './rows';
import { query } from './search';
import { selected } from './selection';
import { connected, server } from './session';
import { dismissDeeds, trouble } from './toasts';
import { rows, summary } from './weights';
import { dock, popup, side } from './view';

/** The model on the page, by the serial of its opening; 0 when none is open. */
let shown = 0;

/** Until the stream is there, or cannot be had: what happens between the rows' answer and its beginning nobody would hear. */
let streaming: Promise<void> = Promise.resolve();

/** Listens to the server, once `time` has come. */
export function start(time: Promise<void>): void {
  streaming = time.then(() => new Promise((resolve) => {
    listen(receive, (there) => {
      resolve();
      // What was said while the stream was broken is lost: ask for all rows again.
      if (there && !connected.value && shown !== 0) askRows(shown);
      connected.value = there;
      // Nor did anybody hear that the shapes were found, if that was before the stream was there.
      if (there && phase.value === 'ready') void loadLabels();
    });
  }));
}

/** What the server asks the user about; the shell answers with commands. */
export const asked = signal<Extract<ServerEvent, { type: 'ask-open' | 'ask-data' | 'ask-close' }> | null>(null);

export function receive(event: ServerEvent): void {
  switch (event.type) {
    case 'state': return takeState(event.state);
    case 'job':
      if (server.value) server.value = { ...server.value, job: event.job };
      idle();
      return;
    case 'labels':
      // Before the first picture they would only take the server's time from it.
      if (phase.value === 'ready') void loadLabels();
      return;
    case 'measured':
    case 'changed':
      takeRows(event);
      return;
    default:
      asked.value = event;
  }
}

export function takeState(state: State): void {
  const before = server.value?.problem ?? null;
  server.value = state;
  // With a model open, a failed open (a dropped file, say) must not take the page away.
  const news = state.problem !== null && JSON.stringify(state.problem) !== JSON.stringify(before);
  if (news && state.model !== null) trouble(state.problem!);
  const opened = state.model?.serial ?? 0;
  idle();
  if (opened === shown) return;
  shown = opened;
  batch(() => {
    selected.value = new Set();
    query.value = '';
    popup.value = null;
    dismissDeeds();
    rows.value = new Map();
    summary.value = null;
    side.value = 'none';
    if (state.model === null) dock.value = false;
    forgetGraph();
    if (state.model !== null) phase.value = 'loading';
  });
  if (state.model === null) return;
  // The picture comes first: the rows of 10,000 weights would keep the server from the graph.
  expectRows();
  void showGraph(['main']).then(() => {
    if (opened === shown) askRows(opened);
  });
}

/** The phase without a model: a task that runs then is one that opens a model. */
function idle(): void {
  const now = server.value;
  if (now === null || now.model !== null) return;
  phase.value = now.job?.state === 'running' ? 'loading' : now.problem ? 'error' : 'ready';
}

function askRows(opened: number): void {
  void streaming.then(() => loadRows(() => opened === shown));
}
