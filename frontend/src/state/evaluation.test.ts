// What the edits did: an answer about another state of the model is never shown as that of this one.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleData, sampleEvaluation, sampleModel, sampleState } from '../api/sample';
import { evaluateLayers, evaluating, evaluation, watchEvaluation } from './evaluation';
import { server } from './session';
import { side } from './view';

let asked: { layers: boolean; answer: (found: object) => void }[];
let serial = 700;

function edited(label: string, calibration = 320): void {
  server.value = sampleState({
    model: sampleModel({ serial }), data: sampleData({ calibration }), history: { edits: [{ label, sparsity: 0.5 }], position: 1, saved: 0 },
  });
}

beforeEach(() => {
  serial += 1;
  asked = [];
  vi.stubGlobal('fetch', (_path: string, init?: RequestInit) => new Promise((resolve) => {
    const layers = init?.body ? (JSON.parse(String(init.body)) as { layers: boolean }).layers : false;
    asked.push({ layers, answer: (found) => resolve(Response.json(found)) });
  }));
});
afterEach(() => {
  side.value = 'none';
  server.value = null;
});

/** The model as it is, judged end to end: the answer to the question of that number. */
async function judged(question: number): Promise<void> {
  await vi.waitFor(() => expect(asked[question]?.layers).toBe(false));
  asked[question]!.answer(sampleEvaluation());
  await vi.waitFor(() => expect(evaluation.value).not.toBeNull());
}

it.each([
  ['another edit at the same place of the history', () => edited('Prune conv2 to 50 %')],
  ['other data', () => edited('Prune conv1 to 50 %', 200)],
  ['another model', () => { serial += 1; edited('Prune conv1 to 50 %'); }],
])('layers that were measured before %s are forgotten', async (_, turn) => {
  edited('Prune conv1 to 50 %');
  side.value = 'effect';
  const stop = watchEvaluation();
  await judged(0);
  const going = evaluateLayers();
  expect(evaluating.value).toBe(true);
  turn();
  await judged(2);
  const now = evaluation.value;
  asked[1]!.answer(sampleEvaluation({ source: 'before' }));
  await going;
  expect(evaluation.value).toBe(now);
  expect(evaluating.value).toBe(false);
  stop();
});

it('layers that were measured of the model as it is are shown', async () => {
  edited('Prune conv1 to 50 %');
  side.value = 'effect';
  const stop = watchEvaluation();
  await judged(0);
  const going = evaluateLayers();
  asked[1]!.answer(sampleEvaluation({ source: 'with layers' }));
  await going;
  expect([evaluation.value?.source, evaluating.value]).toEqual(['with layers', false]);
  stop();
});
