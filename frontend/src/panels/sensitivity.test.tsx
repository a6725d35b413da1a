// @vitest-environment happy-dom
// Sensitivity: curves, ranks, levels made of them; the form's budgets by sensitivity and by drift.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleData, sampleModel, sampleRow, sampleState, sampleSummary } from '../api/sample';
import type { LayerSensitivity, Sensitivity } from '../api/schema';
import { takeLevels } from '../commands/sensitivity';
import { form, goesByData, methods, PLAIN, requestOf, targets, wish } from '../state/prune';
import { aim, comparedLevel, driftAt, driftOf, ranked, sensitivity, sweep, sweepLevels, watchSensitivity } from '../state/sensitivity';
import { select } from '../state/selection';
import { server } from '../state/session';
import { side } from '../state/view';
import { replaceRows } from '../state/weights';
import { PruneForm } from './PruneForm';
import { cellText, SensitivityPanel } from './SensitivityPanel';
import { pathOf, scaleFor } from './SensitivityPlot';

const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const text = () => root.textContent!.replace(/\u00a0/g, ' ');
let replies: Record<string, object>;
let sent: { path: string; body: Record<string, unknown> }[];

const layer = (id: number, name: string, ...drifts: (number | null)[]): LayerSensitivity => ({
  weights: [id], layer: name, elements: 288, reason: null,
  points: drifts.map((drift, at) => ({ level: [0.6, 0.85][at]!, cosine: drift === null ? null : 1 - drift, relative_l2: null })),
});
const FOUND: Sensitivity = {
  method: 'wanda', format: 'unstructured', label: 'Pruned by Wanda', done: 4, total: 4, held_out: 8, synthetic: false, stale: false,
  layers: [layer(0, 'conv1', 0.001, 0.2), layer(1, 'conv2', 0.05, 0.06), { ...layer(2, 'lstm'), reason: 'data cannot reach it' }],
};

beforeEach(() => {
  document.body.append(root);
  replies = {};
  sent = [];
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    sent.push({ path, body: init?.body ? JSON.parse(String(init.body)) as Record<string, unknown> : {} });
    const answer = replies[path];
    return answer === undefined ? new Promise(() => {}) : Response.json(answer, { status: 'message' in answer ? 409 : 200 });
  });
  methods.value = {
    methods: [
      { name: 'magnitude', label: 'Magnitude', summary: '', driven: false, formats: ['unstructured'], params: [{ name: 'scope', label: 'Scope', summary: '', kind: 'choice', default: 'layer', choices: [] }] },
      { name: 'wanda', label: 'Wanda', summary: '', driven: true, formats: ['unstructured'], params: [] },
    ],
    formats: [{ name: 'unstructured', family: 'unstructured', glyph: 'unstructured', label: 'unstructured', least: 0 }],
  };
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, layer: 'conv2', tensor: 'conv2.weight' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = { ...PLAIN, method: 'wanda' };
  server.value = sampleState({ model: sampleModel({ serial: 40 }), data: sampleData() });
  side.value = 'sensitivity';
  sensitivity.value = FOUND;
  comparedLevel.value = 0.6;
  sweepLevels.value = [0.6, 0.85];
});
afterEach(() => {
  render(null, root);
  root.remove();
  sensitivity.value = null;
  side.value = 'none';
});

it('ranks layers at the chosen level, the nearest measured one where it is not', () => {
  expect(ranked.value.map((one) => one.layer)).toEqual(['conv2', 'conv1', 'lstm']);
  comparedLevel.value = 0.85;
  expect(ranked.value.map((one) => one.layer)).toEqual(['conv1', 'conv2', 'lstm']);
  expect(driftAt(FOUND.layers[0]!, 0.9)).toBeCloseTo(0.2);
  expect(driftAt(layer(3, 'broken', null), 0.6)).toBeNull();
  expect([...driftOf.value.keys()]).toEqual([0, 1]);
});

it('draws a curve through what is measured, higher for more drift', () => {
  const scale = scaleFor(FOUND.layers);
  const [, from, to] = /M[\d.]+,([\d.]+)L[\d.]+,([\d.]+)/.exec(pathOf(FOUND.layers[0]!, scale))!;
  expect(Number(to)).toBeLessThan(Number(from));
  expect(pathOf(layer(3, 'broken', 0.1, null), scale)).toMatch(/^M[^L]+$/);
  expect(scale.x(1)).toBeGreaterThan(scale.x(0.85));
});

it('tells in words what the curves show, and who cannot take part', async () => {
  render(<SensitivityPanel />, root);
  const lines = [...root.querySelectorAll('.sens-row:not(.plan-head)')].map((one) => one.textContent);
  expect(lines).toEqual(['conv20.05000.0600', 'conv10.001000.200', 'lstmdata cannot reach it']);
  expect(root.querySelector<HTMLButtonElement>('.sens-deed .primary')!.textContent).toBe('Measured');
  sensitivity.value = { ...FOUND, done: 2, synthetic: true, stale: false };
  await settled();
  expect(root.querySelector<HTMLButtonElement>('.sens-deed .primary')!.textContent).toBe('Go on: 2 of 4 measured');
  expect(text()).toContain('Synthetic data.');
  sensitivity.value = { ...FOUND, stale: true };
  await settled();
  expect(text()).toContain('Measured before the last edit');
  expect(root.querySelector<HTMLButtonElement>('.sens-deed .primary')!.disabled).toBe(false);
});

