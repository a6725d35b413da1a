// The prune panel and its dialogs: what they say about an edit, a recipe, a way to store.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Preview } from '../api/schema';
import { samplePreview, samplePreviewRow, sampleModel, sampleRow, sampleState, sampleSummary } from '../api/sample';
import { absoluteBins, reachOf } from '../canvas/border-paint';
import { spansOf } from '../canvas/budget-paint';
import { compared } from '../state/compare';
import { preview, shown } from '../state/preview';
import { form, methods, PLAIN } from '../state/prune';
import { cut, spread } from '../state/prune-picture';
import { stepText } from '../state/recipe';
import { select } from '../state/selection';
import { server } from '../state/session';
import { catalogue } from '../state/storage';
import { side } from '../state/view';
import { replaceRows } from '../state/weights';
import { sampleHistogram, sampleMask } from '../api/sample-weight';
import { BudgetBar } from './BudgetBar';
import { CompareTable } from './CompareTable';
import { PruneForm } from './PruneForm';
import { PrunePicture } from './PrunePicture';
import { PrunePreview } from './PrunePreview';
import { PruneRuntimes, runtimeWords } from './PruneRuntimes';
import { RecipeDialog } from './RecipeDialog';
import { refusal, SaveDialog } from './SaveDialog';
import { target } from '../state/budget';
import type { SaveChoice } from '../state/view';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const text = () => root.textContent!.replace(/\u00a0/g, ' ');
let replies: Record<string, object>;

/** The preview of the form, answered. */
function shows(made: Preview): void {
  preview.value = made;
  shown.value = { ...made, exact: true };
}

const format = (name: string, family: string, least: number) => ({ name, family, glyph: 'nm', label: name, least });
const param = (name: string) => ({ name, label: name, summary: '', kind: 'choice' as const, default: null, choices: [] });

beforeEach(() => {
  document.body.append(root);
  replies = {};
  vi.stubGlobal('fetch', async (path: string) => (replies[path] ? Response.json(replies[path]) : new Promise(() => {})));
  server.value = sampleState({ model: sampleModel() });
  catalogue.value = { storages: [{ name: '2:4', label: '2:4 packed', glyph: 'nm' }], runtimes: [{ name: 'tensorrt', label: 'TensorRT 2:4', rule: '', source: '' }] };
  methods.value = {
    methods: [{ name: 'magnitude', label: 'Magnitude', summary: '', formats: ['2:4', 'unstructured'], params: [param('threshold'), param('scope')], driven: false }],
    formats: [format('2:4', 'nm', 0.5), format('unstructured', 'unstructured', 0)],
  };
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, layer: 'conv2', tensor: 'conv2.weight', protected: true })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = PLAIN;
  shows(samplePreview());
});
afterEach(() => {
  render(null, root);
  side.value = 'none';
});

it('tells bytes, what is kept, and who stays as it is with the reason and a lock', () => {
  shows(samplePreview({
    rows: [samplePreviewRow(), samplePreviewRow({ weight: 1, layer: 'conv2', skipped: 'protected from pruning' })],
    skipped: [{ layer: 'conv2', reason: 'protected from pruning' }], bytes_before: 1_769_000, bytes_after: 763_000,
  }));
  render(<PrunePreview />, root);
  expect(text()).toContain('1.77 MB → 763 KB −1.01 MB');
  expect(text()).toContain('90.0 % of squared');
  expect(text()).toContain('1 layer stays as it is');
  expect(root.querySelector('.plan-skip')!.textContent).toContain('protected from pruning');
  expect(root.querySelectorAll('.plan-skip .lock')).toHaveLength(1);
  expect(root.querySelectorAll('.plan-row:not(.plan-head)')).toHaveLength(1);
});

it('marks every number that a sample told, and says how, until the exact one is there', async () => {
  const row = samplePreviewRow({ border: 0.0173 });
  const made = samplePreview({ rows: [row], model_after: 0.4321 });
  const draw = async () => {
    render(<><PrunePreview /><BudgetBar /></>, root);
    await settled();
  };
  spread.value = { weight: row.weight, found: sampleHistogram({}) };
  const marks = () => [...root.querySelectorAll<HTMLElement>('.preview-line .tile, .preview-line .kept b, .plan-row .tile, .plan-row .num, .cut-labels .accent, .budget-head .accent')]
    .filter((one) => one.textContent !== 'kept').map((one) => one.textContent!.includes('≈'));
  shown.value = { ...made, exact: false };
  await draw();
  // Before, after, kept; the same of the layer; the border; the whole model. What is there already was counted.
  expect(marks()).toEqual([false, true, true, false, true, true, true, true]);
  for (const one of root.querySelectorAll('.preview-line .tile:last-of-type, .preview-line .kept, .plan-row .num[title]')) {
    expect(one.getAttribute('title')).toContain('sample');
  }
  shows(made);
  await draw();
  expect(marks()).toEqual([false, false, false, false, false, false, false, false]);
});

