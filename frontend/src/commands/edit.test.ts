// The commands that edit weights: prune, undo, and what they tell about it.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { select } from '../state/selection';
import { toasts } from '../state/toasts';
import { replaceRows } from '../state/weights';
import { form, PLAIN } from '../state/prune';
import { applyPrune, beyond, openPruneForm, outcome } from './edit';
import { command } from './list';

const dense = sampleRow({ zeros: 0, sparsity: 0, format: 'dense' });
const pruned = sampleRow({ zeros: 144, sparsity: 0.5, format: '2:4', edited: true });
const plain = (text: string) => text.replace(/\u00a0/g, ' ');

beforeEach(() => {
  const list = [dense, sampleRow({ id: 1, node: 1, layer: 'conv2', tensor: 'conv2.weight' }), sampleRow({ id: 2, node: 2, layer: 'fc', op: 'Gemm', shape: [10, 8] })];
  replaceRows(list, sampleSummary(list));
  toasts.value = [];
});

it('says what a prune came to, and what stayed', () => {
  // Two weights of one layer stay: one layer does.
  expect(plain(outcome([dense, sampleRow({ id: 9, node: 9 }), sampleRow({ id: 10, node: 9 })], [pruned]))).toBe('Pruned 1 layer, 0 % → 50.0 %, 1 unchanged');
});

it('opens the form with more zeros than there are', () => {
  expect(beyond(0.5, 0)).toBe(0.5);
  expect(beyond(0.5, 0.5)).toBe(0.55);
  expect(beyond(0.5, 0.9649)).toBe(0.97);
  expect(beyond(0.5, 0.9951)).toBe(0.9952);
  expect(beyond(0.5, 1)).toBe(0.5);
});

it('prunes what is selected to 2:4 and offers the way back', async () => {
  const calls: [string, unknown][] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push([path, JSON.parse(init.body as string)]);
    return Response.json(path === '/api/prune' ? { label: 'x', revision: 1, rows: [pruned] } : { revision: 0, label: null });
  });
  select([0]);
  await command('prune.to-2:4').run();
  expect(calls[0]).toEqual(['/api/prune', { weights: [0], method: 'magnitude', format: '2:4', sparsity: null, threshold: null, scope: 'layer' }]);
  const [told] = toasts.value;
  expect(plain(told!.text)).toBe('Pruned 1 layer, 0 % → 50.0 %');
  told!.action!.run();
  await Promise.resolve();
  expect(calls[1]![0]).toBe('/api/undo');
  expect(toasts.value).toEqual([]);
});

it('tells a refusal and changes nothing', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' }, { status: 400 }));
  await applyPrune({ ...PLAIN, sparsity: 0.1 }, [dense]);
  expect(toasts.value[0]).toMatchObject({ tone: 'alert', text: 'Nothing was pruned.', hint: 'Ask for more.' });
});

it('opens the form without a table of levels that is about other layers', () => {
  form.value = { ...PLAIN, levels: { conv2: 0.7 } };
  select([1]);
  openPruneForm();
  expect(form.value.levels).toEqual({ conv2: 0.7 });
  select([2]);
  openPruneForm();
  expect(form.value.levels).toBeNull();
  form.value = PLAIN;
});
