// Generated from the Python types by `python -m sparseview.app.wire`; do not edit.

/** top1, top5 : fractions of the samples; top5 is None where there are few classes. output : what was read as scores or as classes. error : the standard error of top1. */
export interface Accuracy {
  readonly top1: number;
  readonly top5: number | null;
  readonly output: string;
  readonly samples: number;
  readonly error: number;
}

/** Uses with a claim, and how the measured ones came out. */
export interface AnnotationTotal {
  readonly declared: number;
  readonly agree: number;
  readonly disagree: number;
}

/** The window is to close with unsaved edits: ask, then POST /api/close with `discard`. */
export interface AskCloseEvent {
  readonly type: 'ask-close';
}

/** Data were dropped on the window: POST /api/data with this path. */
export interface AskDataEvent {
  readonly type: 'ask-data';
  readonly path: string;
}

/** A file was dropped while edits are unsaved: ask, then POST /api/open with `discard`. */
export interface AskOpenEvent {
  readonly type: 'ask-open';
  readonly path: string;
}

/** value: as text; graph: path of the subgraph that it holds, else null. */
export interface AttributeFacts {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly graph: string | null;
}

/** Which dimensions of `shape` play which part; N:M groups run along `in`. */
export interface AxesRow {
  readonly stack: readonly number[];
  readonly out: readonly number[];
  readonly kernel: readonly number[];
  readonly in: readonly number[];
}

export interface CancelRequest {
  readonly job: number;
}

/** Every storage and runtime, in the order to show them. */
export interface Catalogue {
  readonly storages: readonly StorageFacts[];
  readonly runtimes: readonly RuntimeFacts[];
}

/** Weights were edited, undone, redone or saved; a `state` event follows. */
export interface ChangedEvent {
  readonly type: 'changed';
  readonly revision: number;
  readonly weights: readonly number[];
  readonly rows: readonly WeightRow[];
  readonly summary: Summary;
}

/** What a native dialog gave; null if it was cancelled. */
export interface ChosenPath {
  readonly path: string | null;
  readonly replace: boolean;
}

/** window: close the window, not only the model. */
export interface CloseRequest {
  readonly window?: boolean;
  readonly discard?: boolean;
}

/** Where a column lies: offset in bytes from the data's start, length in elements. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

/** A prune, and the formats to try it in; null: the usual ones and its own. */
export interface CompareRequest {
  readonly weights: readonly number[];
  readonly method: string;
  readonly format: string;
  readonly sparsity: number | null;
  readonly percentile: number | null;
  readonly threshold: number | null;
  readonly scope: 'global' | 'global-rms' | 'layer';
  readonly budget: 'overall' | 'sensitivity' | 'uniform';
  readonly levels: Readonly<Record<string, number>> | null;
  readonly keep_ends: boolean;
  readonly order: 'one-pass' | 'sequential' | null;
  readonly bias: 'correct' | 'keep' | null;
  readonly mask: 'best' | 'magnitude' | 'sparsegpt' | 'wanda' | null;
  readonly rounds: number | null;
  readonly swaps: number | null;
  readonly steps: number | null;
  readonly damp: number | null;
  readonly max_drift: number | null;
  readonly min_cosine: number | null;
  readonly formats: readonly string[] | null;
}

/** One format over all layers: exact, each tensor once. */
export interface CompareRow {
  readonly format: string;
  readonly zeros: number;
  readonly sparsity: number | null;
  readonly kept_energy: number;
  readonly bytes: number | null;
  readonly storage: string | null;
  readonly skipped: number;
  readonly why: string | null;
}

/** The rows in the order asked for. */
export interface Comparison {
  readonly rows: readonly CompareRow[];
}

/** folder: ask for a folder, not for a file. */
export interface DataDialogRequest {
  readonly folder: boolean;
}

