// One errand of the worker: fetch a graph, lay it out. The first may run before the page's script.
import type { Settings } from '../api/schema';
import type { SceneOptions } from './scene';
import type { WorkerAnswer, WorkerOrder } from './worker';

export interface LoadOptions extends SceneOptions {
  /** Kinds of lines that nodes show: names, attributes, constants. */
  readonly lines?: readonly string[];
}

/** A worker that runs; `stop` ends it wherever it is, and then `answer` never comes. */
export interface Errand {
  /** Rejects with the message of an error in the worker. */
  readonly answer: Promise<WorkerAnswer>;
  stop(): void;
}

const KINDS = ['names', 'attributes', 'constants'] as const;

/** How the user wants graphs drawn. */
export function wishesOf(settings: Settings | undefined): LoadOptions {
  return {
    direction: settings?.direction ?? 'down',
    lines: KINDS.filter((kind) => settings?.[kind] === true),
  };
}

function orderOf(path: string, { lines = [], ...options }: LoadOptions): WorkerOrder {
  const rows = lines.length > 0 ? `&rows=${lines.join(',')}` : '';
  const { href } = new URL(`/api/graph?path=${encodeURIComponent(path)}${rows}`, location.href);
  return { ...options, url: href };
}

function run(worker: Worker, order: WorkerOrder): Errand {
  const answer = new Promise<WorkerAnswer>((resolve, reject) => {
    const end = (): void => worker.terminate();
    worker.addEventListener('message', (event: MessageEvent<WorkerAnswer>) => {
      end();
      resolve(event.data);
    });
    worker.addEventListener('error', (event) => {
      end();
      reject(new Error(event.message));
    });
    worker.postMessage(order);
  });
  return { answer, stop: () => worker.terminate() };
}

/** What the page's head, whose script shares no module with the page's own, has begun for it. */
interface Ahead {
  /** Where the worker's script is. */
  readonly script: string;
  readonly spare?: Worker;
  readonly sent?: { readonly order: string; readonly errand: Errand };
}

declare global {
  interface Window {
    sparseviewAhead?: Ahead;
  }
}

/** The worker's script stands in the built page, so that the first worker waits for no request. */
function script(): string {
  const text = document.getElementById('worker')?.textContent ?? '';
  return text === '' ? '' : URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

function newWorker(from: string): Worker {
  return from === '' ? new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }) : new Worker(from);
}

/** Starts the first worker while the page still waits to hear which model is open. */
export function warmUp(): void {
  const from = script();
  window.sparseviewAhead = { script: from, spare: newWorker(from) };
}

/** Sends the first worker for the graph that the page will ask for; `columns` as in WorkerOrder. */
export function sendAhead(path: string, options: LoadOptions, columns: string): void {
  const from = script();
  const order = orderOf(path, options);
  const errand = run(newWorker(from), columns === '' ? order : { ...order, columns });
  // Whoever takes the errand hears of its failure; one that nobody takes may fail in silence.
  errand.answer.catch(() => undefined);
  window.sparseviewAhead = { script: from, sent: { order: JSON.stringify(order), errand } };
}

/** Sends a worker, or joins the one that was sent ahead for the same. */
export function send(path: string, options: LoadOptions): Errand {
  const order = orderOf(path, options);
  const ahead = (window.sparseviewAhead ??= { script: script() });
  const { spare, sent } = ahead;
  window.sparseviewAhead = { script: ahead.script };
  if (sent?.order === JSON.stringify(order)) return sent.errand;
  sent?.errand.stop();
  return run(spare ?? newWorker(ahead.script), order);
}
