// Sections of the panel about runtimes and bytes: what is marked, estimated, asked for and said.
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENT, sampleRow, unmeasured } from '../api/sample';
import type { Catalogue, Gzip, WeightRow } from '../api/schema';
import { catalogue, packed, storedIn } from '../state/storage';
import { toasts } from '../state/toasts';
import { RuntimesSection } from './RuntimesSection';
import { ofDense, StorageSection } from './StorageSection';
import { WeightSection } from './WeightSection';

const CATALOGUE: Catalogue = {
  storages: [
    { name: 'dense', label: 'dense', glyph: 'dense' }, { name: 'gzip', label: 'gzip of dense', glyph: 'dense' },
    { name: 'bitmask', label: 'bitmask', glyph: 'unstructured' }, { name: '2:4', label: '2:4 packed', glyph: 'nm' },
  ],
  runtimes: [
    { name: 'tensorrt', label: 'TensorRT 2:4', rule: 'Two of four.', source: 'Developer Guide 8.6' },
    { name: 'onnxruntime_cpu', label: 'ONNX Runtime CPU', rule: 'Dense kernels.', source: 'Its sources' },
  ],
};
const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));
let asked: string[] = [];
let estimate: Gzip = { bytes: 700, exact: false };
let refused: object | null = null;

const text = () => root.textContent!.replace(/\u00a0/g, ' ');
const lines = () => [...root.querySelectorAll('.storage tr')].map((line) => line.textContent!.replace(/\u00a0/g, ' '));

async function show(row: WeightRow): Promise<void> {
  render(<StorageSection row={row} />, root);
  await vi.waitFor(() => expect(asked.some((path) => path.includes('gzip')) && catalogue.value).toBeTruthy(), PATIENT);
  await settled();
}

beforeEach(() => {
  document.body.append(root);
  asked = [];
  refused = null;
  estimate = { bytes: 700, exact: false };
  catalogue.value = null;
  packed.value = null;
  toasts.value = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(`${init.method ?? 'GET'} ${path}`);
    if (path === '/api/catalogue') return Response.json(CATALOGUE);
    if (refused) return Response.json(refused, { status: 409 });
    return Response.json(init.method === 'POST' ? { bytes: 650, exact: true } : estimate);
  });
});
afterEach(() => render(null, root));

describe('bytes by storage format', () => {
  it('come in the order of the list, of dense, without what cannot hold the weight', async () => {
    await show(sampleRow());
    expect(lines()).toEqual([
      'dense1,152100.0 %', 'gzip of dense≈ 70060.8 %', 'bitmask smallest61253.1 %', 'coo2,880250.0 %', 'csr1,188103.1 %',
      'BSR 4×4, int321,236107.3 %', 'onnx_sparse1,728150.0 %',
    ]);
  });
  it('mark the smallest by a word and a bold number, also where it is an estimate', async () => {
    estimate = { bytes: 100, exact: false };
    await show(sampleRow());
    const marked = [...root.querySelectorAll('.storage tr.smallest')];
    expect(marked.map((line) => line.textContent)).toEqual([expect.stringContaining('gzip of dense smallest≈ 100')]);
  });
  it('tell the storage of a format of its own', () => {
    const row = sampleRow({ bytes: { dense: 100, 'bsr:16x16': 40, '1:4': 30, gzip: null } });
    expect(storedIn(row, null, CATALOGUE).map((one) => [one.label, one.glyph, one.smallest])).toEqual([
      ['dense', 'dense', false], ['BSR 16×16, int32', 'block', false], ['1:4 packed', 'nm', true],
    ]);
  });
  it('turn an estimate into a count on demand', async () => {
    await show(sampleRow());
    expect(text()).toContain('from a sample');
    root.querySelector<HTMLButtonElement>('.estimate button')!.click();
    await vi.waitFor(() => expect(lines()[1]).toBe('gzip of dense65056.4 %'), PATIENT);
    expect(asked).toEqual(['GET /api/catalogue', 'GET /api/weight/0/gzip', 'POST /api/weight/0/gzip']);
    expect(root.querySelector('.estimate')).toBeNull();
  });
  it('ask again for another value of the weight, and never show the old one', async () => {
    await show(sampleRow());
    render(<StorageSection row={sampleRow({ zeros: 280, bytes: { dense: 1152, bitmask: 68, gzip: null } })} />, root);
    expect(text()).not.toContain('≈');
    await vi.waitFor(() => expect(lines()[1]).toContain('≈ 700'), PATIENT);
    expect(asked.filter((path) => path.includes('gzip'))).toHaveLength(2);
  });
  it('say nothing of a stopped compression, and what is wrong of a failed one', async () => {
    refused = { message: 'The work was cancelled.', hint: '', code: 'cancelled' };
    await show(sampleRow());
    expect(toasts.value).toEqual([]);
    refused = { message: 'The file has changed.', hint: 'Open it again.', code: 'changed' };
    await show(sampleRow());
    expect(JSON.stringify(toasts.value)).toContain('The file has changed.');
  });
  it('are never told as 0 % or cut at 100 %', () => {
    expect(ofDense(0.0001).replace(/\u00a0/g, ' ')).toBe('< 0.1 %');
    expect(ofDense(4.5).replace(/\u00a0/g, ' ')).toBe('450.0 %');
  });
});

describe('runtimes', () => {
  it('say by a word and a mark who could take the zeros, and why not', async () => {
    const runtimes = { tensorrt: { eligible: true, why: '2:4 in float16' }, onnxruntime_cpu: { eligible: false, why: 'runs, no gain from zeros' } };
    render(<RuntimesSection row={sampleRow({ runtimes })} />, root);
    await settled();
    const rows = [...root.querySelectorAll('.runtimes tr')];
    expect(rows.map((row) => row.textContent)).toEqual(['TensorRT 2:4eligible: 2:4 in float16', 'ONNX Runtime CPUruns, no gain from zeros']);
    expect(rows.map((row) => row.querySelector('[role=img]')!.getAttribute('aria-label'))).toEqual(['eligible', 'not eligible']);
    expect(rows[0]!.getAttribute('title')).toBe('Two of four.');
  });
  it('name each rule and its source, and promise no speed', async () => {
    render(<RuntimesSection row={sampleRow()} />, root);
    await settled();
    const rules = root.querySelector('.rules')!.textContent;
    expect(rules).toContain('Dense kernels. Its sources');
    expect(rules).toContain('only a measurement tells');
  });
  it('are told as their keys until their names have come', () => {
    render(<RuntimesSection row={sampleRow()} />, root);
    expect(text()).toContain('tensorrt');
  });
});

it('nothing is said of a weight that is not measured', async () => {
  render(<WeightSection row={unmeasured()} />, root);
  await settled();
  expect(root.querySelector('.runtimes, .storage')).toBeNull();
  expect(asked).toEqual([]);
  render(<WeightSection row={sampleRow()} />, root);
  expect([...root.querySelectorAll('.runtimes, .storage')].map((one) => one.classList[1])).toEqual(['runtimes', 'storage']);
});
