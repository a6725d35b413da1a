// What the server says about the session: the frame of everything that the page shows.
import { computed, signal } from '@preact/signals';
import type { State } from '../api/schema';

/** The last state heard; null until the first answer. */
export const server = signal<State | null>(null);

/** False while the event stream is broken. */
export const connected = signal(true);

export const model = computed(() => server.value?.model ?? null);

/** A file that failed to open, when no model is open. */
export const problem = computed(() => server.value?.problem ?? null);

export const recent = computed(() => server.value?.recent ?? []);

export const history = computed(() => server.value?.history ?? { edits: [], position: 0, saved: 0 });

/** The measuring job, or another long task, while it runs. */
export const job = computed(() => {
  const current = server.value?.job ?? null;
  return current?.state === 'running' ? current : null;
});

export const nativeDialogs = computed(() => server.value?.native_dialogs ?? false);

/** True when the weights in memory differ from the file. */
export const unsaved = computed(() => history.value.position !== history.value.saved);