/** The data in use. samples = calibration + held_out; no sample is in both. */
export interface DataFacts {
  readonly path: string;
  readonly source: string;
  readonly synthetic: boolean;
  readonly samples: number;
  readonly calibration: number;
  readonly held_out: number;
  readonly classes: number | null;
  readonly notes: readonly string[];
  readonly inputs: readonly FedInput[];
  readonly fixed: number | null;
  readonly pictures: Pictures | null;
  readonly tokenizer: string | null;
  readonly provider: string;
}

/** path: a file, a folder, or `synthetic:N`; null: no data any more. */
export interface DataRequest {
  readonly path: string | null;
  readonly calibration?: number | null;
  readonly pictures?: Pictures | null;
  readonly tokenizer?: string | null;
  readonly provider?: string | null;
}

/** The data in use, null: none; what the model wants; the kinds of data that are read. */
export interface DataState {
  readonly data: DataFacts | null;
  readonly wants: readonly WantedInput[];
  readonly kinds: readonly string[];
  readonly providers: readonly string[];
}

/** What the file claims; `invalid` says why a claim cannot be held against anything. */
export interface DeclaredRow {
  readonly sparsity: number | null;
  readonly format: string | null;
  readonly source: string;
  readonly invalid: string | null;
}

/** Which kind of file a dialog is to ask for. */
export interface DialogRequest {
  readonly kind: 'data' | 'levels' | 'masks' | 'model' | 'png' | 'recipe' | 'svg' | 'tokenizer';
}

/** discard: go on although edits are unsaved. */
export interface DiscardRequest {
  readonly discard?: boolean;
}

/** The drift over all outputs together, and of each one. */
export interface Drift {
  readonly relative_l2: number | null;
  readonly cosine: number | null;
  readonly top1_agreement: number | null;
  readonly kl: number | null;
  readonly outputs: readonly OutputDrift[];
  readonly samples: number;
  readonly broken: number;
  readonly synthetic: boolean;
}

/** Whether a runtime's sparse kernels can take a weight, and why (not). */
export interface Eligibility {
  readonly eligible: boolean;
  readonly why: string;
}

/** Embedding tables, apart from the weights; `zeros` is None until all are measured. */
export interface EmbeddingTotal {
  readonly weights: number;
  readonly elements: number;
  readonly zeros: number | null;
}

/** A folder, or a file of the kind that is asked for, of `bytes` bytes. */
export interface Entry {
  readonly name: string;
  readonly path: string;
  readonly folder: boolean;
  readonly bytes: number;
}

/** The model as edited against the one in the file, on samples that calibrated nothing. */
export interface Evaluation {
  readonly source: string;
  readonly synthetic: boolean;
  readonly calibration: number;
  readonly held_out: number;
  readonly layers: readonly LayerEffect[];
  readonly drift: Drift;
  readonly accuracy_before: Accuracy | null;
  readonly accuracy_after: Accuracy | null;
}

/** layers: also the errors of layers that no prune by data has told. */
export interface EvaluationRequest {
  readonly layers: boolean;
}

/** One input of the model: what it wants, and what a sample of the data gives it. */
export interface FedInput {
  readonly name: string;
  readonly wants: string;
  readonly gives: string;
}

/** bytes : the most that statistics, activations, solvers and new values take together, beside the model. */
export interface Foresight {
  readonly bytes: number;
  readonly runs: number;
  readonly samples: number;
  readonly seconds: number | null;
  readonly layers: number;
  readonly skipped: readonly Skipped[];
}

/** A format as the page shows it. least: the sparsity that N:M makes by itself, else 0. */
export interface FormatForm {
  readonly name: string;
  readonly family: string;
  readonly glyph: string;
  readonly label: string;
  readonly least: number;
}

/** Tensors and elements of one format. */
export interface FormatTotal {
  readonly weights: number;
  readonly elements: number;
}

/** Everything that prune dialogs are built from. */
export interface Forms {
  readonly methods: readonly MethodForm[];
  readonly formats: readonly FormatForm[];
}

/** A graph of the model. kind: main, subgraph, function. parent: node that holds a subgraph. */
export interface GraphFacts {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly nodes: number;
  readonly parent: number | null;
  readonly holder: string;
}

