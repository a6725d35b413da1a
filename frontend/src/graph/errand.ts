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

function newWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

let spare: Worker | null = null;
let ahead: { readonly order: string; readonly errand: Errand } | null = null;

/** Starts the first worker while the page still waits to hear which model is open. */
export function warmUp(): void {
  spare ??= newWorker();
}

/** Sends the first worker for the graph that the page will ask for. */
export function sendAhead(path: string, options: LoadOptions): void {
  const order = orderOf(path, options);
  const errand = run(newWorker(), order);
  // Whoever takes the errand hears of its failure; one that nobody takes may fail in silence.
  errand.answer.catch(() => undefined);
  ahead = { order: JSON.stringify(order), errand };
}

/** Sends a worker, or joins the one that was sent ahead for the same. */
export function send(path: string, options: LoadOptions): Errand {
  const order = orderOf(path, options);
  const first = ahead;
  ahead = null;
  if (first?.order === JSON.stringify(order)) return first.errand;
  first?.errand.stop();
  const worker = spare ?? newWorker();
  spare = null;
  return run(worker, order);
}
