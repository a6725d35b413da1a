// The binary graph that the server sends: a JSON header with a string table, then typed columns.

/** One graph as the server sends it. Strings are indices into `strings`. */
export interface Columns {
  readonly path: string;
  readonly nodes: number;
  readonly edges: number;
  readonly strings: readonly string[];
  readonly categories: readonly string[];
  readonly nodeId: Int32Array;
  readonly nodeKind: Uint8Array;
  readonly nodeOp: Uint32Array;
  readonly nodeName: Uint32Array;
  readonly nodeNote: Uint32Array;
  readonly nodeSubgraph: Uint32Array;
  readonly nodeCategory: Uint8Array;
  readonly nodeLayer: Uint8Array;
  readonly edgeSource: Uint32Array;
  readonly edgeTarget: Uint32Array;
  readonly edgeTensor: Uint32Array;
  readonly edgeLabel: Uint32Array;
  readonly edgePort: Uint16Array;
  /** Lines of text inside the nodes; those of node `i` are rows[start[i]] to rows[start[i + 1]]. */
  readonly rows: RowColumns | null;
  /** Weights inside the nodes; null where no node has bodies with weights. */
  readonly within: WithinColumns | null;
}

/** Ids of the weights in the bodies of node `i`: weight[start[i]] to weight[end[i]]; calls of one function share a stretch. */
export interface WithinColumns {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  readonly weight: Uint32Array;
}

export interface RowColumns {
  readonly start: Uint32Array;
  readonly name: Uint32Array;
  readonly text: Uint32Array;
  /** Id of the weight whose sparsity the row shows, or -1. */
  readonly weight: Int32Array;
}

type ColumnType = 'u8' | 'u16' | 'u32' | 'i32' | 'f32';
type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array;

interface Header {
  readonly version: number;
  readonly path: string;
  readonly nodes: number;
  readonly edges: number;
  readonly strings: readonly string[];
  readonly categories: readonly string[];
  readonly columns: readonly { name: string; type: ColumnType; offset: number; length: number }[];
}

const MAKERS: Record<ColumnType, (buffer: ArrayBuffer, offset: number, length: number) => Column> = {
  u8: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  u16: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  u32: (buffer, offset, length) => new Uint32Array(buffer, offset, length),
  i32: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  f32: (buffer, offset, length) => new Float32Array(buffer, offset, length),
};

const VERSION = 1;

/** Views onto `buffer`, without a copy. Throws when a column is missing, short, or points outside. */
export function decodeColumns(buffer: ArrayBuffer): Columns {
  if (buffer.byteLength < 4) throw new Error('The graph data is empty.');
  const headerBytes = new DataView(buffer).getUint32(0, true);
  const start = 4 + headerBytes;
  if (start > buffer.byteLength) throw new Error('The graph data is cut off in its header.');
  const text = new TextDecoder().decode(new Uint8Array(buffer, 4, headerBytes));
  const header = JSON.parse(text) as Header;
  if (header.version !== VERSION) {
    throw new Error(`The graph data has version ${header.version}; this page reads ${VERSION}.`);
  }
  const found = new Map(header.columns.map((entry) => [entry.name, entry]));

  function column<T extends Column>(name: string, type: ColumnType, length: number): T {
    const entry = found.get(name);
    if (entry === undefined || entry.type !== type || entry.length !== length) {
      throw new Error(`The graph data has no column ${name} of ${length} ${type}.`);
    }
    return MAKERS[type](buffer, start + entry.offset, length) as T;
  }

  function rowColumns(): RowColumns | null {
    const count = found.get('rowText')?.length;
    if (count === undefined) return null;
    const start = column<Uint32Array>('nodeRowStart', 'u32', header.nodes + 1);
    if (start.some((at, i) => at > count || (i > 0 && at < start[i - 1]))) {
      throw new Error('The rows of the graph data are out of order.');
    }
    return {
      start,
      name: column('rowName', 'u32', count),
      text: column('rowText', 'u32', count),
      weight: column('rowWeight', 'i32', count),
    };
  }

  function withinColumns(): WithinColumns | null {
    const count = found.get('withinWeight')?.length;
    if (count === undefined) return null;
    const start = column<Uint32Array>('nodeWithinStart', 'u32', header.nodes);
    const end = column<Uint32Array>('nodeWithinEnd', 'u32', header.nodes);
    if (end.some((at, i) => at > count || at < start[i])) throw new Error('The weights inside nodes of the graph data are out of order.');
    return { start, end, weight: column('withinWeight', 'u32', count) };
  }

  const { nodes, edges } = header;
  const columns: Columns = {
    path: header.path,
    nodes,
    edges,
    strings: header.strings,
    categories: header.categories,
    nodeId: column('nodeId', 'i32', nodes),
    nodeKind: column('nodeKind', 'u8', nodes),
    nodeOp: column('nodeOp', 'u32', nodes),
    nodeName: column('nodeName', 'u32', nodes),
    nodeNote: column('nodeNote', 'u32', nodes),
    nodeSubgraph: column('nodeSubgraph', 'u32', nodes),
    nodeCategory: column('nodeCategory', 'u8', nodes),
    nodeLayer: column('nodeLayer', 'u8', nodes),
    edgeSource: column('edgeSource', 'u32', edges),
    edgeTarget: column('edgeTarget', 'u32', edges),
    edgeTensor: column('edgeTensor', 'u32', edges),
    edgeLabel: column('edgeLabel', 'u32', edges),
    edgePort: column('edgePort', 'u16', edges),
    rows: rowColumns(),
    within: withinColumns(),
  };
  for (let edge = 0; edge < edges; edge++) {
    if (columns.edgeSource[edge] >= nodes || columns.edgeTarget[edge] >= nodes) {
      throw new Error(`Edge ${edge} of the graph data points to a node that is not there.`);
    }
  }
  return columns;
}

/** Number of lines in each node; undefined where no node has any. */
export function rowCounts({ nodes, rows }: Columns): Uint8Array | undefined {
  if (rows === null) return undefined;
  return Uint8Array.from({ length: nodes }, (_, node) => rows.start[node + 1] - rows.start[node]);
}