it('switches between a share, a threshold, spreads and a budget', async () => {
  render(<PruneForm />, root);
  const click = async (label: string) => {
    [...root.querySelectorAll<HTMLElement>('button, label')].find((one) => one.textContent!.includes(label))!.click();
    await settled();
  };
  await click('normalised');
  expect(form.value.scope).toBe('global-rms');
  await click('Exactly this share');
  expect(form.value.budget).toBe('overall');
  await click('Keep the first');
  expect(form.value.keepEnds).toBe(true);
  await click('Give a threshold');
  expect(form.value.criterion).toBe('threshold');
  expect(text()).not.toContain('Spread');
  const field = root.querySelector<HTMLInputElement>('[aria-label="Threshold on |w|"]')!;
  field.value = '0.25';
  field.dispatchEvent(new Event('change', { bubbles: true }));
  expect(form.value.threshold).toBe(0.25);
  await click('N:M');
  expect(root.querySelector('[aria-label="Threshold on |w|"]')).toBeNull();
});

it('draws no border of real values among the steps of a quantized weight', () => {
  const row = samplePreviewRow({ border: 0.0173 });
  shows(samplePreview({ rows: [row] }));
  spread.value = { weight: 0, found: sampleHistogram({ integer: true, width: 1, start: -128, max: 127, min: -128 }) };
  render(<PrunePicture />, root);
  expect(text()).toContain('kept: real |w| from 0.0173');
  expect(text()).toContain('steps');
  spread.value = { weight: 0, found: sampleHistogram() };
  render(null, root);
  render(<PrunePicture />, root);
  expect(text()).toContain('kept: |w| from 0.0173');
  expect(text()).not.toContain('steps');
});

it('switches the format by a click on the table of formats, and says where one cannot be', async () => {
  const row = { sparsity: 0.5, zeros: 144, kept_energy: 0.8, storage: '2:4', bytes: 940_000, skipped: 1, why: null };
  compared.value = [{ ...row, format: 'unstructured', skipped: 0 }, { ...row, format: '2:4' }, { ...row, format: '1:4', sparsity: null, bytes: null, why: 'Nothing was pruned: 3 inputs.' }];
  render(<CompareTable />, root);
  expect(text()).toContain('940 KB');
  expect(text()).toContain('3 inputs.');
  expect(text()).not.toContain('Nothing was pruned');
  expect(root.querySelector('tr.sel')!.textContent).toContain('unstructured');
  root.querySelectorAll<HTMLElement>('tbody tr')[1]!.click();
  await settled();
  expect(form.value.format).toBe('2:4');
});

it('says of runtimes only what eligibility says of the zeros as they would be', () => {
  const no = { tensorrt: { eligible: false, why: '18 of 72 groups violate 2:4' } };
  const yes = { tensorrt: { eligible: true, why: '2:4 in float16' } };
  const two = samplePreview({ rows: [samplePreviewRow({ runtimes: no }), samplePreviewRow({ weight: 1, runtimes: yes })] });
  expect(runtimeWords(two, (name) => name)).toEqual([{ label: 'tensorrt', eligible: 1, layers: 2, why: '18 of 72 groups violate 2:4' }]);
  preview.value = two;
  render(<PruneRuntimes />, root);
  expect(text()).toContain('TensorRT 2:4 could take 1 of 2 layers.');
  shows(samplePreview({ rows: [samplePreviewRow({ runtimes: no })], bytes_before: 200, bytes_after: 100 }));
  render(<PruneRuntimes />, root);
  render(null, root);
  render(<PruneRuntimes />, root);
  expect(text()).toContain('Saves bytes (200 B → 100 B), not time');
  expect(text()).toContain('18 of 72 groups violate 2:4');
  shows(samplePreview());
  render(null, root);
  render(<PruneRuntimes />, root);
  expect(text()).toBe('');
});

it('tells the share now, with the edit and the target, and reaches for it', async () => {
  side.value = 'prune';
  shows(samplePreview({ model_after: 0.75 }));
  target.value = 0.6;
  render(<BudgetBar />, root);
  expect(text()).toContain('now 50.00 %with this edit 75.00 %');
  const marker = root.querySelector<HTMLElement>('[role="slider"]')!;
  marker.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  expect(target.value).toBeCloseTo(0.61);
  await settled();
  [...root.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent!.includes('Reach'))!.click();
  expect(form.value).toMatchObject({ budget: 'overall', sparsity: 0.61 });
});

it('reaches for no target that is there already, and says so', async () => {
  const reach = () => [...root.querySelectorAll<HTMLButtonElement>('button')].find((one) => one.textContent!.includes('Reach'))!;
  target.value = 0.5;
  render(<BudgetBar />, root);
  expect([reach().disabled, reach().title.replace(/\u00a0/g, ' ')]).toEqual([true, '50.00 % of the model is zero already: set a higher target']);
  target.value = 0.51;
  await settled();
  expect(reach().disabled).toBe(false);
});

