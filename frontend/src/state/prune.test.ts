// The prune form: what it sends, when it asks for a preview and a comparison, what it says without one.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { samplePreview, sampleRow, sampleSummary } from '../api/sample';
import { compared, watchCompare } from './compare';
import { floorOf, form, PLAIN, preview, previewing, previewProblem, prunable, requestOf, watchPreview } from './prune';
import { select } from './selection';
import { side } from './view';
import { mergeRows, replaceRows } from './weights';

const ANSWER = samplePreview();
const fetched = vi.fn<typeof fetch>();
const bodyOf = (at: number) => JSON.parse(fetched.mock.calls[at]![1]!.body as string) as Record<string, unknown>;
const rest = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Answers after some time, unless it is given up before. */
function slow(ms: number): void {
  fetched.mockImplementation((_, init) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(Response.json(ANSWER)), ms);
    init?.signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('', 'AbortError'));
    });
  }));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fetched);
  fetched.mockReset().mockImplementation(async () => Response.json(ANSWER));
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, kind: 'embedding' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = PLAIN;
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
  const wanted = { ...PLAIN, format: '2:4' };
  expect(requestOf(wanted, [sampleRow()]).sparsity).toBeNull();
  expect(requestOf({ ...wanted, sparsity: 0.7 }, [sampleRow()]).sparsity).toBe(0.7);
  expect(requestOf(PLAIN, [sampleRow()]).sparsity).toBe(0.5);
});

it('sends a budget, spared ends and a threshold only where they are wanted', () => {
  const plain = requestOf(PLAIN, [sampleRow()]);
  expect(plain).not.toHaveProperty('budget');
  expect(plain).not.toHaveProperty('keep_ends');
  const overall = { ...PLAIN, scope: 'global-rms' as const, budget: 'overall' as const, keepEnds: true };
  expect(requestOf(overall, [sampleRow()])).toMatchObject({ scope: 'global-rms', budget: 'overall', keep_ends: true, sparsity: 0.5, threshold: null });
  // Over all weights together a share has to be said, whatever N:M makes by itself.
  expect(requestOf({ ...overall, format: '2:4', sparsity: 0.3 }, [sampleRow()]).sparsity).toBe(0.3);
  const border = requestOf({ ...overall, criterion: 'threshold', threshold: 0.02 }, [sampleRow()]);
  expect(border).toMatchObject({ sparsity: null, threshold: 0.02, scope: 'layer' });
  expect(border).not.toHaveProperty('budget');
  expect(requestOf({ ...PLAIN, criterion: 'threshold', format: '2:4' }, [sampleRow()]).threshold).toBeNull();
});

it('asks once after changes in one go, only while the form is open', async () => {
  const stop = watchPreview();
  await rest(500);
  expect(fetched).not.toHaveBeenCalled();
  side.value = 'prune';
  for (const sparsity of [0.6, 0.7, 0.8]) form.value = { ...form.value, sparsity };
  expect(previewing.value).toBe(true);
  await rest(500);
  expect(fetched).toHaveBeenCalledTimes(1);
  expect(bodyOf(0)).toMatchObject({ weights: [0], sparsity: 0.8 });
  expect(preview.value).toEqual(ANSWER);
  expect(previewing.value).toBe(false);
  // A measurement that comes in is no reason to ask again.
  mergeRows([sampleRow({ sparsity: 0.51 })], sampleSummary([]));
  await rest(500);
  expect(fetched).toHaveBeenCalledTimes(1);
  stop();
});

it('follows a moving slider: answers come in meanwhile, the last wish is always answered', async () => {
  slow(100);
  const stop = watchPreview();
  side.value = 'prune';
  for (let step = 1; step <= 30; step += 1) {
    form.value = { ...form.value, sparsity: step / 100 };
    await rest(20);
  }
  const during = fetched.mock.calls.length;
  expect(during).toBeGreaterThan(2);
  expect(during).toBeLessThan(10);
  expect(preview.value).toEqual(ANSWER);
  await rest(1000);
  expect(bodyOf(fetched.mock.calls.length - 1)).toMatchObject({ sparsity: 0.3 });
  expect(previewing.value).toBe(false);
  stop();
});

it('gives up a slow question for a newer one, and keeps the last answer in sight', async () => {
  const stop = watchPreview();
  side.value = 'prune';
  await rest(100);
  slow(5000);
  form.value = { ...form.value, sparsity: 0.6 };
  await rest(100);
  form.value = { ...form.value, sparsity: 0.7 };
  await rest(100);
  expect(fetched).toHaveBeenCalledTimes(2);
  await rest(1000);
  expect(fetched).toHaveBeenCalledTimes(3);
  expect(fetched.mock.calls[1]![1]!.signal!.aborted).toBe(true);
  expect([preview.value, previewing.value]).toEqual([ANSWER, true]);
  await rest(5000);
  expect(previewing.value).toBe(false);
  stop();
});

it('asks again when a layer is protected', async () => {
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  mergeRows([sampleRow({ protected: true })], sampleSummary([]));
  await rest(500);
  expect(fetched).toHaveBeenCalledTimes(2);
  stop();
});

it('tells why there is no preview', async () => {
  fetched.mockImplementation(async () => Response.json({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' }, { status: 400 }));
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  expect(preview.value).toBeNull();
  expect(previewProblem.value).toEqual({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' });
  stop();
});

it('compares formats once the preview has come to rest, at the share that a threshold comes to', async () => {
  const row = { format: '2:4', sparsity: 0.5, zeros: 144, kept_energy: 0.8, storage: '2:4', bytes: 100, skipped: 0, why: null };
  fetched.mockImplementation(async (path) => Response.json(path === '/api/compare' ? { rows: [row] } : ANSWER));
  const stops = [watchPreview(), watchCompare()];
  side.value = 'prune';
  form.value = { ...PLAIN, criterion: 'threshold', threshold: 0.02 };
  await rest(100);
  expect(fetched).toHaveBeenCalledTimes(1);
  await rest(1000);
  expect(fetched).toHaveBeenCalledTimes(2);
  expect(bodyOf(1)).toMatchObject({ threshold: null, sparsity: 0.5, scope: 'global' });
  expect(compared.value).toEqual([row]);
  side.value = 'none';
  expect(compared.value).toBeNull();
  for (const stop of stops) stop();
});