/** Bytes of a weight's dense data in gzip; `exact`: nothing was left out. */
export interface Gzip {
  readonly bytes: number;
  readonly exact: boolean;
}

/** What the page reads first. */
export interface Header {
  readonly version: number;
  readonly path: string;
  readonly nodes: number;
  readonly edges: number;
  readonly strings: readonly string[];
  readonly categories: readonly string[];
  readonly columns: readonly Column[];
}

/** Values of one weight. Bin j of `counts` holds start + j <= value / width < start + j + 1. */
export interface Histogram {
  readonly zeros: number;
  readonly nonzeros: number;
  readonly nan: number;
  readonly inf: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly std: number | null;
  readonly width: number;
  readonly start: number;
  readonly counts: readonly number[];
  readonly integer: boolean;
}

/** All edits, done and undone. `position`: how many are applied; `saved`: how many were at the last save, -1 when that state can no longer be reached. */
export interface History {
  readonly edits: readonly HistoryEdit[];
  readonly position: number;
  readonly saved: number;
}

/** One edit; `sparsity` is the model's after it, None while weights are unmeasured. */
export interface HistoryEdit {
  readonly label: string;
  readonly sparsity: number | null;
}

/** A job moved; at most one each 100 ms. Null once nothing runs. */
export interface JobEvent {
  readonly type: 'job';
  readonly job: JobFacts | null;
}

/** Where a job is; counts are in units of the task (weights, bytes). step: what it does now. */
export interface JobFacts {
  readonly id: number;
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly state: 'cancelled' | 'done' | 'failed' | 'running';
  readonly step: string;
}

