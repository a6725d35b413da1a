// Parts of the page that come right after the first picture, in one script of their own.
import { effect, signal } from '@preact/signals';
import { calm } from '../state/calm';
import { phase } from '../state/graph';
import { trouble } from '../state/toasts';

type Parts = typeof import('./parts');

/** Nobody waits longer than this for a browser that is never idle, ms. */
const PATIENCE = 2000;

const parts = signal<Parts | null>(null);
let coming: Promise<void> | null = null;

/** Brings the parts, once. */
export function loadParts(): Promise<void> {
  coming ??= import('./parts').then(
    (found) => {
      parts.value = found;
    },
    () => {
      coming = null;
      trouble({ message: 'A part of the page could not be loaded.', hint: 'Reload the page.', code: 'page' });
    },
  );
  return coming;
}

/** Brings the parts once the picture is there and nothing moves, so that each then opens at once. */
export function loadPartsInTime(): void {
  const stop = effect(() => {
    if (phase.value === 'loading') return;
    queueMicrotask(() => stop());
    void calm().then(() => requestIdleCallback(() => void loadParts(), { timeout: PATIENCE }));
  });
}

/** One of the parts: brought when it is first asked for, at the latest. */
export function Later({ name }: { name: keyof Parts }) {
  const Part = parts.value?.[name];
  if (Part === undefined) void loadParts();
  return Part ? <Part /> : null;
}
