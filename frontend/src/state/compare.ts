// The same layers in other formats: asked for once the preview has come to rest.
import { effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { pruneApi } from '../api/prune';
import type { CompareRow } from '../api/schema';
import { answered, preview } from './preview';
import { requestIn, wish } from './prune';

/** The last answer; it stays while a newer one is on its way. */
export const compared = signal<readonly CompareRow[] | null>(null);

/** True while the shown answer is that of an older wish. */
export const comparing = signal(false);

const REST_MS = 250;

/** A border on |w| means nothing to blocks: all are compared at the share of zeros that it comes to over all layers. */
function shared(text: string): ReturnType<typeof requestIn> {
  const request = requestIn(text);
  const reached = preview.peek()?.sparsity_after ?? null;
  return request.threshold === null || request.threshold === undefined ? request : { ...request, threshold: null, sparsity: reached, scope: 'global' };
}

export function watchCompare(): () => void {
  let last: string | null = null;
  return effect(() => {
    const text = wish.value;
    if (text === null) {
      compared.value = null;
      comparing.value = false;
      last = null;
      return undefined;
    }
    if (text === last) {
      comparing.value = false;
      return undefined;
    }
    comparing.value = true;
    if (answered.value !== text) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      void pruneApi.compare(shared(text), stop.signal).then((answer) => {
        if (stop.signal.aborted) return;
        last = text;
        compared.value = answer.rows;
        comparing.value = false;
      }, (error: unknown) => {
        if (stop.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        compared.value = null;
        comparing.value = false;
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  });
}
