// Off the page's thread: fetches a graph's columns, lays them out, hands both over.
import { decodeColumns } from './columns';
import { buildScene, sceneBuffers, type SceneData, type SceneOptions } from './scene';

/** Where the columns are, and how they are drawn. */
export interface WorkerOrder extends SceneOptions {
  readonly url: string;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly buffer: ArrayBuffer; readonly scene: SceneData }
  | { readonly ok: false; readonly message: string; readonly hint: string; readonly code: string };

/** The global scope of a worker, as far as it is used here. */
interface WorkerScope {
  addEventListener(kind: 'message', handle: (event: MessageEvent<WorkerOrder>) => void): void;
  postMessage(answer: WorkerAnswer, transfer: Transferable[]): void;
}

async function answer({ url, ...options }: WorkerOrder): Promise<WorkerAnswer> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) {
    const problem: unknown = await response.json().catch(() => null);
    const text = (key: string): string => {
      const value = (problem as Record<string, unknown> | null)?.[key];
      return typeof value === 'string' ? value : '';
    };
    return {
      ok: false,
      message: text('message') || `The server answered ${response.status} for the graph.`,
      hint: text('hint'),
      code: text('code') || 'http',
    };
  }
  const buffer = await response.arrayBuffer();
  const scene = buildScene(decodeColumns(buffer), options);
  return { ok: true, buffer, scene };
}

const scope = self as unknown as WorkerScope;
scope.addEventListener('message', (event) => {
  answer(event.data).then(
    (result) => {
      const transfer = result.ok ? [result.buffer, ...sceneBuffers(result.scene)] : [];
      scope.postMessage(result, transfer);
    },
    (reason: unknown) => {
      const message = reason instanceof Error ? reason.message : String(reason);
      scope.postMessage({ ok: false, message, hint: '', code: 'graph' }, []);
    },
  );
});