it('lists what was done and what the file brought', async () => {
  replies['/api/recipe'] = { schema: 'sparseview.recipe/1', source: { name: 'm.onnx', sha256: 'abcdef0123456789abcdef', bytes: 1000 }, protected: ['a'], steps: [{ action: 'prune', layers: ['a', 'b'], sparsity: 0.5, method: 'magnitude', format: '2:4' }] };
  replies['/api/recipe?embedded=1'] = { steps: [{ action: 'prune', threshold: 0.1 }] };
  render(<RecipeDialog />, root);
  await settled();
  expect(text()).toContain('Prune 2 layers to 50.0 % magnitude, 2:4');
  expect(text()).toContain('Prune, |w| below 0.1');
  expect(text()).toContain('abcdef0123456789…');
  expect(text()).toContain('1 weight protected');
});

it('writes steps in words and leaves out what is not said', () => {
  expect(stepText({ action: 'annotate' })).toEqual({ what: 'Annotate', how: '' });
  expect(stepText({ action: 'prune', format: '2:4', sparsity: null, scope: 'global-rms', budget: 'overall', keep_ends: true })).toEqual({
    what: 'Prune to 2:4', how: '2:4, one threshold, normalised, exactly overall, first and last kept',
  });
});

it('refuses to store what grows unless forced', async () => {
  const option = { store: 'onnx-sparse' as const, label: 'ONNX sparse tensors', bytes: 2000, change: 500, sparse: 2, left: [{ layer: 'fc', reason: 'too dense' }], grows: true };
  expect(refusal({ ...option, change: -1, grows: false })).toBeNull();
  replies['/api/stores'] = { bytes: 1500, options: [option] };
  let given: SaveChoice | null | undefined;
  render(<SaveDialog over answer={(choice) => { given = choice; }} />, root);
  await settled();
  expect(text()).toContain('≈ 2.00 KB, 500 B more');
  root.querySelector<HTMLInputElement>('input[value="onnx-sparse"]')!.click();
  await settled();
  expect(text()).toContain('The file would grow by 500 B');
  const over = () => [...root.querySelectorAll('button')].find((one) => one.textContent === 'Save over it')!;
  expect(over().disabled).toBe(true);
  root.querySelector<HTMLInputElement>('input[type="checkbox"]')!.click();
  await settled();
  expect(over().disabled).toBe(false);
  over().click();
  expect(given).toEqual({ where: 'over', store: 'onnx-sparse', force: true });
});

it('offers no save over a file that somebody else wrote meanwhile, and says so', async () => {
  replies['/api/stores'] = { bytes: 1500, options: [] };
  replies['/api/own-file'] = { message: 'm.onnx was changed by another program.', hint: 'Save under another name, or open it again.', code: 'changed' };
  let given: SaveChoice | null | undefined;
  render(<SaveDialog over answer={(choice) => { given = choice; }} />, root);
  await settled();
  const buttons = () => [...root.querySelectorAll('button')].map((one) => one.textContent);
  expect(buttons()).toEqual(['Cancel', 'Save as…']);
  expect(root.querySelector('[role="alert"]')!.textContent).toContain('changed by another program. Save under another name');
  expect(text()).not.toContain('is replaced in one step');
  root.querySelector<HTMLButtonElement>('.primary')!.click();
  expect(given).toEqual({ where: 'other' });
});

it('folds values to |w|, cuts off outliers and keeps the border in sight', () => {
  const bins = absoluteBins(sampleHistogram());
  // Bins -3..6 of 0.5: what lies in -0.5..0 joins what lies in 0..0.5, and so on.
  expect(bins.map((bin) => bin.count)).toEqual([9 + 4, 4 + 0, 1 + 1, 4, 0, 0, 1]);
  expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(24);
  expect(bins[0]).toMatchObject({ from: 0, to: 0.5 });
  expect(reachOf(bins, null)).toBeLessThanOrEqual(bins.at(-1)!.to);
  const long = [{ from: 0, to: 1, count: 1000 }, { from: 1, to: 100, count: 1 }];
  expect(reachOf(long, null)).toBe(1);
  expect(reachOf(long, 10)).toBeCloseTo(10.5);
});

it('cuts the corner out of a tile', () => {
  const tile = Uint8Array.from({ length: 2 * 256 * 256 }, (_, at) => (at % 256 < 96 ? 255 : 0));
  const mask = sampleMask({ height: 300, width: 400, tile: 256 });
  const found = cut(7, mask, tile);
  expect([found.height, found.width, found.rows, found.columns]).toEqual([96, 96, 300, 400]);
  expect(found.density.every((value) => value === 255)).toBe(true);
  const small = cut(7, sampleMask(), Uint8Array.from({ length: 2 * 12 * 15 }, (_, at) => at % 15));
  expect(Array.from(small.density.subarray(15, 18))).toEqual([0, 1, 2]);
});

it('joins cells that are too narrow, and none is lost', () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({ elements: 10, sparsity: at % 2, marked: at === 999 }));
  const spans = spansOf(many, 300);
  expect(spans.length).toBeLessThanOrEqual(100);
  expect([spans[0]!.from, spans.at(-1)!.to, spans.at(-1)!.marked]).toEqual([0, 300, true]);
  expect(spans[0]!.sparsity).toBeCloseTo(0.5, 0);
  expect(spansOf([{ elements: 1, sparsity: null, marked: false }], 100)).toEqual([{ from: 0, to: 100, sparsity: null, marked: false }]);
});