/** Shape texts of a graph's tensors that its columns lack. ready: inference has finished. */
export interface Labels {
  readonly path: string;
  readonly ready: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** Shape inference has finished: /api/labels and /api/node know more now. */
export interface LabelsEvent {
  readonly type: 'labels';
}

/** A weight that is not what the file holds. error : |X W^T - X W_hat^T| / |X W^T| of its layer's outputs; None: not measured, or data does not reach it, for that `reason`. remark : what is worth knowing about how it was pruned. */
export interface LayerEffect {
  readonly weight: number;
  readonly layer: string;
  readonly error: number | null;
  readonly reason: string | null;
  readonly remark: string | null;
}

/** One tensor: the weights that use it, the layer of the first of them, its points by level. reason : why it cannot be pruned, else None. */
export interface LayerSensitivity {
  readonly weights: readonly number[];
  readonly layer: string;
  readonly elements: number;
  readonly points: readonly Point[];
  readonly reason: string | null;
}

/** One of them. target: the share of zeros over all; cosine: the least that the outputs keep. */
export interface LevelsRequest {
  readonly target?: number | null;
  readonly cosine?: number | null;
}

/** A folder's content: folders first, then files; parent null at the root. */
export interface Listing {
  readonly dir: string;
  readonly parent: string | null;
  readonly entries: readonly Entry[];
}

/** A table of levels by layer. sparsity : of all swept tensors then; cosine : of the outputs, as predicted from one tensor at a time. */
export interface MadeLevels {
  readonly method: string;
  readonly format: string;
  readonly levels: Readonly<Record<string, number>>;
  readonly sparsity: number;
  readonly cosine: number;
}

/** A weight as an image of height x width entries, in panels of out x in. */
export interface MaskFacts {
  readonly height: number;
  readonly width: number;
  readonly stack: number;
  readonly out: number;
  readonly kernel: number;
  readonly in: number;
  readonly kernel_rows: number;
  readonly kernel_columns: number;
  readonly tile: number;
  readonly largest: number;
  readonly pool_rows: number;
  readonly pool_columns: number;
  readonly density: string;
  readonly magnitude: string;
}

/** What was written: the file, its bytes, how many masks; layers that could not be read. */
export interface Masks {
  readonly path: string;
  readonly bytes: number;
  readonly masks: number;
  readonly left: readonly string[];
}

/** Measurements came in; at most one each 100 ms. */
export interface MeasuredEvent {
  readonly type: 'measured';
  readonly revision: number;
  readonly rows: readonly WeightRow[];
  readonly summary: Summary;
}

/** The zeros of one weight. */
export interface Measurement {
  readonly elements: number;
  readonly zeros: number;
  readonly sparsity: number | null;
  readonly format: string;
  readonly satisfies: readonly string[];
  readonly coverage: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly nan: number;
  readonly inf: number;
  readonly blocks: Readonly<Record<string, number>>;
  readonly dead_out: number;
  readonly dead_in: number;
  readonly channels_out: number;
  readonly channels_in: number;
}

/** A method, its parameters, and the names of the formats that it can prune to. */
export interface MethodForm {
  readonly name: string;
  readonly label: string;
  readonly summary: string;
  readonly params: readonly ParamForm[];
  readonly formats: readonly string[];
  readonly driven: boolean;
}

/** The open model. bytes: the .onnx file; external_bytes: its data files. */
export interface ModelFacts {
  readonly serial: number;
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  readonly bytes: number;
  readonly external_bytes: number;
  readonly ir_version: number;
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly doc: string;
  readonly nodes: number;
  readonly graphs: readonly GraphFacts[];
  readonly notices: readonly Problem[];
  readonly metadata: readonly (readonly [string, string])[];
  readonly inputs: readonly ValueFacts[];
  readonly outputs: readonly ValueFacts[];
  readonly saveable: boolean;
  readonly protected: number;
}

/** since: version of the operator set that brought this operator's form, null if unknown. */
export interface NodeFacts {
  readonly id: number;
  readonly layer: string;
  readonly title: string;
  readonly path: string;
  readonly graph: string;
  readonly op: string;
  readonly domain: string;
  readonly category: string;
  readonly doc: string;
  readonly attributes: readonly AttributeFacts[];
  readonly inputs: readonly PortFacts[];
  readonly outputs: readonly PortFacts[];
  readonly weights: readonly number[];
  readonly since: number | null;
  readonly function_graph: string | null;
}

/** path: what a dialog named. discard: open it although edits are unsaved. */
export interface OpenRequest {
  readonly path: string;
  readonly discard?: boolean;
}

/** As Preview, in numbers only. exact: False where they come from a sample. */
export interface Outlook {
  readonly exact: boolean;
  readonly rows: readonly OutlookRow[];
  readonly sparsity_before: number | null;
  readonly sparsity_after: number | null;
  readonly kept_energy: number;
  readonly skipped: readonly Skipped[];
  readonly model_before: number | null;
  readonly model_after: number | null;
}

/** One weight: its sparsity now and then, None where it cannot be read; see PreviewRow. */
export interface OutlookRow {
  readonly weight: number;
  readonly layer: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly kept_energy: number;
  readonly skipped: string | null;
  readonly border: number | null;
}

/** The drift of one output. relative_l2, cosine: means over samples; None where an output of the other model is not finite. top1_agreement, kl: None where it tells no classes apart. */
export interface OutputDrift {
  readonly output: string;
  readonly relative_l2: number | null;
  readonly cosine: number | null;
  readonly top1_agreement: number | null;
  readonly kl: number | null;
}

/** Where a picture was written, and its bytes. */
export interface Painted {
  readonly path: string;
  readonly bytes: number;
}

/** One input. kind: fraction 0..1 (slider and field), number, or choice of `choices`. */
export interface ParamForm {
  readonly name: string;
  readonly label: string;
  readonly summary: string;
  readonly kind: 'choice' | 'fraction' | 'number';
  readonly default: number | string | null;
  readonly choices: readonly string[];
}

/** How pictures become an input, as `ImagePreparation`: resized and cut, channels ordered, then (value * scale - mean) / std for each channel, and laid out. */
export interface Pictures {
  readonly height: number;
  readonly width: number;
  readonly layout: 'NCHW' | 'NHWC';
  readonly order: 'BGR' | 'L' | 'RGB';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly fit: 'crop' | 'stretch';
}

/** The outputs with one tensor at `level`, all others as they are; see `runtime.drift`. None where they are not finite. */
export interface Point {
  readonly level: number;
  readonly cosine: number | null;
  readonly relative_l2: number | null;
}

/** An input or output. name: its formal name, "" if none is known; tensor "" if left out. */
export interface PortFacts {
  readonly name: string;
  readonly tensor: string;
  readonly dtype: string;
  readonly shape: string;
  readonly constant: boolean;
  readonly value: string | null;
  readonly weight: number | null;
}

/** The rows of a plan and its totals over the requested tensors that could be read, each once. */
export interface Preview {
  readonly rows: readonly PreviewRow[];
  readonly sparsity_before: number | null;
  readonly sparsity_after: number | null;
  readonly kept_energy: number;
  readonly skipped: readonly Skipped[];
  readonly bytes_before: number | null;
  readonly bytes_after: number | null;
  readonly model_before: number | null;
  readonly model_after: number | null;
}

/** What a prune would do to one weight; `kept_energy`: share of its squares that stays, 0..1. */
export interface PreviewRow {
  readonly weight: number;
  readonly layer: string;
  readonly before: Measurement | null;
  readonly after: Measurement | null;
  readonly kept_energy: number;
  readonly skipped: string | null;
  readonly border: number | null;
  readonly smallest_before: Smallest | null;
  readonly smallest_after: Smallest | null;
  readonly runtimes: Readonly<Record<string, Eligibility>>;
  readonly layer_error: number | null;
  readonly remark: string | null;
}

/** Something that went wrong or deserves notice: one sentence, what to do, a word for code. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
  readonly code: string;
}

/** Shares of non-zeros, 0..1, of the channels on one side, `per_bin` channels a bin. */
export interface Profile {
  readonly channels: number;
  readonly stack: number;
  readonly per_bin: number;
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly dead_count: number;
  readonly dead: readonly number[];
}

/** Density of the output and of the input channels. */
export interface Profiles {
  readonly out: Profile;
  readonly in: Profile;
}

/** Weights never to be pruned, or to be pruned again. */
export interface ProtectRequest {
  readonly weights: readonly number[];
  readonly protected: boolean;
}

/** Ids of all weights that no prune changes. */
export interface Protected {
  readonly protected: readonly number[];
}

/** What to prune, how, and how far. */
export interface PruneRequest {
  readonly weights: readonly number[];
  readonly method?: string;
  readonly format?: string;
  readonly sparsity?: number | null;
  readonly percentile?: number | null;
  readonly threshold?: number | null;
  readonly scope?: 'global' | 'global-rms' | 'layer';
  readonly budget?: 'overall' | 'sensitivity' | 'uniform';
  readonly levels?: Readonly<Record<string, number>> | null;
  readonly keep_ends?: boolean;
  readonly order?: 'one-pass' | 'sequential' | null;
  readonly bias?: 'correct' | 'keep' | null;
  readonly mask?: 'best' | 'magnitude' | 'sparsegpt' | 'wanda' | null;
  readonly rounds?: number | null;
  readonly swaps?: number | null;
  readonly steps?: number | null;
  readonly damp?: number | null;
  readonly max_drift?: number | null;
  readonly min_cosine?: number | null;
}

/** What a prune did: the edit's label and the rows of the weights that it changed; skipped: what a method that goes by data left as it is, and why. */
export interface Pruned {
  readonly label: string;
  readonly revision: number;
  readonly rows: readonly WeightRow[];
  readonly skipped: readonly Skipped[];
}

/** A model that was opened before. */
export interface Recent {
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly bytes: number;
  readonly sparsity: number | null;
  readonly opened: string;
}

/** What was done to a source, step by step. */
export interface Recipe {
  readonly source: Source;
  readonly steps: readonly (Readonly<Record<string, unknown>>)[];
  readonly tool: string;
  readonly protected: readonly string[];
  readonly schema: string;
}

/** A recipe, or the file (recipe or saved model) that holds it; force: on any source. */
export interface ReplayRequest {
  readonly path: string | null;
  readonly recipe: Recipe | null;
  readonly force: boolean;
}

/** The labels of the edits that a recipe made. */
export interface Replayed {
  readonly labels: readonly string[];
  readonly revision: number;
}

/** A runtime: the key in a row's `runtimes`, what people call it, its rule and whose it is. */
export interface RuntimeFacts {
  readonly name: string;
  readonly label: string;
  readonly rule: string;
  readonly source: string;
}

/** path null: over the file that the session stands for. overwrite: the user agreed. */
export interface SaveRequest {
  readonly path?: string | null;
  readonly overwrite?: boolean;
  readonly store?: 'dense' | 'onnx-sparse' | null;
  readonly force?: boolean;
}

/** What was written; bytes of the .onnx file. `sparse`: weights that are stored otherwise now, `left`: those that are not, and why. `unreferenced`: names of data files that the model at `path` used before and does not any more; they stay. */
export interface Saved {
  readonly path: string;
  readonly bytes: number;
  readonly sparse: number;
  readonly left: readonly Skipped[];
  readonly unreferenced: readonly string[];
}

/** A sweep, as far as it is. done, total : points. */
export interface Sensitivity {
  readonly method: string;
  readonly format: string;
  readonly label: string;
  readonly layers: readonly LayerSensitivity[];
  readonly done: number;
  readonly total: number;
  readonly held_out: number;
  readonly synthetic: boolean;
  readonly stale: boolean;
}

/** How the user wants the page to look and behave. */
export interface Settings {
  readonly theme: 'dark' | 'light' | 'system';
  readonly wheel: 'scroll' | 'zoom';
  readonly direction: 'down' | 'right';
  readonly names: boolean;
  readonly attributes: boolean;
  readonly constants: boolean;
}

/** A layer that would stay as it is, and why. */
export interface Skipped {
  readonly layer: string;
  readonly reason: string;
}

/** The storage in which a weight takes the least: its name, exact bytes. */
export interface Smallest {
  readonly name: string;
  readonly bytes: number;
}

/** The .onnx file that a recipe belongs to; external data apart. */
export interface Source {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number | null;
}

/** All that the page needs to draw its frame. */
export interface State {
  readonly revision: number;
  readonly version: string;
  readonly native_dialogs: boolean;
  readonly demo: boolean;
  readonly settings: Settings;
  readonly recent: readonly Recent[];
  readonly model: ModelFacts | null;
  readonly problem: Problem | null;
  readonly history: History;
  readonly job: JobFacts | null;
  readonly data: DataFacts | null;
}

/** The first event of each stream, and one for each change of model, history or problem. */
export interface StateEvent {
  readonly type: 'state';
  readonly state: State;
}

/** A storage: the key in a row's `bytes`, what people call it, its picture. */
export interface StorageFacts {
  readonly name: string;
  readonly label: string;
  readonly glyph: string;
}

/** A way to save: the file's predicted bytes, annotations apart, and what changes. */
export interface StoreOption {
  readonly store: string;
  readonly label: string;
  readonly bytes: number;
  readonly change: number;
  readonly sparse: number;
  readonly left: readonly Skipped[];
  readonly grows: boolean;
}

/** `bytes`: the file's, stored as it is, external data apart. */
export interface StoreOptions {
  readonly bytes: number;
  readonly options: readonly StoreOption[];
}

/** Totals of a model; `zeros` and `sparsity` are None until every weight is measured. */
export interface Summary {
  readonly weights: number;
  readonly elements: number;
  readonly zeros: number | null;
  readonly sparsity: number | null;
  readonly measured: number;
  readonly by_format: Readonly<Record<string, FormatTotal>>;
  readonly embeddings: EmbeddingTotal;
  readonly annotations: AnnotationTotal;
}

/** Weights, method, format and parameters; at: the levels to measure each at, 0..1. */
export interface SweepRequest {
  readonly weights: readonly number[];
  readonly method?: string;
  readonly format?: string;
  readonly sparsity?: number | null;
  readonly percentile?: number | null;
  readonly threshold?: number | null;
  readonly scope?: 'global' | 'global-rms' | 'layer';
  readonly budget?: 'overall' | 'sensitivity' | 'uniform';
  readonly levels?: Readonly<Record<string, number>> | null;
  readonly keep_ends?: boolean;
  readonly order?: 'one-pass' | 'sequential' | null;
  readonly bias?: 'correct' | 'keep' | null;
  readonly mask?: 'best' | 'magnitude' | 'sparsegpt' | 'wanda' | null;
  readonly rounds?: number | null;
  readonly swaps?: number | null;
  readonly steps?: number | null;
  readonly damp?: number | null;
  readonly max_drift?: number | null;
  readonly min_cosine?: number | null;
  readonly at?: readonly number[];
}

/** Where undo or redo led; label null where there was nothing to do. */
export interface Turned {
  readonly revision: number;
  readonly label: string | null;
}

/** An input or output of the model. shape: "1×3×224×224", "?" where unknown, "" without one. */
export interface ValueFacts {
  readonly name: string;
  readonly dtype: string;
  readonly shape: string;
}

/** A group that breaks N:M, a block or channel that is zero in part: its first entry, and the rectangle of the image that it takes (of a channel, in the first panel that it runs through). */
export interface Violation {
  readonly stack: number;
  readonly out: number;
  readonly kernel: number;
  readonly in: number;
  readonly row: number;
  readonly column: number;
  readonly nonzeros: number;
  readonly height: number;
  readonly width: number;
}

/** The first groups that break a format: of `size` entries, of which `most` may be non-zero. */
export interface Violations {
  readonly format: string;
  readonly most: number;
  readonly size: number;
  readonly groups: number;
  readonly violating: number;
  readonly first: readonly Violation[];
}

/** Ids of the nodes on screen, those to be seen first before the others. */
export interface VisibleRequest {
  readonly nodes?: readonly number[];
}

/** An input that samples must have: "float32 [N, 3, 32, 32]". */
export interface WantedInput {
  readonly name: string;
  readonly wants: string;
}

/** A weight as the page and the query language see it. */
export interface WeightRow {
  readonly layer: string;
  readonly graph: string;
  readonly op: string;
  readonly input: number;
  readonly kind: string;
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly axes: AxesRow;
  readonly stored_as: string;
  readonly elements: number;
  readonly zeros: number | null;
  readonly sparsity: number | null;
  readonly format: string | null;
  readonly satisfies: readonly string[];
  readonly coverage: Readonly<Record<string, number>>;
  readonly id: number;
  readonly node: number;
  readonly title: string;
  readonly violations: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number | null>>;
  readonly bytes_estimated: readonly string[];
  readonly runtimes: Readonly<Record<string, Eligibility>>;
  readonly declared: DeclaredRow | null;
  readonly agrees: boolean | null;
  readonly disagreements: readonly string[];
  readonly measured: boolean;
  readonly edited: boolean;
  readonly problem: string | null;
  readonly nan: number;
  readonly inf: number;
  readonly dead_out: number;
  readonly dead_in: number;
  readonly channels_out: number;
  readonly channels_in: number;
  readonly protected: boolean;
  readonly key: string;
}

/** Uses of weights, and the totals over all. next: where the rows go on; None at their end. */
export interface Weights {
  readonly revision: number;
  readonly rows: readonly WeightRow[];
  readonly summary: Summary;
  readonly next: number | null;
}

/** A file to be written; overwrite: the user agreed. */
export interface WriteRequest {
  readonly path: string;
  readonly overwrite: boolean;
}

/** Where it was written. */
export interface Written {
  readonly path: string;
}

export type Event = AskCloseEvent | AskDataEvent | AskOpenEvent | ChangedEvent | JobEvent | LabelsEvent | MeasuredEvent | StateEvent;
