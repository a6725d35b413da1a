// The data that the model is pruned and judged by: in use, being read, refused; and what the model wants.
import { computed, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { dataApi } from '../api/data';
import type { DataFacts, DataRequest, DataState, Problem } from '../api/schema';
import { model, server } from './session';

/** Null: none are chosen. */
export const data = computed(() => server.value?.data ?? null);

/** What the open model wants, and which kinds of data are read; null until asked. */
const asked = signal<{ serial: number; found: DataState } | null>(null);
export const wanted = computed(() => (asked.value?.serial === model.value?.serial ? asked.value?.found ?? null : null));

/** The same data, read with a change: how they were read otherwise stays. */
export function readAgain(facts: DataFacts, change: Partial<DataRequest>): DataRequest {
  const { path, calibration, pictures, tokenizer, provider } = facts;
  return { path, calibration, pictures, tokenizer, provider, ...change };
}

/** True while data are read. */
export const reading = signal(false);

/** Why the last data were refused, with the model that refused them. */
const refused = signal<{ serial: number; problem: Problem; request?: DataRequest } | null>(null);

/** What was asked for when the refusal in sight came. */
export const refusedRequest = computed(() => (refused.value?.serial === model.value?.serial ? refused.value?.request ?? null : null));
export const dataProblem = computed(() => (refused.value?.serial === model.value?.serial ? refused.value?.problem ?? null : null));

/** Asks once per model what it wants. */
export async function learnWanted(): Promise<void> {
  const serial = model.value?.serial;
  if (serial === undefined || asked.peek()?.serial === serial) return;
  try {
    const found = await dataApi.data();
    asked.value = { serial, found };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    refused.value = { serial, problem: error.problem };
  }
}

/** Uses other data from now on, or none; a refusal is kept in `dataProblem`. Null: refused or called off. */
export async function useData(request: DataRequest): Promise<DataState | null> {
  const serial = model.value?.serial;
  if (serial === undefined || reading.peek()) return null;
  reading.value = true;
  refused.value = null;
  try {
    return await dataApi.use(request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code !== 'cancelled') refused.value = { serial, problem: error.problem, request };
    return null;
  } finally {
    reading.value = false;
  }
}
