// @vitest-environment happy-dom
// Data in the form and in the panel of effects: chosen, refused, shared out, foreseen, judged.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleData, sampleEvaluation, sampleModel, samplePreview, samplePreviewRow, sampleRow, sampleState, sampleSummary } from '../api/sample';
import type { Foresight, MethodForm } from '../api/schema';
import { takeData } from '../commands/data';
import { watchDriven, foresight, isWorkedOut, working, workOut } from '../state/driven';
import { evaluation, leftOut } from '../state/evaluation';
import { beginLevels, changeLevels } from '../state/levels';
import { preview, shown } from '../state/preview';
import { form, methods, PLAIN, requestOf, targets, wish } from '../state/prune';
import { select } from '../state/selection';
import { server } from '../state/session';
import { toasts } from '../state/toasts';
import { dialog, side } from '../state/view';
import { replaceRows } from '../state/weights';
import { shared } from './DataSection';
import { duration } from './DrivenPreview';
import { cosineText, EffectPanel, sourceText } from './EffectPanel';
import { numbersOf, scaleText } from './PictureForm';
import { PrunePanel } from './PrunePanel';

vi.stubGlobal('ResizeObserver', class {
  observe(): void {}
  disconnect(): void {}
});

const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const text = () => root.textContent!.replace(/\u00a0/g, ' ');
let replies: Record<string, object>;
let sent: { path: string; body: Record<string, unknown> }[];

const choice = (name: string, choices: string[], fallback: string) => ({ name, label: name, summary: '', kind: 'choice' as const, default: fallback, choices });
const WANDA: MethodForm = {
  name: 'wanda', label: 'Wanda', summary: '', driven: true, formats: ['2:4', 'unstructured'],
  params: [
    { ...choice('sparsity', [], ''), kind: 'fraction' }, choice('order', ['sequential', 'one-pass'], 'sequential'),
    { ...choice('rounds', [], ''), kind: 'number', default: 10 },
  ],
};
const FOUND: Foresight = { bytes: 51_000_000, runs: 2, samples: 320, seconds: 40, layers: 2, skipped: [{ layer: 'lstm', reason: 'data cannot reach it: its input is hidden' }] };

beforeEach(() => {
  document.body.append(root);
  replies = { '/api/data': { data: null, wants: [{ name: 'x', wants: 'float32 [N, 4, 8, 8]' }], kinds: [] } };
  sent = [];
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    sent.push({ path, body: init?.body ? JSON.parse(String(init.body)) as Record<string, unknown> : {} });
    const answer = replies[path];
    if (answer === undefined) return new Promise(() => {});
    return 'message' in answer ? Response.json(answer, { status: 400 }) : Response.json(answer);
  });
  methods.value = {
    methods: [{ name: 'magnitude', label: 'Magnitude', summary: '', driven: false, formats: ['2:4', 'unstructured'], params: [choice('scope', [], '')] }, WANDA],
    formats: [{ name: '2:4', family: 'nm', glyph: 'nm', label: '2:4', least: 0.5 }, { name: 'unstructured', family: 'unstructured', glyph: 'unstructured', label: 'unstructured', least: 0 }],
  };
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, layer: 'conv2', tensor: 'conv2.weight' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = { ...PLAIN, method: 'wanda' };
  side.value = 'prune';
  preview.value = null;
  shown.value = null;
});
afterEach(() => {
  render(null, root);
  root.remove();
  side.value = 'none';
});

/** The last data that were asked for. */
const asked = () => sent.findLast((one) => one.path === '/api/data' && 'path' in one.body)?.body;

let serial = 100;
function open(data = sampleData() as ReturnType<typeof sampleData> | null, edits: string[] = []): void {
  serial += 1;
  const history = { edits: edits.map((label) => ({ label, sparsity: 0.5 })), position: edits.length, saved: 0 };
  server.value = sampleState({ model: sampleModel({ serial }), data, history });
}

it('asks for data where there are none, says what the model wants, and lets nothing be applied', async () => {
  open(null);
  render(<PrunePanel />, root);
  await settled();
  expect(text()).toContain('Data for calibration');
  expect(text()).toContain('x float32 [N, 4, 8, 8]');
  expect([...root.querySelectorAll<HTMLButtonElement>('.data-choices button')].map((one) => one.textContent)).toEqual(['Choose…', 'Synthetic']);
  expect(root.querySelector<HTMLButtonElement>('.panel-foot .primary')!.disabled).toBe(true);
});

