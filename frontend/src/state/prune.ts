// The prune form: what is to be done, to which weights, and the request that says so.
import { computed, signal } from '@preact/signals';
import { api } from '../api/client';
import { isProtected, type Scope } from '../api/prune';
import type { Forms, PruneRequest, WeightRow } from '../api/schema';
import { selectedRows } from './selection';
import { history } from './session';
import { side } from './view';
import { rows } from './weights';

export interface Form {
  method: string;
  format: string;
  /** what decides: a share of zeros, a border that |w| has to reach, or how far the outputs may drift */
  criterion: 'amount' | 'threshold' | 'drift';
  /** the fraction of zeros wanted, 0..1 */
  sparsity: number;
  /** |w| below this goes */
  threshold: number;
  /** the least cosine of the outputs that is allowed */
  cosine: number;
  /** the target for each layer, or one |w| border over all of them, plain or by each layer's own size */
  scope: Scope;
  /** whether the target is for what can be pruned, or exactly for all of it together: alike, or by sensitivity */
  budget: 'uniform' | 'overall' | 'sensitivity';
  /** the first and the last layer of the model stay */
  keepEnds: boolean;
  /** a level for each layer by name, instead of one amount; null: no table */
  levels: Readonly<Record<string, number>> | null;
  /** parameters of a method that goes by data, where they are not the method's own */
  params: Readonly<Record<string, number | string>>;
}

export const PLAIN: Form = {
  method: 'magnitude', format: 'unstructured', criterion: 'amount', sparsity: 0.5, threshold: 0.01, cosine: 0.99, scope: 'layer', budget: 'uniform', keepEnds: false,
  levels: null, params: {},
};

/** What the server can do; null until asked. */
export const methods = signal<Forms | null>(null);

export const form = signal<Form>(PLAIN);

/** Weights that the form works on: those of the selected layers, embeddings apart. */
export const targets = computed<WeightRow[]>(() => prunable(selectedRows.value));

/** True while the server applies an edit. */
export const applying = signal(false);

/** Whether a method goes by data. */
export function isDriven(method: string): boolean {
  return methods.value?.methods.find((one) => one.name === method)?.driven ?? false;
}

/** Whether it cannot be worked out without data. */
export function goesByData(wanted: Form): boolean {
  return isDriven(wanted.method) || wanted.levels === null && (wanted.budget === 'sensitivity' || wanted.criterion === 'drift');
}

export function prunable(list: readonly WeightRow[]): WeightRow[] {
  return list.filter((row) => row.kind !== 'embedding' && row.problem === null);
}

/** Every weight of the model that a prune could change. */
export function everyWeight(): WeightRow[] {
  return prunable([...rows.value.values()]);
}

/** The smallest sparsity that a format implies (1 - N/M); 0 for the others. */
export function floorOf(format: string): number {
  const match = /^(\d+):(\d+)$/.exec(format);
  return match ? 1 - Number(match[1]) / Number(match[2]) : 0;
}

/** Only these have a border that one could give. */
export function takesThreshold(format: string): boolean {
  return format === 'unstructured';
}

export function requestOf(wanted: Form, weights: readonly WeightRow[]): PruneRequest {
  if (wanted.levels !== null) return byTable(wanted, wanted.levels, weights);
  const least = floorOf(wanted.format);
  const driven = isDriven(wanted.method);
  const border = wanted.criterion === 'threshold' && takesThreshold(wanted.format) && !driven;
  // N:M alone says how many zeros; only a wish beyond it is sent.
  const implied = least > 0 && wanted.sparsity <= least + 1e-9;
  const drift = wanted.criterion === 'drift';
  const whole = wanted.budget !== 'uniform' && !border;
  return {
    weights: weights.map((row) => row.id),
    method: wanted.method,
    format: wanted.format,
    sparsity: border || drift || (implied && !whole) ? null : wanted.sparsity,
    threshold: border ? wanted.threshold : null,
    // Scores by data are of one layer: there is no border over all.
    scope: border || driven || drift || wanted.budget === 'sensitivity' ? 'layer' : wanted.scope,
    ...(drift ? { min_cosine: wanted.cosine } : {}),
    ...(whole && !(drift && wanted.budget === 'overall') ? { budget: wanted.budget } : {}),
    ...(wanted.keepEnds ? { keep_ends: true } : {}),
    ...(driven ? wanted.params : {}),
  };
}

/** Layers that the table does not name stay as they are. */
function byTable(wanted: Form, levels: Readonly<Record<string, number>>, weights: readonly WeightRow[]): PruneRequest {
  const layers = new Set(weights.map((row) => row.layer));
  return {
    weights: weights.map((row) => row.id), method: wanted.method, format: wanted.format, sparsity: null, threshold: null, scope: 'layer',
    levels: Object.fromEntries(Object.entries(levels).filter(([layer]) => layers.has(layer))),
    ...(wanted.keepEnds ? { keep_ends: true } : {}),
    ...(isDriven(wanted.method) ? wanted.params : {}),
  };
}

export async function loadMethods(): Promise<void> {
  if (methods.value !== null) return;
  const answer = await api.methods();
  methods.value = answer;
  const first = answer.methods[0];
  if (first && !answer.methods.some((one) => one.name === form.value.method)) {
    form.value = { ...form.value, method: first.name };
  }
}

/**
 * What the open form asks for, and what else decides the outcome, as text; null while it is closed or has no layer.
 * Text, so that measurements that come in meanwhile do not ask again.
 */
export const wholeWish = computed<string | null>(() => {
  if (side.value !== 'prune' || targets.value.length === 0) return null;
  // What is protected changes the outcome too.
  const kept = targets.value.filter(isProtected).length;
  return JSON.stringify([history.value.position, kept, requestOf(form.value, targets.value)]);
});

/** The same for a preview at once; null where it goes by data: that takes its time, and waits until somebody asks for it. */
export const wish = computed<string | null>(() => (goesByData(form.value) ? null : wholeWish.value));

export function requestIn(text: string): PruneRequest {
  return (JSON.parse(text) as [number, number, PruneRequest])[2];
}
