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

/** What a row tells the page beyond the report. */
const PAGE_ONLY = [
  'id', 'node', 'key', 'violations', 'disagreements', 'measured', 'edited', 'protected', 'problem',
  'dead_out', 'dead_in', 'channels_out', 'channels_in',
] as const;

type ReportRow = Omit<WeightRow, (typeof PAGE_ONLY)[number]>;

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
  const facts: Partial<WeightRow> = { ...row };
  for (const key of PAGE_ONLY) delete facts[key];
  return facts as ReportRow;
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
