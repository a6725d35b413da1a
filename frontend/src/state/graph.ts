// Which graph is on the canvas: its document and scene, and the way in from the main graph.
import { signal } from '@preact/signals';
import type { GraphDocument } from '../graph/document';
import { wishesOf } from '../graph/errand';
import { loadGraph } from '../graph/load';
import { api } from '../api/client';
import type { Problem } from '../api/schema';
import { calm, isCalm } from './calm';
import { server } from './session';

export type LoadedGraph = Awaited<ReturnType<typeof loadGraph>>;

/** Paths from the main graph to the one shown: the breadcrumb. */
export const trail = signal<readonly string[]>(['main']);

/** The graph on the canvas; null before the first one. */
export const graph = signal<LoadedGraph | null>(null);

/** loading until the scene is laid out and painted. */
export const phase = signal<'loading' | 'ready' | 'error'>('loading');

export const graphProblem = signal<Problem | null>(null);

let running: AbortController | null = null;

export function currentPath(): string {
  return trail.value[trail.value.length - 1] ?? 'main';
}

export function currentDocument(): GraphDocument | null {
  return graph.value?.document ?? null;
}

/** Fetches and lays out the last graph of `way`; an earlier load that still runs is given up. */
export async function showGraph(way: readonly string[]): Promise<void> {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  phase.value = 'loading';
  graphProblem.value = null;
  edgeLabels.value = null;
  trail.value = way;
  try {
    const loaded = await loadGraph(currentPath(), mine.signal, wishesOf(server.value?.settings));
    if (running !== mine) return;
    graph.value = loaded;
  } catch (error) {
    if (mine.signal.aborted) return;
    phase.value = 'error';
    graphProblem.value = {
      message: 'The graph could not be drawn.',
      hint: error instanceof Error ? error.message : String(error),
      code: 'graph',
    };
  }
}

/** Shapes beside the edges that inference has found; null until it has. */
export const edgeLabels = signal<Readonly<Record<string, string>> | null>(null);

export async function loadLabels(): Promise<void> {
  const path = currentPath();
  const answer = await api.labels(path).catch(() => null);
  if (answer === null || Object.keys(answer.labels).length === 0) return;
  if (!isCalm()) await calm();
  if (path === currentPath()) edgeLabels.value = answer.labels;
}

export function forgetGraph(): void {
  running?.abort();
  running = null;
  graph.value = null;
  graphProblem.value = null;
  trail.value = ['main'];
}
