// Once the picture is there and stands still: what it does without waits for that.
import { effect } from '@preact/signals';
import { calm } from './calm';
import { phase } from './graph';

/** Resolves then, or after `patience` ms. */
export function shown(patience: number): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (phase.value === 'loading') return;
      queueMicrotask(() => stop());
      void calm().then(resolve);
    });
    setTimeout(resolve, patience);
  });
}
