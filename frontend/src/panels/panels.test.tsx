// Sections of the side panel over hand-made rows: proof, claims, verdicts, the prune form.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleRow, sampleState, sampleSummary, unmeasured } from '../api/sample';
import type { WeightRow } from '../api/schema';
import { form, methods, PLAIN } from '../state/prune';
import { select } from '../state/selection';
import { server } from '../state/session';
import { replaceRows } from '../state/weights';
import { proofRows } from './FormatProof';
import { ModelPanel } from './ModelPanel';
import { axesText, NodePanel } from './NodePanel';
import { PruneForm } from './PruneForm';
import { WeightSection } from './WeightSection';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

const CLAIM = { sparsity: 0.5, format: '2:4', source: 'node_metadata', invalid: null };
const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

function textOf(row: WeightRow): string {
  render(<WeightSection row={row} />, root);
  return root.textContent!.replace(/\u00a0/g, ' ');
}

beforeEach(() => {
  document.body.append(root);
  vi.stubGlobal('fetch', () => new Promise(() => {}));
});
afterEach(() => render(null, root));

it('proves what is claimed first, then what holds, then the usual structures', () => {
  const row = sampleRow({
    declared: CLAIM, format: '1:4', satisfies: ['1:4', '2:8', '3:8', '9:32'],
    coverage: { '2:4': 0.99, '1:4': 1, '2:8': 1, 'bsr:4x4': 0.2, 'channel:out': 0, 'channel:in': 0 },
  });
  expect(proofRows(row)).toEqual(['2:4', '1:4', 'bsr:4x4', 'channel:out', 'channel:in']);
  expect(proofRows(sampleRow({ satisfies: ['9:32', '3:8'], coverage: {} }))).toEqual(['9:32']);
});

it('says which dimension is for what', () => {
  expect(axesText(sampleRow())).toBe('8 out × 4 in × 3 × 3');
  expect(axesText(sampleRow({ shape: [2, 4, 8], axes: { stack: [0], in: [1], out: [2], kernel: [] } }))).toBe('2 stacked × 4 in × 8 out');
});

it('keeps the name of a tensor on one line, however long, and the whole of it in its title', () => {
  const tensor = `bert/encoder/${'layer_._0/'.repeat(12)}kernel`;
  const list = [sampleRow({ tensor })];
  replaceRows(list, sampleSummary(list));
  select([0]);
  render(<NodePanel />, root);
  const name = root.querySelector<HTMLElement>('.tensor-name .middle')!;
  expect([name.title, name.parentElement!.textContent]).toEqual([tensor, `weight${tensor}`]);
  expect(root.querySelector('.panel-sub')!.textContent).toContain('8 out × 4 in × 3 × 3');
});

it('says of a model without weights that there is nothing to prune, and offers none', () => {
  server.value = sampleState({ model: sampleModel() });
  replaceRows([], sampleSummary([]));
  render(<ModelPanel />, root);
  expect(root.textContent).toContain('nothing to measure or prune');
  expect(root.textContent).not.toContain('Prune the whole model');
  replaceRows([sampleRow()], sampleSummary([sampleRow()]));
  render(<ModelPanel key="again" />, root);
  expect(root.textContent).toContain('Prune the whole model');
});

it('tells a claim, a measurement and their verdict apart', () => {
  expect(textOf(unmeasured({ declared: CLAIM }))).toContain('not measured yet');
  expect(textOf(sampleRow({ declared: CLAIM, agrees: true, satisfies: ['2:4'] }))).toContain('agrees');
  const broken = textOf(sampleRow({ declared: CLAIM, agrees: false, disagreements: ['18 groups violate it.'] }));
  expect(broken).toContain('does not hold');
  expect(broken).toContain('18 groups violate it.');
  expect(broken).toContain('Prune to 2:4…');
  expect(textOf(sampleRow({ declared: { ...CLAIM, invalid: 'A share of 7 is none.' }, agrees: null }))).toContain('A share of 7 is none.');
  expect(textOf(sampleRow({ declared: CLAIM, agrees: null, edited: true }))).toContain('saving writes the claim anew');
  expect(textOf(unmeasured({ problem: 'Its data file is missing.' }))).toContain('Its data file is missing.');
});

it('builds the form from what the server offers, and keeps the amount possible', async () => {
  const format = (name: string, family: string, least: number) => ({ name, family, glyph: 'nm', label: name, least });
  methods.value = {
    methods: [{ name: 'magnitude', label: 'Magnitude', summary: '', formats: ['2:4', '1:4', 'unstructured'], params: [], driven: false }],
    formats: [format('2:4', 'nm', 0.5), format('1:4', 'nm', 0.75), format('unstructured', 'unstructured', 0)],
  };
  replaceRows([sampleRow()], sampleSummary([sampleRow()]));
  select([0]);
  form.value = { ...PLAIN, sparsity: 0.3 };
  render(<PruneForm />, root);
  const choose = async (name: string) => {
    [...root.querySelectorAll<HTMLElement>('[role="radio"]')].find((one) => one.textContent === name)!.click();
    await settled();
  };
  expect([...root.querySelectorAll('[role="radio"]')].map((one) => one.textContent)).toEqual(['unstructured', 'N:M']);
  await choose('N:M');
  expect(form.value).toMatchObject({ format: '2:4', sparsity: 0.5 });
  await choose('1:4');
  expect(form.value).toMatchObject({ format: '1:4', sparsity: 0.75 });
  await choose('2:4');
  expect(form.value).toMatchObject({ format: '2:4', sparsity: 0.5 });
});
