// Asks the worker for a graph; cancelling ends the worker at once, wherever its layout is.
import { decodeColumns } from './columns';
import { documentOf, type GraphDocument } from './document';
import { send, type LoadOptions } from './errand';
import { openScene, type Scene } from './scene';

/** Why a graph did not come; the fields of the server's errors. */
class GraphError extends Error {
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

/** Fetches and lays out the graph at `path`. Rejects with GraphError, or AbortError when aborted. */
export function loadGraph(
  path: string,
  signal: AbortSignal,
  options: LoadOptions = {},
): Promise<LoadedGraph> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abandoned());
      return;
    }
    const errand = send(path, options);
    const onAbort = (): void => {
      errand.stop();
      reject(abandoned());
    };
    signal.addEventListener('abort', onAbort);
    errand.answer
      .then(
        (answer) => {
          if (!answer.ok) throw new GraphError(answer.message, answer.hint, answer.code);
          const document = documentOf(decodeColumns(answer.buffer));
          resolve({ document, scene: openScene(answer.scene) });
        },
        (error: Error) => {
          throw new GraphError(error.message || 'The graph could not be laid out.', '', 'graph');
        },
      )
      .catch(reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
