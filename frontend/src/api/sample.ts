// Facts for tests: one small model with two layers and a false claim, as the server would tell them.
import type {
  DataFacts, Evaluation, Measurement, ModelFacts, Preview, PreviewRow, State, Summary, WeightRow,
} from './schema';

/** For `vi.waitFor`: a busy machine is no finding. */
export const PATIENT = { timeout: 30_000 };

/** What the server says of sampleRow's 288 floats, half of them zero. */
const SAMPLE_BYTES = { dense: 1152, bitmask: 612, coo: 2880, csr: 1188, 'bsr:4x4': 1236, '2:4': null, onnx_sparse: 1728, gzip: null };
const SAMPLE_RUNTIMES = {
  tensorrt: { eligible: false, why: 'float32: needs float16 or int8; 18 of 72 groups violate 2:4' },
  onnxruntime_cpu: { eligible: false, why: 'runs, no gain from zeros' },
};

export function sampleRow(change: Partial<WeightRow> = {}): WeightRow {
  return {
    id: 0, node: 0, layer: 'conv1', title: change.layer ?? 'conv1', graph: 'main', op: 'Conv', input: 1, kind: 'weight', tensor: 'conv1.weight',
    shape: [8, 4, 3, 3], dtype: 'float32', axes: { stack: [], out: [0], kernel: [2, 3], in: [1] }, stored_as: 'dense', elements: 288,
    zeros: 144, sparsity: 0.5, format: 'unstructured', satisfies: [], coverage: { '2:4': 0.75, 'channel:out': 0 },
    violations: { '2:4': 18 }, bytes: SAMPLE_BYTES, bytes_estimated: [], runtimes: SAMPLE_RUNTIMES, declared: null, agrees: null, disagreements: [], measured: true, edited: false, problem: null,
    nan: 0, inf: 0, dead_out: 0, dead_in: 0, channels_out: 8, channels_in: 4, protected: false,
    key: `main/${change.tensor ?? 'conv1.weight'}`, ...change,
  };
}

/** The same row before it is measured. */
export function unmeasured(change: Partial<WeightRow> = {}): WeightRow {
  return sampleRow({ zeros: null, sparsity: null, format: null, satisfies: [], coverage: {}, violations: {}, bytes: {}, runtimes: {}, measured: false, ...change });
}

export function sampleSummary(rows: readonly WeightRow[]): Summary {
  const elements = rows.reduce((sum, row) => sum + row.elements, 0);
  const known = rows.every((row) => row.zeros !== null);
  const zeros = known ? rows.reduce((sum, row) => sum + row.zeros!, 0) : null;
  return {
    weights: rows.length, elements, zeros, sparsity: zeros === null ? null : zeros / elements, measured: rows.filter((row) => row.measured).length,
    by_format: {}, embeddings: { weights: 0, elements: 0, zeros: 0 },
    annotations: { declared: 0, agree: 0, disagree: rows.filter((row) => row.agrees === false).length },
  };
}

export function sampleModel(change: Partial<ModelFacts> = {}): ModelFacts {
  return {
    serial: 1, name: 'm.onnx', path: '/models/m.onnx', folder: '/models', bytes: 12_345, external_bytes: 0, ir_version: 8, opsets: { 'ai.onnx': 17 },
    producer: 'pytorch', doc: '', nodes: 3, graphs: [{ path: 'main', kind: 'main', name: 'g', nodes: 3, parent: null, holder: '' }], notices: [],
    metadata: [], inputs: [{ name: 'x', dtype: 'float32', shape: '1×4×8×8' }], outputs: [{ name: 'y', dtype: 'float32', shape: '1×10' }], saveable: true, protected: 0,
    ...change,
  };
}

export function sampleState(change: Partial<State> = {}): State {
  return {
    revision: 0, version: '0.1', native_dialogs: false, demo: false, settings: { theme: 'light', wheel: 'scroll', direction: 'down', names: false, attributes: false, constants: false }, recent: [],
    model: null, problem: null, history: { edits: [], position: 0, saved: 0 }, job: null, data: null, ...change,
  };
}

const SAMPLE_MEASURED: Measurement = {
  elements: 288, zeros: 144, sparsity: 0.5, format: 'unstructured', satisfies: [], coverage: {}, violations: {}, nan: 0, inf: 0, blocks: {},
  dead_out: 0, dead_in: 0, channels_out: 8, channels_in: 4,
};

/** The sample's layer, dense before, half of it zero afterwards. */
export function samplePreviewRow(change: Partial<PreviewRow> = {}): PreviewRow {
  return {
    weight: 0, layer: 'conv1', before: { ...SAMPLE_MEASURED, zeros: 0, sparsity: 0, format: 'dense' }, after: SAMPLE_MEASURED, kept_energy: 0.9, skipped: null,
    border: 0.1, layer_error: null, remark: null, runtimes: {}, smallest_before: { name: 'dense', bytes: 1152 }, smallest_after: { name: 'bitmask', bytes: 612 }, ...change,
  };
}

export function samplePreview(change: Partial<Preview> = {}): Preview {
  return {
    rows: [samplePreviewRow()], sparsity_before: 0, sparsity_after: 0.5, kept_energy: 0.9, skipped: [], bytes_before: 1152, bytes_after: 612,
    model_before: 0.25, model_after: 0.5, ...change,
  };
}

/** Four hundred labelled samples for the sample's input. */
export function sampleData(change: Partial<DataFacts> = {}): DataFacts {
  return {
    path: '/data/some.npz', source: 'some.npz', synthetic: false, samples: 400, calibration: 320, held_out: 80, classes: 10, notes: [],
    inputs: [{ name: 'x', wants: 'float32 [N, 4, 8, 8]', gives: 'float32 [1, 4, 8, 8]' }], fixed: null, pictures: null, tokenizer: null, provider: 'CPU', ...change,
  };
}

/** The sample's layer pruned by data, a little worse than before. */
export function sampleEvaluation(change: Partial<Evaluation> = {}): Evaluation {
  const accuracy = { top1: 0.9, top5: null, output: 'y', samples: 80, error: 0.03 };
  return {
    source: 'some.npz', synthetic: false, calibration: 320, held_out: 80,
    layers: [{ weight: 0, layer: 'conv1', error: 0.12, reason: null, remark: null }],
    drift: {
      relative_l2: 0.052, cosine: 0.9987, top1_agreement: 0.975, kl: 0.0123, samples: 80, broken: 0, synthetic: false,
      outputs: [{ output: 'y', relative_l2: 0.052, cosine: 0.9987, top1_agreement: 0.975, kl: 0.0123 }],
    },
    accuracy_before: accuracy, accuracy_after: { ...accuracy, top1: 0.8 }, ...change,
  };
}
