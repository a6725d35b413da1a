// What the server tells about the operator in the side panel.
import { effect, signal } from '@preact/signals';
import { api, ApiError } from '../api/client';
import type { NodeFacts, Problem } from '../api/schema';
import { current } from './selection';
import { model } from './session';

/** Facts of the current node; null while they are on their way. */
export const facts = signal<NodeFacts | null>(null);
export const factsProblem = signal<Problem | null>(null);

/** The weight that the panel tells about, where the operator has several; null: the first. */
export const chosenWeight = signal<number | null>(null);

/** Fetches the facts whenever another node becomes the current one. */
export function watchNode(): () => void {
  let running: AbortController | null = null;
  let last: number | null = null;
  return effect(() => {
    const node = current.value;
    const open = model.value !== null;
    if (node === last && open) return;
    last = node;
    running?.abort();
    factsProblem.value = null;
    chosenWeight.value = null;
    if (node === null || !open) {
      facts.value = null;
      return;
    }
    running = new AbortController();
    void fetchFacts(node, running.signal);
  });
}

async function fetchFacts(node: number, stop: AbortSignal): Promise<void> {
  try {
    const answer = await api.node(node, stop);
    if (!stop.aborted) facts.value = answer;
  } catch (error) {
    if (stop.aborted) return;
    facts.value = null;
    if (!(error instanceof ApiError)) throw error;
    factsProblem.value = error.problem;
  }
}
