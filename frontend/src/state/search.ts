// The search box: its text, what it matches, and the hit that the arrows stand on.
import { computed, signal } from '@preact/signals';
import type { GraphDocument } from '../graph/document';
import { OPERATOR } from '../graph/document';
import { graph } from './graph';
import { compile, QueryError, type Predicate, type QueryRow } from './query';
import { rowsOfNode } from './weights';

export interface Hit {
  node: number;
  layer: string;
  op: string;
  /** path of the graph that holds the node */
  graph: string;
}

/** What is typed. */
export const query = signal('');

/** The hit that Enter goes to; -1: none chosen yet. */
export const activeHit = signal(-1);

/** True while the list of hits is open. */
export const searching = signal(false);

const compiled = computed<{ holds: Predicate | null; problem: QueryError | null }>(() => {
  const text = query.value.trim();
  if (text === '') return { holds: null, problem: null };
  try {
    return { holds: compile(text), problem: null };
  } catch (error) {
    if (error instanceof QueryError) return { holds: null, problem: error };
    throw error;
  }
});

/** The query as a test on rows; null when nothing is asked. */
export const filter = computed<Predicate | null>(() => compiled.value.holds);

/** Why the query cannot be understood. */
export const queryProblem = computed(() => compiled.value.problem);

/** Operators that match: of the graph shown in its order, then layers of other graphs. */
export const hits = computed<Hit[]>(() => {
  const holds = filter.value;
  const shown = graph.value?.document;
  return holds === null || !shown ? [] : find(holds, shown);
});

/** Positions on the canvas of the hits; null when nothing is asked, so that nothing dims. */
export const matches = computed<ReadonlySet<number> | null>(() => {
  const shown = graph.value?.document;
  if (filter.value === null || !shown) return null;
  const found = new Set<number>();
  for (const hit of hits.value) {
    const at = shown.indexOf.get(hit.node);
    if (at !== undefined) found.add(at);
  }
  return found;
});

export function find(holds: Predicate, shown: GraphDocument): Hit[] {
  const found: Hit[] = [];
  const byNode = rowsOfNode.value;
  // One object for all operators without weights: 50,000 of them have to be asked within a frame or two.
  const bare: QueryRow = {
    layer: '', op: '', format: null, sparsity: null, elements: null, dtype: '', kind: '', declared: null, agrees: null,
  };
  for (let at = 0; at < shown.count; at += 1) {
    if (shown.kind[at] !== OPERATOR) continue;
    const node = shown.nodeId[at]!;
    const rows = byNode.get(node);
    bare.op = shown.op[at]!;
    if (rows ? rows.some(holds) : matchesName(holds, bare, shown.name[at]!)) {
      found.push({ node, layer: rows?.[0]?.title ?? shown.name[at]!, op: bare.op, graph: shown.path });
    }
  }
  for (const [node, rows] of byNode) {
    const first = rows[0]!;
    if (first.graph !== shown.path && rows.some(holds)) {
      found.push({ node, layer: first.title, op: first.op, graph: first.graph });
    }
  }
  return found;
}

/** The picture's names leave out the slashes and the operator that exporters add: a pasted full name matches too. */
function matchesName(holds: Predicate, row: QueryRow, name: string): boolean {
  row.layer = name;
  if (holds(row)) return true;
  if (!name.includes('/')) return false;
  row.layer = `/${name}/${row.op}`;
  return holds(row);
}
