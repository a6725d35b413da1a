// What a worker does: fetches a graph's columns, lays them out, hands both over.
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
  if (columns !== undefined) return drawn(bytesOf(columns), options);
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
  return drawn(await response.arrayBuffer(), options);
}

/** Lays columns out. */
export function drawn(buffer: ArrayBuffer, options: SceneOptions): WorkerAnswer {
  return { ok: true, buffer, scene: buildScene(decodeColumns(buffer), options) };
}

/** Browsers of 2025 and later do it themselves. */
const reader = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };

export function bytesOf(base64: string): ArrayBuffer {
  if (reader.fromBase64 !== undefined) return reader.fromBase64(base64).buffer;
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}

/** Takes the orders of the page. */
function serve(scope: WorkerScope): void {
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
}

// The same script stands in the page's head, where it serves nobody.
if (typeof document === 'undefined') serve(self as unknown as WorkerScope);
