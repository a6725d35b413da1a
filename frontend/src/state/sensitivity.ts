// How much the outputs drift when one layer alone is pruned, by level: what is measured, and levels made of it.
import { computed, effect, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { dataApi } from '../api/data';
import type { LayerSensitivity, Problem, Sensitivity, SweepRequest } from '../api/schema';
import { colourMode } from './canvas';
import { data } from './data';
import { history, job, model } from './session';
import { side } from './view';

/** What is measured of the open model; null: nothing yet. */
export const sensitivity = signal<Sensitivity | null>(null);
export const sweepProblem = signal<Problem | null>(null);

/** True from the wish to sweep until it ended. */
export const sweeping = signal(false);

/** The level at which layers are compared, 0..1; the nearest measured one counts. */
export const comparedLevel = signal(0.6);

/** Levels that a sweep measures. */
export const sweepLevels = signal<readonly number[]>([0.4, 0.6, 0.85]);

/** How levels are made of the sweep: to a share of zeros, or as sparse as a drift allows. */
export const aim = signal<{ readonly by: 'share' | 'drift'; readonly share: number; readonly cosine: number }>({ by: 'share', share: 0.6, cosine: 0.99 });

/** The layer that the pointer is on, by weight. */
export const pointed = signal<number | null>(null);

/** 1 − cosine of the outputs at the level nearest to `level`; null: not measured. */
export function driftAt(layer: LayerSensitivity, level: number): number | null {
  let best: { drift: number; away: number } | null = null;
  for (const point of layer.points) {
    const away = Math.abs(point.level - level);
    if (point.cosine === null || (best !== null && away >= best.away)) continue;
    best = { drift: Math.max(0, 1 - point.cosine), away };
  }
  return best?.drift ?? null;
}

/** Drift of each weight at the compared level. */
export const driftOf = computed<ReadonlyMap<number, number>>(() => {
  const found = new Map<number, number>();
  for (const layer of sensitivity.value?.layers ?? []) {
    const drift = driftAt(layer, comparedLevel.value);
    if (drift === null) continue;
    for (const weight of layer.weights) found.set(weight, drift);
  }
  return found;
});

/** The most sensitive first; what is not measured last. */
export const ranked = computed<LayerSensitivity[]>(() =>
  (sensitivity.value?.layers ?? []).toSorted((a, b) => (driftAt(b, comparedLevel.value) ?? -1) - (driftAt(a, comparedLevel.value) ?? -1)));

/** While it is measured the curves grow, but not at every step. */
const EVERY_MS = 700;

const looked = computed(() => side.value === 'sensitivity' || colourMode.value === 'sensitivity');

/** Ends with the model and its data: nothing that was asked before is about those that follow. */
let era = new AbortController();

/** Questions are numbered: an older answer never takes the place of a newer one. */
let asked = 0;
let taken = 0;

/** Follows what is measured while somebody looks at it. */
export function watchSensitivity(): () => void {
  let about: string | null = null;
  let last: string | null = null;
  return effect(() => {
    const now = JSON.stringify([model.value?.serial, data.value]);
    if (now !== about) {
      // At the start nothing is to be ended: the reason of an end takes the page's script read again.
      if (about !== null) era.abort();
      about = now;
      era = new AbortController();
      sensitivity.value = null;
      sweepProblem.value = null;
    }
    const text = looked.value && model.value !== null && data.value !== null ? JSON.stringify([now, history.value.position]) : null;
    if (text === last) return;
    last = text;
    sweepProblem.value = null;
    if (text !== null) void look();
  });
}

async function look(): Promise<void> {
  asked += 1;
  const mine = asked;
  const { signal: ended } = era;
  const late = () => ended.aborted || mine < taken;
  try {
    const found = await dataApi.sensitivity();
    if (late()) return;
    taken = mine;
    sensitivity.value = found;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (!late()) sweepProblem.value = error.problem;
  }
}

/** Measures what is missing; what came in until it is called off stays, and is not measured again. */
export async function sweep(request: SweepRequest): Promise<void> {
  if (sweeping.peek()) return;
  sweeping.value = true;
  sweepProblem.value = null;
  const { signal: ended } = era;
  const timer = setInterval(() => {
    if (job.peek() !== null) void look();
  }, EVERY_MS);
  try {
    const found = await dataApi.sweep(request);
    if (ended.aborted) return;
    asked += 1;
    taken = asked;
    sensitivity.value = found;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (ended.aborted) return;
    if (error.code !== 'cancelled') sweepProblem.value = error.problem;
    await look();
  } finally {
    clearInterval(timer);
    sweeping.value = false;
  }
}
