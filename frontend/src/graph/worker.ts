// Off the page's thread: fetches a graph's columns, lays them out, hands both over.
import { decodeColumns } from './columns';
import { buildScene, sceneBuffers, type SceneData, type SceneOptions } from './scene';

/** Where the columns are, and how they are drawn. */
export interface WorkerOrder extends SceneOptions {
  readonly url: string;
  /** The columns themselves, base64, where they came with the page. */
  readonly columns?: string;
}

export type WorkerAnswer =
  | { readonly ok: true; readonly buffer: ArrayBuffer; readonly scene: SceneData }
  | { readonly ok: false; readonly message: string; readonly hint: string; readonly code: string };

/** The global scope of a worker, as far as it is used here. */
interface WorkerScope {
  addEventListener(kind: 'message', handle: (event: MessageEvent<WorkerOrder>) => void): void;
  postMessage(answer: WorkerAnswer, transfer: Transferable[]): void;
}

async function answer({ url, columns, ...options }: WorkerOrder): Promise<WorkerAnswer> {
  if (columns !== undefined) return laidOut(bytesOf(columns), options);
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
  return laidOut(await response.arrayBuffer(), options);
}

function laidOut(buffer: ArrayBuffer, options: SceneOptions): WorkerAnswer {
  return { ok: true, buffer, scene: buildScene(decodeColumns(buffer), options) };
}

function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
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
