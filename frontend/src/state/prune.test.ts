// The prune form: what it sends, when it asks for a preview, what it says without one.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { floorOf, form, preview, previewProblem, prunable, requestOf, watchPreview } from './prune';
import { select } from './selection';
import { side } from './view';
import { mergeRows, replaceRows } from './weights';

const ANSWER = { rows: [], sparsity_before: 0, sparsity_after: 0.5, kept_energy: 0.9, skipped: [] };
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fetched);
  fetched.mockReset().mockImplementation(async () => Response.json(ANSWER));
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, kind: 'embedding' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
});
afterEach(() => {
  side.value = 'none';
  vi.useRealTimers();
});

it('prunes weights, never embeddings or what cannot be read', () => {
  expect(prunable([sampleRow(), sampleRow({ id: 1, kind: 'embedding' }), sampleRow({ id: 2, problem: 'gone' })]).map((row) => row.id)).toEqual([0]);
});

it('lets N:M say its own share, and sends an amount only beyond it', () => {
  expect(floorOf('2:4')).toBe(0.5);
  expect(floorOf('unstructured')).toBe(0);
  const wanted = { method: 'magnitude', format: '2:4', sparsity: 0.5, scope: 'layer' as const };
  expect(requestOf(wanted, [sampleRow()]).sparsity).toBeNull();
  expect(requestOf({ ...wanted, sparsity: 0.7 }, [sampleRow()]).sparsity).toBe(0.7);
  expect(requestOf({ ...wanted, format: 'unstructured' }, [sampleRow()]).sparsity).toBe(0.5);
});

it('asks once after the form has come to rest, only while it is open', async () => {
  const stop = watchPreview();
  await vi.advanceTimersByTimeAsync(500);
  expect(fetched).not.toHaveBeenCalled();
  side.value = 'prune';
  for (const sparsity of [0.6, 0.7, 0.8]) form.value = { ...form.value, format: 'unstructured', sparsity };
  await vi.advanceTimersByTimeAsync(500);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(JSON.parse(fetched.mock.calls[0]![1]!.body as string)).toMatchObject({ weights: [0], sparsity: 0.8 });
  expect(preview.value).toEqual(ANSWER);
  // A measurement that comes in is no reason to ask again.
  mergeRows([sampleRow({ sparsity: 0.51 })], sampleSummary([]));
  await vi.advanceTimersByTimeAsync(500);
  expect(fetched).toHaveBeenCalledTimes(1);
  stop();
});

it('tells why there is no preview', async () => {
  fetched.mockImplementation(async () => Response.json({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' }, { status: 400 }));
  const stop = watchPreview();
  side.value = 'prune';
  await vi.advanceTimersByTimeAsync(500);
  expect(preview.value).toBeNull();
  expect(previewProblem.value).toEqual({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' });
  stop();
});
