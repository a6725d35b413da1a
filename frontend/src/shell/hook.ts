// window.sparseview: what benchmarks and browser tests drive, on the same code paths as gestures.
import { reveal } from '../commands/go';
import { graph, phase } from '../state/graph';
import { compile } from '../state/query';
import { find, query } from '../state/search';
import { select } from '../state/selection';
import { model } from '../state/session';
import { side, viewport } from '../state/view';
import { rows, summary } from '../state/weights';
import type { WeightRow } from '../api/schema';

type ReportRow = Omit<WeightRow, 'id' | 'node' | 'violations' | 'disagreements' | 'measured' | 'edited' | 'problem'> & {
  bytes: Record<string, number | null>;
  runtimes: Record<string, object>;
};

export interface Hook {
  readonly state: 'loading' | 'ready' | 'error';
  readonly nodes: number;
  readonly analysed: boolean;
  setView(view: 'flat' | 'grouped'): Promise<void>;
  panBy(dx: number, dy: number): void;
  zoomBy(factor: number): void;
  fit(): void;
  search(text: string): Promise<number[]>;
  goTo(id: number): Promise<void>;
  select(ids: number[]): void;
  layer(id: number): ReportRow | null;
}

declare global {
  interface Window {
    sparseview: Hook;
  }
}

function reportRow(id: number): ReportRow | null {
  const row = [...rows.value.values()].find((one) => one.node === id);
  if (!row) return null;
  const { id: _, node: _node, violations: _violations, disagreements: _why, measured: _measured, edited: _edited, problem: _problem, ...facts } = row;
  // All keys of the report are there, also before their analysis exists.
  return Object.assign({ bytes: {}, runtimes: {} }, facts);
}

export const hook: Hook = {
  get state() {
    return phase.value;
  },
  get nodes() {
    return graph.value?.document.count ?? 0;
  },
  get analysed() {
    const totals = summary.value;
    return model.value !== null && totals !== null && [...rows.value.values()].every((row) => row.measured || row.problem !== null);
  },
  // There is one view, the flat one; "grouped" shows it too.
  setView: async () => viewport.value?.painted(),
  panBy: (dx, dy) => viewport.value?.panBy(dx, dy),
  zoomBy: (factor) => viewport.value?.zoomBy(factor),
  fit: () => viewport.value?.fit(false),
  search: async (text) => {
    query.value = text;
    const shown = graph.value?.document;
    const found = shown && text.trim() !== '' ? find(compile(text), shown).map((hit) => hit.node) : [];
    await viewport.value?.painted();
    return found;
  },
  goTo: reveal,
  select: (ids) => {
    select(ids);
    if (ids.length > 0 && side.value !== 'prune') side.value = 'node';
  },
  layer: reportRow,
};
