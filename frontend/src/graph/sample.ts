// Column data made in code, for tests: the same bytes that the server would send.

export interface SampleNode {
  readonly id?: number;
  /** 0 operator, 1 graph input, 2 graph output. */
  readonly kind?: number;
  readonly op?: string;
  readonly name?: string;
  readonly note?: string;
  readonly subgraph?: string;
  readonly category?: string;
  readonly layer?: boolean;
  /** Ids of the weights in its bodies. */
  readonly within?: readonly number[];
  /** Lines inside the node: name, text, and the weight whose sparsity the line shows. */
  readonly rows?: readonly (readonly [string, string, number?])[];
}

export interface SampleEdge {
  readonly from: number;
  readonly to: number;
  /** The producer's number by default: one tensor per node. */
  readonly tensor?: string;
  readonly label?: string;
  readonly port?: number;
}

export function encodeSample(nodes: readonly SampleNode[], edges: readonly SampleEdge[]): ArrayBuffer {
  const strings: string[] = [''];
  const categories: string[] = ['custom'];
  const indexIn = (list: string[], text: string): number => {
    const at = list.indexOf(text);
    return at >= 0 ? at : list.push(text) - 1;
  };
  const text = (value: string): number => indexIn(strings, value);
  const data = [
    column('nodeId', 'i32', Int32Array.from(nodes, (node, at) => node.id ?? at)),
    column('nodeKind', 'u8', Uint8Array.from(nodes, (node) => node.kind ?? 0)),
    column('nodeOp', 'u32', Uint32Array.from(nodes, (node) => text(node.op ?? 'Relu'))),
    column('nodeName', 'u32', Uint32Array.from(nodes, (node) => text(node.name ?? ''))),
    column('nodeNote', 'u32', Uint32Array.from(nodes, (node) => text(node.note ?? ''))),
    column('nodeSubgraph', 'u32', Uint32Array.from(nodes, (node) => text(node.subgraph ?? ''))),
    column(
      'nodeCategory',
      'u8',
      Uint8Array.from(nodes, (node) => indexIn(categories, node.category ?? 'custom')),
    ),
    column('nodeLayer', 'u8', Uint8Array.from(nodes, (node) => Number(node.layer === true || node.within !== undefined))),
    column('edgeSource', 'u32', Uint32Array.from(edges, (edge) => edge.from)),
    column('edgeTarget', 'u32', Uint32Array.from(edges, (edge) => edge.to)),
    column('edgeTensor', 'u32', Uint32Array.from(edges, (edge) => text(edge.tensor ?? `t${edge.from}`))),
    column('edgeLabel', 'u32', Uint32Array.from(edges, (edge) => text(edge.label ?? ''))),
    column('edgePort', 'u16', Uint16Array.from(edges, (edge) => edge.port ?? 0)),
  ];
  if (nodes.some((node) => node.rows !== undefined)) {
    const rows = nodes.flatMap((node) => node.rows ?? []);
    const start = [0];
    for (const node of nodes) start.push(start[start.length - 1] + (node.rows?.length ?? 0));
    data.push(
      column('nodeRowStart', 'u32', Uint32Array.from(start)),
      column('rowName', 'u32', Uint32Array.from(rows, (row) => text(row[0]))),
      column('rowText', 'u32', Uint32Array.from(rows, (row) => text(row[1]))),
      column('rowWeight', 'i32', Int32Array.from(rows, (row) => row[2] ?? -1)),
    );
  }
  if (nodes.some((node) => node.within !== undefined)) {
    const end = nodes.map((_, at) => nodes.slice(0, at + 1).reduce((sum, node) => sum + (node.within?.length ?? 0), 0));
    data.push(
      column('nodeWithinStart', 'u32', Uint32Array.from(end, (one, at) => one - (nodes[at].within?.length ?? 0))),
      column('nodeWithinEnd', 'u32', Uint32Array.from(end)),
      column('withinWeight', 'u32', Uint32Array.from(nodes.flatMap((node) => node.within ?? []))),
    );
  }
  let offset = 0;
  const columns = data.map(({ name, type, values }) => {
    const at = offset;
    offset += Math.ceil(values.byteLength / 8) * 8;
    return { name, type, offset: at, length: values.length };
  });
  const header = JSON.stringify({
    version: 1,
    path: 'main',
    nodes: nodes.length,
    edges: edges.length,
    strings,
    categories,
    columns,
  });
  const bytes = new TextEncoder().encode(header);
  const start = Math.ceil((4 + bytes.length) / 8) * 8;
  const buffer = new ArrayBuffer(start + offset);
  new DataView(buffer).setUint32(0, start - 4, true);
  const out = new Uint8Array(buffer);
  out.fill(32, 4, start);
  out.set(bytes, 4);
  data.forEach(({ values }, i) => {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    out.set(raw, start + columns[i].offset);
  });
  return buffer;
}

type Values = Uint8Array | Uint16Array | Uint32Array | Int32Array;

function column(name: string, type: string, values: Values): { name: string; type: string; values: Values } {
  return { name, type, values };
}

/** A repeatable stream of numbers, 0 <= n < 1 (Park and Miller's minimal standard generator). */
export function randomStream(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (state - 1) / 2147483646;
  };
}