it('keeps a refusal in sight until other data are taken, and forgets it with the model', async () => {
  open(null);
  render(<PrunePanel />, root);
  await vi.waitFor(() => expect(text()).toContain('x float32'));
  replies['/api/data'] = { message: 'some.npz: nothing fits.', hint: 'm.onnx wants x.', code: 'data' };
  expect(await takeData({ path: '/data/some.npz' })).toBe(false);
  await vi.waitFor(() => expect(root.querySelector('[role="alert"]')!.textContent).toContain('m.onnx wants x.'));
  replies['/api/data'] = { data: null, wants: [], kinds: [] };
  open(null);
  await settled();
  expect(root.querySelector('[role="alert"]')).toBeNull();
});

it('tells of data where the user looks: in the panel that shows them, else as a toast', async () => {
  open(null);
  replies['/api/data'] = { message: 'some.npz: nothing fits.', hint: 'm.onnx wants x.', code: 'data' };
  const told = async () => {
    toasts.value = [];
    await takeData({ path: '/data/some.npz' });
    return toasts.value.map((one) => one.text);
  };
  expect(await told()).toEqual([]);
  // The form shows data only where it goes by them.
  form.value = PLAIN;
  expect((await told()).join()).toContain('nothing fits');
  side.value = 'sensitivity';
  expect(await told()).toEqual([]);
  replies['/api/data'] = { data: sampleData(), wants: [], kinds: [] };
  expect(await told()).toEqual([]);
  side.value = 'prune';
  expect((await told()).join()).toContain('400 samples of some.npz');
  form.value = { ...PLAIN, method: 'wanda' };
  expect(await told()).toEqual([]);
});

it('asks for the tokenizer that a text lacks, and reads the same text with it', async () => {
  open(null);
  render(<PrunePanel />, root);
  await vi.waitFor(() => expect(text()).toContain('x float32'));
  replies['/api/data'] = { message: 'Text needs a tokenizer.json.', hint: '', code: 'tokenizer' };
  await takeData({ path: '/data/lines.txt' });
  await settled();
  [...root.querySelectorAll<HTMLButtonElement>('[role="alert"] button')].at(0)!.click();
  expect(dialog.value).toMatchObject({ kind: 'open', file: 'tokenizer' });
  if (dialog.value?.kind === 'open') dialog.value.answer('/data/tokenizer.json');
  await settled();
  expect(asked()).toEqual({ path: '/data/lines.txt', tokenizer: '/data/tokenizer.json' });
});

it('tells how samples are shared out, what is synthetic, and that one sample judges nothing', async () => {
  expect(shared(sampleData())).toBe('320 of 400 samples calibrate, 80 judge; 10 classes');
  expect(shared(sampleData({ samples: 1, calibration: 1, held_out: 0, classes: null }))).toBe('1 sample calibrates');
  open(sampleData({ synthetic: true, samples: 1, calibration: 1, held_out: 0 }));
  render(<PrunePanel />, root);
  expect(root.querySelector('.tag-warn')!.textContent).toBe('synthetic');
  expect(text()).toContain('Of a single sample nothing is held out');
});

it('shows how data are read, and reads them anew with another share', async () => {
  open();
  render(<PrunePanel />, root);
  root.querySelector<HTMLButtonElement>('.data-used .link')!.click();
  await settled();
  expect(text()).toContain('float32 [N, 4, 8, 8] fed float32 [1, 4, 8, 8]');
  const field = root.querySelector<HTMLInputElement>('[aria-label="Samples that calibrate"]')!;
  field.value = '1000';
  field.dispatchEvent(new Event('change', { bubbles: true }));
  await settled();
  expect(asked()).toEqual({ path: '/data/some.npz', calibration: 399, pictures: null, tokenizer: null, provider: 'CPU' });
});

it('lets what runs the model be chosen where there is a choice, and keeps it and the tokenizer with other shares and data', async () => {
  replies['/api/data'] = { data: null, wants: [], kinds: [], providers: ['CUDA', 'CPU'] };
  open(sampleData({ tokenizer: '/data/tokenizer.json' }));
  render(<PrunePanel />, root);
  root.querySelector<HTMLButtonElement>('.data-used .link')!.click();
  await vi.waitFor(() => expect(root.querySelector('[aria-label="What runs the model"]')).not.toBeNull());
  const list = root.querySelector<HTMLSelectElement>('[aria-label="What runs the model"]')!;
  expect([list.value, ...[...list.options].map((one) => one.value)]).toEqual(['CPU', 'CUDA', 'CPU']);
  list.value = 'CUDA';
  list.dispatchEvent(new Event('change', { bubbles: true }));
  await settled();
  expect(asked()).toEqual({ path: '/data/some.npz', calibration: 320, pictures: null, tokenizer: '/data/tokenizer.json', provider: 'CUDA' });
  open(sampleData({ provider: 'CUDA' }));
  await takeData({ path: '/data/other.npz' });
  expect(asked()).toEqual({ path: '/data/other.npz', provider: 'CUDA' });
});

