// The weights that an operator stands for: its own, or those of the graphs that it opens into.
import type { WeightRow } from '../api/schema';
import type { GraphDocument } from '../graph/document';

type RowsOfNode = ReadonlyMap<number, readonly WeightRow[]>;

/** `rowsOfNode`, and of the graph's operators with weights in their bodies only, the rows of those. */
export function rowsShown(shown: GraphDocument, rowsOfNode: RowsOfNode): RowsOfNode {
  let found: Map<number, readonly WeightRow[]> | null = null;
  let byGraph: Map<string, WeightRow[]> | null = null;
  for (let at = 0; at < shown.count; at += 1) {
    const node = shown.nodeId[at]!;
    if (shown.layer[at] !== 1 || shown.subgraph[at] === '' || rowsOfNode.has(node)) continue;
    byGraph ??= grouped(rowsOfNode);
    const inside = counted(rowsInside(shown.path, shown.subgraph[at]!, byGraph));
    if (inside.length > 0) (found ??= new Map(rowsOfNode)).set(node, inside);
  }
  return found ?? rowsOfNode;
}

/** Rows by the path of their graph. */
export function grouped(rowsOfNode: RowsOfNode): Map<string, WeightRow[]> {
  const byGraph = new Map<string, WeightRow[]>();
  for (const list of rowsOfNode.values()) {
    for (const row of list) {
      const known = byGraph.get(row.graph);
      if (known) known.push(row);
      else byGraph.set(row.graph, [row]);
    }
  }
  return byGraph;
}

/**
 * Rows of an operator's bodies, at any depth. `around`: path of its graph; `first`: that of its first
 * body, "main#12.then_branch", whose beginning the others share, or of the function that it calls.
 */
function rowsInside(around: string, first: string, byGraph: ReadonlyMap<string, WeightRow[]>): WeightRow[] {
  const body = first.startsWith(`${around}#`);
  const shared = body ? first.slice(0, first.indexOf('.', around.length) + 1) : `${first}#`;
  const found: WeightRow[] = [];
  for (const [path, list] of byGraph) {
    if (path.startsWith(shared) || (!body && path === first)) found.push(...list);
  }
  return found;
}

/** Embeddings are told apart, as in every total; only where there is nothing else do they stand for it. */
function counted(inside: WeightRow[]): WeightRow[] {
  const weights = inside.filter((row) => row.kind !== 'embedding');
  return weights.length > 0 ? weights : inside;
}

/** Rows of one graph and of those inside it. */
export function rowsOfGraph(path: string, rowsOfNode: RowsOfNode): WeightRow[] {
  const found: WeightRow[] = [];
  for (const [graph, list] of grouped(rowsOfNode)) if (graph === path || graph.startsWith(`${path}#`)) found.push(...list);
  return counted(found);
}
