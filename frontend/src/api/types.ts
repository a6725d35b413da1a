// The facts that cross the wire: the shapes that the server sends and takes.

export interface Problem {
  message: string;
  hint: string;
  code: string;
}

export interface Settings {
  theme: 'system' | 'light' | 'dark';
  wheel: 'scroll' | 'zoom';
  direction: 'down' | 'right';
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

export interface ValueFacts {
  name: string;
  dtype: string;
  shape: string;
}

export interface ModelFacts {
  /** counts openings, so that the same file opened again is told apart */
  serial: number;
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
  inputs: ValueFacts[];
  outputs: ValueFacts[];
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
  id: number;
  label: string;
  done: number;
  total: number;
  state: 'running' | 'done' | 'cancelled' | 'failed';
}

export interface State {
  revision: number;
  version: string;
  native_dialogs: boolean;
  /** a demo model is packaged */
  demo: boolean;
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

export interface PortFacts {
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
  inputs: PortFacts[];
  outputs: PortFacts[];
  weights: number[];
  since: number | null;
  function_graph: string | null;
}

export interface ParamForm {
  name: string;
  label: string;
  summary: string;
  kind: 'fraction' | 'number' | 'choice';
  default: number | string | null;
  choices: string[];
}

export interface MethodForm {
  name: string;
  label: string;
  summary: string;
  params: ParamForm[];
  formats: string[];
}

export interface FormatForm {
  name: string;
  family: string;
  glyph: string;
  label: string;
  /** the sparsity that N:M makes by itself, else 0 */
  least: number;
}

export interface Forms {
  methods: MethodForm[];
  formats: FormatForm[];
}

export interface PruneRequest {
  weights: number[];
  method: string;
  format: string;
  sparsity: number | null;
  threshold: number | null;
  scope: 'layer' | 'global';
}

export interface Measurement {
  elements: number;
  zeros: number;
  sparsity: number | null;
  format: string;
}

export interface PreviewRow {
  weight: number;
  layer: string;
  before: Measurement | null;
  after: Measurement | null;
  kept_energy: number;
  skipped: string | null;
}

export interface Preview {
  rows: PreviewRow[];
  sparsity_before: number | null;
  sparsity_after: number | null;
  kept_energy: number;
  skipped: { layer: string; reason: string }[];
}

export interface Pruned {
  label: string;
  revision: number;
  rows: WeightRow[];
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

export interface Labels {
  path: string;
  ready: boolean;
  labels: Record<string, string>;
}

export type ServerEvent =
  | { type: 'state'; state: State }
  | { type: 'measured'; revision: number; rows: WeightRow[]; summary: Summary }
  | { type: 'changed'; revision: number; weights: number[]; rows: WeightRow[]; summary: Summary }
  | { type: 'job'; job: JobFacts | null }
  | { type: 'labels' }
  | { type: 'ask-open'; path: string }
  | { type: 'ask-close' };
