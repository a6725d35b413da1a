// The facts that cross the wire: the shapes that the server sends and takes.

export interface Problem {
  message: string;
  hint: string;
  code: string;
}

export interface Settings {
  theme: 'system' | 'light' | 'dark';
  wheel: 'scroll' | 'zoom';
}

export interface Recent {
  path: string;
  name: string;
  folder: string;
  bytes: number;
  sparsity: number | null;
  opened: string;
}

export interface GraphFacts {
  path: string;
  kind: string;
  name: string;
  nodes: number;
  parent: number | null;
}

export interface PortFacts {
  name: string;
  dtype: string;
  shape: string | (number | string | null)[] | null;
}

export interface ModelFacts {
  name: string;
  path: string;
  folder: string;
  bytes: number;
  external_bytes: number;
  ir_version: number;
  opsets: Record<string, number>;
  producer: string;
  doc: string;
  nodes: number;
  graphs: GraphFacts[];
  notices: Problem[];
  metadata: [string, string][];
  inputs: PortFacts[];
  outputs: PortFacts[];
  saveable: boolean;
}

export interface History {
  edits: { label: string; sparsity: number | null }[];
  /** how many edits are applied */
  position: number;
  /** the position at the last save */
  saved: number;
}

export interface JobFacts {
  id: number | string;
  label: string;
  done: number;
  total: number;
  state: 'running' | 'done' | 'cancelled' | 'failed';
}

export interface State {
  revision: number;
  version: string;
  native_dialogs: boolean;
  settings: Settings;
  recent: Recent[];
  model: ModelFacts | null;
  problem: Problem | null;
  history: History;
  job: JobFacts | null;
}

export interface Axes {
  stack: number[];
  out: number[];
  kernel: number[];
  in: number[];
}

export interface Claim {
  sparsity: number | null;
  format: string | null;
  source: string;
  invalid: string | null;
}

export interface WeightRow {
  id: number;
  node: number;
  layer: string;
  graph: string;
  op: string;
  input: number;
  kind: string;
  tensor: string;
  shape: number[];
  dtype: string;
  axes: Axes;
  stored_as: string;
  elements: number;
  zeros: number | null;
  sparsity: number | null;
  format: string | null;
  satisfies: string[];
  coverage: Record<string, number>;
  violations: Record<string, number>;
  declared: Claim | null;
  agrees: boolean | null;
  disagreements: string[];
  measured: boolean;
  edited: boolean;
  problem: string | null;
}

export interface Summary {
  weights: number;
  elements: number;
  zeros: number | null;
  sparsity: number | null;
  measured: number;
  by_format: Record<string, { weights: number; elements: number }>;
  embeddings: { weights: number; elements: number; zeros: number | null };
  annotations: { declared: number; agree: number; disagree: number };
}

export interface Weights {
  revision: number;
  rows: WeightRow[];
  summary: Summary;
}

export interface AttributeFacts {
  name: string;
  type: string;
  value: string;
  graph: string | null;
}

export interface ValueFacts {
  name: string;
  tensor: string;
  dtype: string;
  shape: string;
  constant: boolean;
  value: string | null;
  weight: number | null;
}

export interface NodeFacts {
  id: number;
  layer: string;
  path: string;
  graph: string;
  op: string;
  domain: string;
  category: string;
  doc: string;
  attributes: AttributeFacts[];
  inputs: ValueFacts[];
  outputs: ValueFacts[];
  weights: number[];
  since: number | null;
  function_graph: string | null;
}

export interface Param {
  name: string;
  label: string;
  kind: 'fraction' | 'number' | 'choice';
  default: number | string | null;
  choices: string[];
}

export interface MethodFacts {
  name: string;
  label: string;
  summary: string;
  params: Param[];
  formats: string[];
}

export interface FormatFacts {
  name: string;
  family: string;
  glyph: string;
  label: string;
}

export interface Methods {
  methods: MethodFacts[];
  formats: FormatFacts[];
}

export interface PruneRequest {
  weights: number[];
  method: string;
  format: string;
  sparsity: number | null;
  [param: string]: unknown;
}

export interface PruneMeasure {
  elements: number;
  zeros: number;
  sparsity: number | null;
  format: string;
}

export interface PruneRow {
  weight: number;
  layer: string;
  before: PruneMeasure | null;
  after: PruneMeasure | null;
  kept_energy: number | null;
  skipped: string | null;
}

export interface Preview {
  rows: PruneRow[];
  sparsity_before: number | null;
  sparsity_after: number | null;
  kept_energy: number | null;
  skipped: { layer: string; reason: string }[];
}

export interface Pruned {
  label: string;
  rows: PruneRow[];
}

export interface Saved {
  path: string;
  bytes: number;
}

export interface FileEntry {
  name: string;
  path: string;
  folder: boolean;
  bytes: number;
}

export interface Listing {
  dir: string;
  parent: string | null;
  entries: FileEntry[];
}

export type ServerEvent =
  | { type: 'state'; state: State }
  | { type: 'measured'; revision: number; rows: WeightRow[]; summary: Summary }
  | { type: 'changed'; revision: number; weights: number[]; rows: WeightRow[]; summary: Summary };