it('writes small drifts so that they fit their column', () => {
  expect([0, 0.0361, 0.00123, 0.000773, 2e-7, -3e-8].map(cellText)).toEqual(['0', '0.0361', '0.00123', '7.7e-4', '2.0e-7', '-3.0e-8']);
});

it('a sweep that is called off keeps what came in', async () => {
  sensitivity.value = null;
  replies['/api/sensitivity'] = { message: 'The work was cancelled.', hint: '', code: 'cancelled' };
  const going = sweep({ weights: [0], method: 'wanda', at: sweepLevels.value });
  replies['/api/sensitivity'] = { ...FOUND, done: 1 };
  await going;
  expect(sensitivity.value).toMatchObject({ done: 1 });
});

/** A server that answers when it is told to, the newest question first if need be. */
function slow(): { path: string; posted: boolean; answer: (found: object | null) => void }[] {
  const asked: ReturnType<typeof slow> = [];
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => new Promise((resolve) => {
    asked.push({ path, posted: init?.method === 'POST', answer: (found) => resolve(Response.json(found)) });
  }));
  return asked;
}

it('an answer on the way while the sweep ended does not take back what the sweep found', async () => {
  const asked = slow();
  const stop = watchSensitivity();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  const going = sweep({ weights: [0], method: 'wanda', at: sweepLevels.value });
  asked.find((one) => one.posted)!.answer(FOUND);
  await going;
  asked.find((one) => !one.posted)!.answer({ ...FOUND, done: 1 });
  await settled();
  expect(sensitivity.value).toMatchObject({ done: 4 });
  stop();
});

it('nothing of one model is shown for another, nor for other data', async () => {
  const asked = slow();
  const stop = watchSensitivity();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  asked[0]!.answer(FOUND);
  await vi.waitFor(() => expect(sensitivity.value).toEqual(FOUND));
  const going = sweep({ weights: [0], method: 'wanda', at: sweepLevels.value });
  side.value = 'none';
  server.value = sampleState({ model: sampleModel({ serial: 41 }), data: sampleData() });
  expect(sensitivity.value).toBeNull();
  asked.find((one) => one.posted)!.answer(FOUND);
  await going;
  expect(sensitivity.value).toBeNull();
  side.value = 'sensitivity';
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  asked[2]!.answer({ ...FOUND, done: 2 });
  await vi.waitFor(() => expect(sensitivity.value?.done).toBe(2));
  server.value = sampleState({ model: sampleModel({ serial: 41 }), data: sampleData({ path: '/data/other.npz' }) });
  expect(sensitivity.value).toBeNull();
  stop();
});

it('takes levels to a share, or as far as a drift allows, into the form', async () => {
  replies['/api/sensitivity/levels'] = { method: 'wanda', format: 'unstructured', levels: { conv1: 0.7 }, sparsity: 0.6, cosine: 0.98 };
  aim.value = { by: 'drift', share: 0.6, cosine: 0.99 };
  await takeLevels();
  expect(sent.at(-1)!.body).toEqual({ cosine: 0.99 });
  expect(side.value).toBe('prune');
  expect(form.value).toMatchObject({ method: 'wanda', levels: { conv1: 0.7 } });
  expect(targets.value.map((row) => row.layer)).toEqual(['conv1']);
  aim.value = { by: 'share', share: 0.6, cosine: 0.99 };
  await takeLevels();
  expect(sent.at(-1)!.body).toEqual({ target: 0.6 });
});

it('budgets by sensitivity and limits of drift go by data, whatever the method', () => {
  side.value = 'prune';
  form.value = { ...PLAIN, scope: 'global', budget: 'sensitivity', sparsity: 0.6 };
  expect(goesByData(form.value)).toBe(true);
  expect(wish.value).toBeNull();
  expect(requestOf(form.value, targets.value)).toMatchObject({ method: 'magnitude', scope: 'layer', budget: 'sensitivity', sparsity: 0.6 });
  form.value = { ...PLAIN, criterion: 'drift', cosine: 0.995 };
  expect(requestOf(form.value, targets.value)).toMatchObject({ sparsity: null, threshold: null, min_cosine: 0.995 });
  expect(requestOf(form.value, targets.value)).not.toHaveProperty('budget');
  form.value = { ...form.value, budget: 'sensitivity' };
  expect(requestOf(form.value, targets.value)).toMatchObject({ min_cosine: 0.995, budget: 'sensitivity' });
  form.value = { ...form.value, levels: { conv1: 0.5 } };
  expect(goesByData(form.value)).toBe(false);
});

it('offers them in the form once there are data', async () => {
  side.value = 'prune';
  form.value = PLAIN;
  render(<PruneForm />, root);
  const choices = () => [...root.querySelectorAll('[aria-label="Spread"] button')].map((one) => one.textContent);
  expect(choices()).toEqual(['each alike', 'one threshold', 'normalised', 'sensitivity']);
  expect(text()).toContain('Go as far as the outputs allow instead');
  server.value = sampleState({ model: sampleModel({ serial: 40 }), data: null });
  await settled();
  expect(choices()).toEqual(['each alike', 'one threshold', 'normalised']);
  expect(text()).not.toContain('Go as far');
});