it('offers no choice of what runs the model where there is none', async () => {
  replies['/api/data'] = { data: null, wants: [{ name: 'x', wants: 'float32' }], kinds: [], providers: ['CPU'] };
  open();
  render(<PrunePanel />, root);
  root.querySelector<HTMLButtonElement>('.data-used .link')!.click();
  await settled();
  expect(root.querySelector('.data-details')).not.toBeNull();
  expect(root.querySelector('[aria-label="What runs the model"]')).toBeNull();
});

it('a method by data has no border over all, takes its own parameters, and no live preview', () => {
  open();
  form.value = { ...form.value, scope: 'global', criterion: 'threshold', params: { order: 'one-pass' } };
  expect(requestOf(form.value, targets.value)).toMatchObject({ method: 'wanda', scope: 'layer', threshold: null, sparsity: 0.5, order: 'one-pass' });
  expect(wish.value).toBeNull();
  form.value = { ...form.value, method: 'magnitude' };
  expect(requestOf(form.value, targets.value)).not.toHaveProperty('order');
  expect(wish.value).not.toBeNull();
});

it('builds fields of the method, and sends only what is changed', async () => {
  open();
  render(<PrunePanel />, root);
  const details = root.querySelector<HTMLDetailsElement>('.method-params')!;
  expect([...details.querySelectorAll('.field > span:first-child')].map((one) => one.textContent)).toEqual(['order', 'rounds']);
  const field = details.querySelector<HTMLInputElement>('[aria-label="rounds"]')!;
  field.value = '4';
  field.dispatchEvent(new Event('change', { bubbles: true }));
  expect(form.value.params).toEqual({ rounds: 4 });
  field.value = '10';
  field.dispatchEvent(new Event('change', { bubbles: true }));
  expect(form.value.params).toEqual({});
});

it('tells beforehand what it takes and who stays; a slider does not ask again', async () => {
  open();
  replies['/api/foresight'] = FOUND;
  const stop = watchDriven();
  render(<PrunePanel />, root);
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect(text()).toContain('320 samples, 2 times');
  expect(text()).toContain('≈ 40 s');
  expect(text()).toContain('≤ 51.0 MB');
  expect(text()).toContain('data cannot reach it: its input is hidden');
  form.value = { ...form.value, sparsity: 0.7 };
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect(sent.filter((one) => one.path === '/api/foresight').map((one) => one.body['timed'])).toEqual([false, true]);
  form.value = { ...form.value, params: { order: 'one-pass' } };
  expect(foresight.value).toBeNull();
  stop();
});

it('works a preview out on demand, with errors of layers; a changed wish takes it away', async () => {
  open();
  replies['/api/preview'] = {
    rows: [samplePreviewRow({ layer_error: 0.125 })], sparsity_before: 0, sparsity_after: 0.5, kept_energy: 0.9, skipped: [],
    bytes_before: 1, bytes_after: 1, model_before: 0, model_after: 0.5,
  };
  const stop = watchDriven();
  render(<PrunePanel />, root);
  const leave = () => root.querySelector('.panel-foot .btn')!.textContent;
  expect(leave()).toBe('Cancel');
  // Beside the progress there is a Cancel already, and it is another one.
  working.value = true;
  await settled();
  expect(leave()).toBe('Close');
  working.value = false;
  await workOut();
  await settled();
  expect(isWorkedOut.value).toBe(true);
  expect(text()).toContain('12.5 % mean error');
  expect(root.querySelector('.plan-head')!.textContent).toContain('error');
  form.value = { ...form.value, sparsity: 0.6 };
  expect(shown.value).toBeNull();
  stop();
});

