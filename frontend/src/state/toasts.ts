// Short messages that float: a deed confirmed, with its way back, or a small trouble.
import { signal } from '@preact/signals';
import type { Problem } from '../api/schema';

export interface Toast {
  id: number;
  tone: 'ok' | 'alert';
  text: string;
  hint: string;
  action: { label: string; hotkey?: string; run: () => void } | null;
}

const LIFE_MS = { ok: 6000, alert: 12_000 };

export const toasts = signal<readonly Toast[]>([]);

let last = 0;

export function toast(text: string, action: Toast['action'] = null): void {
  add({ tone: 'ok', text, hint: '', action });
}

export function trouble(problem: Problem): void {
  // What one has called off oneself is a deed, and nothing to be alarmed at.
  add({ tone: problem.code === 'cancelled' ? 'ok' : 'alert', text: problem.message, hint: problem.hint, action: null });
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Takes away what offers an Undo: it is undone, or something newer would be. */
export function dismissDeeds(): void {
  toasts.value = toasts.value.filter((one) => one.action === null);
}

function add(one: Omit<Toast, 'id'>): void {
  last += 1;
  const id = last;
  // Two at most: a column of toasts would hide the graph. One trouble may be heard twice, by answer and by event.
  const others = toasts.value.filter((other) => other.text !== one.text);
  toasts.value = [...others.slice(-1), { id, ...one }];
  setTimeout(() => dismiss(id), LIFE_MS[one.tone]);
}
