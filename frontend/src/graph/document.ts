// The graph as the page reads it: what each node and edge is called, and where a model node sits.
import type { Columns, WithinColumns } from './columns';

/** What a node of the picture stands for; the values of `GraphDocument.kind`. */
export const OPERATOR = 0;
export const INPUT = 1;
export const OUTPUT = 2;

export interface GraphDocument {
  readonly path: string;
  /** Number of nodes in the picture. */
  readonly count: number;
  /** Model node id of each node; -1 for a graph input, -2 for a graph output. */
  readonly nodeId: Int32Array;
  readonly kind: Uint8Array;
  readonly op: readonly string[];
  readonly name: readonly string[];
  /** The second line, as `64×64×3×3 · pads 1`. */
  readonly note: readonly string[];
  /** Path of the first subgraph or function body, or ''. */
  readonly subgraph: readonly string[];
  readonly category: readonly string[];
  /** 1 where the node has weights, itself or in its bodies. */
  readonly layer: Uint8Array;
  readonly edgeSource: Uint32Array;
  readonly edgeTarget: Uint32Array;
  readonly edgeTensor: readonly string[];
  /** The tensor's shape, or ''. */
  readonly edgeLabel: readonly string[];
  readonly edgePort: Uint16Array;
  /** Lines inside node `i`: `rows.start[i]` to `rows.start[i + 1]`; null where no node has any. */
  readonly rows: NodeRows | null;
  /** Ids of the weights that the tiles of nodes with bodies tell of; null where no body has any. */
  readonly within: WithinColumns | null;
  /** Position of a model node id. */
  readonly indexOf: ReadonlyMap<number, number>;
}

export interface NodeRows {
  readonly start: Uint32Array;
  readonly name: readonly string[];
  readonly text: readonly string[];
  /** Id of the weight whose sparsity the row shows, or -1. */
  readonly weight: Int32Array;
}

export function documentOf(columns: Columns): GraphDocument {
  const { strings, categories } = columns;
  const texts = (indices: Uint32Array): string[] => Array.from(indices, (at) => strings[at] ?? '');
  const indexOf = new Map<number, number>();
  columns.nodeId.forEach((id, position) => {
    if (id >= 0) indexOf.set(id, position);
  });
  return {
    path: columns.path,
    count: columns.nodes,
    nodeId: columns.nodeId,
    kind: columns.nodeKind,
    op: texts(columns.nodeOp),
    name: texts(columns.nodeName),
    note: texts(columns.nodeNote),
    subgraph: texts(columns.nodeSubgraph),
    category: Array.from(columns.nodeCategory, (at) => categories[at] ?? 'custom'),
    layer: columns.nodeLayer,
    edgeSource: columns.edgeSource,
    edgeTarget: columns.edgeTarget,
    edgeTensor: texts(columns.edgeTensor),
    edgeLabel: texts(columns.edgeLabel),
    edgePort: columns.edgePort,
    rows: columns.rows && {
      start: columns.rows.start,
      name: texts(columns.rows.name),
      text: texts(columns.rows.text),
      weight: columns.rows.weight,
    },
    within: columns.within,
    indexOf,
  };
}