it('a table of levels stays in the form by data too: before the preview, and in it', async () => {
  open();
  replies['/api/foresight'] = FOUND;
  replies['/api/preview'] = samplePreview({ rows: [samplePreviewRow({ layer_error: 0.125 })] });
  beginLevels();
  const stop = watchDriven();
  render(<PrunePanel />, root);
  await new Promise((resolve) => setTimeout(resolve, 320));
  const fields = () => [...root.querySelectorAll<HTMLInputElement>('input.level')].map((one) => one.value);
  expect(fields()).toEqual(['50 %', '50 %']);
  await workOut();
  await settled();
  expect(fields()).toEqual(['50 %', '50 %']);
  expect(root.querySelectorAll('.plan-head')).toHaveLength(1);
  expect(root.querySelector('.plan-head')!.textContent).toContain('error');
  expect(text()).toContain('12.5 %');
  // Another level asks for another preview, and takes as long: nobody has to be asked how long again.
  const before = sent.filter((one) => one.path === '/api/foresight').length;
  changeLevels({ conv1: 0.7 });
  await new Promise((resolve) => setTimeout(resolve, 320));
  expect([shown.value, sent.filter((one) => one.path === '/api/foresight').length]).toEqual([null, before]);
  stop();
});

it('judges the edits: accuracy with its spread, drift, layers, and which samples said so', async () => {
  open(sampleData(), ['Prune conv1 to 50 % by Wanda']);
  side.value = 'effect';
  evaluation.value = sampleEvaluation();
  leftOut.value = { position: 1, layers: [0, 1].map(() => ({ layer: 'lstm', reason: 'data cannot reach it' })) };
  render(<EffectPanel />, root);
  expect(text()).toContain('90.0 %before80.0 %now−10.0 points');
  expect(text()).not.toContain('inside the spread');
  expect(text()).toContain('0.9987');
  expect(text()).toContain('97.5 %');
  expect(text()).toContain('0.0123 nats');
  expect(root.querySelector('.effect-row')!.textContent).toContain('12.0');
  expect(text()).toContain('some.npz: 320 samples calibrated, 80 others judged against the model as it was opened.');
  expect(text()).toContain('1 layer stays as it is');
  expect(text().split('data cannot reach it')).toHaveLength(2);
  expect(text()).not.toContain('Synthetic data.');
  evaluation.value = sampleEvaluation({ synthetic: true, source: 'synthetic:64', accuracy_after: { top1: 0.88, top5: null, output: 'y', samples: 80, error: 0.04 } });
  await settled();
  expect(text()).toContain('Synthetic data.');
  expect(text()).toContain('inside the spread');
  expect(sourceText(evaluation.value)).toContain('made up');
  // 1.25 points, of which each figure is rounded by itself: the difference is that of the figures shown.
  const of = (top1: number) => ({ top1, top5: null, output: 'y', samples: 80, error: 0.04 });
  evaluation.value = sampleEvaluation({ accuracy_before: of(0.8125), accuracy_after: of(0.8) });
  await settled();
  expect(text()).toContain('81.3 %before80.0 %now−1.3 points');
  evaluation.value = sampleEvaluation({ accuracy_before: of(0.8), accuracy_after: of(0.8) });
  await settled();
  expect(text()).toContain('now0.0 points');
});

it('keeps to what was opened when the model is saved under another name, and marks what is undone', async () => {
  open(sampleData(), ['Prune conv1 to 50 % by Wanda']);
  side.value = 'effect';
  render(<EffectPanel />, root);
  expect(text()).toContain('Opened m.onnx');
  server.value = { ...server.value!, history: { ...server.value!.history, saved: 1, position: 0 } };
  await settled();
  expect(text()).toContain('The model is as it was opened.');
  expect(text()).not.toContain('Opened m.onnx');
  expect(root.querySelector('.history .later .num')!.textContent).toMatch(/^undone · /);
});

it('offers to measure layers that no method told, and names those that data do not reach', async () => {
  open(sampleData(), ['Prune conv1 to 50 %']);
  const conv = sampleEvaluation().layers[0]!;
  evaluation.value = sampleEvaluation({ layers: [{ ...conv, error: null }, { ...conv, weight: 1, layer: 'conv2', error: null, reason: 'no held-out sample reaches it' }] });
  render(<EffectPanel />, root);
  expect(root.querySelector('.work-out')!.textContent).toBe('Measure 1 more');
  expect(text()).toContain('no held-out sample reaches it');
});

it('writes cosines, times, scales and lists as people do', () => {
  expect([1, 0.99999995, 0.9987, 0.5, -0.2].map(cosineText)).toEqual(['1', '> 0.999999', '0.9987', '0.500', '-0.200']);
  expect([0.2, 40, 130, 7200].map(duration)).toEqual(['1 s', '40 s', '2 min', '2.0 h']);
  expect(scaleText(1 / 255)).toBe('1/255');
  expect(scaleText(1)).toBe('1');
  expect(numbersOf('0.5, 1/255 2')).toEqual([0.5, 1 / 255, 2]);
  expect(numbersOf('a')).toBeNull();
});
