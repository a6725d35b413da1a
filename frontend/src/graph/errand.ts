// One errand of the worker: fetch a graph, lay it out. The first may have begun before (`first.ts`).
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

export function orderOf(path: string, { lines = [], ...options }: LoadOptions): WorkerOrder {
  const rows = lines.length > 0 ? `&rows=${lines.join(',')}` : '';
  const { href } = new URL(`/api/graph?path=${encodeURIComponent(path)}${rows}`, location.href);
  return { ...options, url: href };
}

/** Gives a worker its one order. */
export function run(worker: Worker, order: WorkerOrder): Errand {
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
export interface Ahead {
  /** The text of the worker's script; '' where it is loaded by its address. */
  readonly source: string;
  readonly spare?: Worker;
  readonly sent?: { readonly order: string; readonly errand: Errand };
}

declare global {
  interface Window {
    sparseviewAhead?: Ahead;
  }
}

let script = '';

/** A worker; made of the text that stands in the built page, so that it waits for no request. */
export function newWorker(source: string): Worker {
  if (source === '') return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  script ||= URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  return new Worker(script);
}

/** Sends a worker, or joins the one that was sent ahead for the same. */
export function send(path: string, options: LoadOptions): Errand {
  const order = orderOf(path, options);
  const { source = '', spare, sent } = window.sparseviewAhead ?? {};
  window.sparseviewAhead = { source };
  if (sent?.order === JSON.stringify(order)) return sent.errand;
  sent?.errand.stop();
  return run(spare ?? newWorker(source), order);
}
