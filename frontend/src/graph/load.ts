// Asks the worker for a graph; cancelling ends the worker at once, wherever its layout is.
import { decodeColumns } from './columns';
import { documentOf, type GraphDocument } from './document';
import { openScene, type Scene, type SceneOptions } from './scene';
import type { WorkerAnswer, WorkerOrder } from './worker';

/** Why a graph did not come; the fields of the server's errors. */
export class GraphError extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export interface LoadedGraph {
  readonly document: GraphDocument;
  readonly scene: Scene;
}

function abandoned(): DOMException {
  return new DOMException('The graph is no longer wanted.', 'AbortError');
}

export interface LoadOptions extends SceneOptions {
  /** Kinds of lines that nodes show: names, attributes, constants. */
  readonly lines?: readonly string[];
}

let spare: Worker | null = null;

function newWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

/** Starts the first worker while the page still waits to hear which model is open. */
export function warmUp(): void {
  spare ??= newWorker();
}

/** Fetches and lays out the graph at `path`. Rejects with GraphError, or AbortError when aborted. */
export function loadGraph(
  path: string,
  signal: AbortSignal,
  { lines = [], ...options }: LoadOptions = {},
): Promise<LoadedGraph> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abandoned());
      return;
    }
    const worker = spare ?? newWorker();
    spare = null;
    const stop = (): void => {
      worker.terminate();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      stop();
      reject(abandoned());
    };
    signal.addEventListener('abort', onAbort);
    worker.addEventListener('message', (event: MessageEvent<WorkerAnswer>) => {
      stop();
      const answer = event.data;
      if (!answer.ok) {
        reject(new GraphError(answer.message, answer.hint, answer.code));
        return;
      }
      resolve({
        document: documentOf(decodeColumns(answer.buffer)),
        scene: openScene(answer.scene),
      });
    });
    worker.addEventListener('error', (event) => {
      stop();
      reject(new GraphError(event.message || 'The graph could not be laid out.', '', 'graph'));
    });
    const rows = lines.length > 0 ? `&rows=${lines.join(',')}` : '';
    const { href } = new URL(`/api/graph?path=${encodeURIComponent(path)}${rows}`, location.href);
    worker.postMessage({ ...options, url: href } satisfies WorkerOrder);
  });
}
