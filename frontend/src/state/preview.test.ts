// What the form would do: the numbers follow a slider, the whole preview comes when it rests.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { samplePreview, sampleRow, sampleSummary } from '../api/sample';
import type { Outlook } from '../api/schema';
import { compared, comparing, watchCompare } from './compare';
import { answered, preview, previewing, previewProblem, settling, shown, watchPreview } from './preview';
import { form, PLAIN, type Form } from './prune';
import { select } from './selection';
import { side } from './view';
import { mergeRows, replaceRows } from './weights';

const ANSWER = samplePreview();
const asked: { path: string; body: Record<string, unknown>; stopped: boolean }[] = [];
let delays: Record<string, number>;
let replies: Record<string, (body: Record<string, unknown>) => unknown>;
const rest = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const times = (path: string) => asked.filter((one) => one.path === path).length;
const last = (path: string) => asked.findLast((one) => one.path === path)!;
const set = (change: Partial<Form>) => {
  form.value = { ...form.value, ...change };
};

/** As the server: after the weight's own numbers, the share that was asked for. */
function outlook(body: Record<string, unknown>): Outlook {
  const after = body['sparsity'] as number;
  return {
    exact: true, rows: [{ weight: 0, layer: 'conv1', before: 0.1, after, kept_energy: 0.9, skipped: null, border: 0.2 }],
    sparsity_before: 0.1, sparsity_after: after, kept_energy: 0.9, skipped: [], model_before: 0.1, model_after: after,
  };
}

function refused(code: string, message: string): () => never {
  return () => {
    throw { message, hint: 'Ask for more.', code };
  };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  delays = { '/api/outlook': 5, '/api/preview': 5, '/api/compare': 5 };
  replies = { '/api/outlook': outlook, '/api/preview': () => ANSWER, '/api/compare': () => ({ rows: [] }) };
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => new Promise((resolve, reject) => {
    const one = { path, body: JSON.parse(init.body as string) as Record<string, unknown>, stopped: false };
    asked.push(one);
    const timer = setTimeout(() => {
      try {
        resolve(Response.json(replies[path]!(one.body)));
      } catch (problem) {
        resolve(Response.json(problem, { status: 400 }));
      }
    }, delays[path]);
    init.signal?.addEventListener('abort', () => {
      one.stopped = true;
      clearTimeout(timer);
      reject(new DOMException('', 'AbortError'));
    });
  }));
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, kind: 'embedding' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = PLAIN;
});
afterEach(() => {
  side.value = 'none';
  vi.useRealTimers();
});

it('asks only while the form is open, and once after changes in one go', async () => {
  const stop = watchPreview();
  await rest(500);
  expect(asked).toEqual([]);
  side.value = 'prune';
  for (const sparsity of [0.6, 0.7, 0.8]) set({ sparsity });
  expect([previewing.value, settling.value]).toEqual([true, true]);
  await rest(500);
  expect([times('/api/outlook'), times('/api/preview')]).toEqual([1, 1]);
  expect(last('/api/preview').body).toMatchObject({ weights: [0], sparsity: 0.8 });
  expect(preview.value).toEqual(ANSWER);
  expect(shown.value).toMatchObject({ ...ANSWER, exact: true });
  expect([previewing.value, settling.value]).toEqual([false, false]);
  // A measurement that comes in is no reason to ask again.
  mergeRows([sampleRow({ sparsity: 0.51 })], sampleSummary([]));
  await rest(500);
  expect(asked).toHaveLength(2);
  stop();
});

it('shows the numbers of each place of a moving slider; what is slow waits until it rests', async () => {
  delays['/api/preview'] = 300;
  const stop = watchPreview();
  side.value = 'prune';
  await rest(1000);
  const before = times('/api/preview');
  for (let step = 1; step <= 30; step += 1) {
    set({ sparsity: step / 100 });
    await rest(16);
    expect(shown.value!.sparsity_after).toBe(step / 100);
    expect([previewing.value, settling.value]).toEqual([false, true]);
  }
  expect(times('/api/preview')).toBe(before);
  expect(shown.value!.rows[0]).toMatchObject({ before: { sparsity: 0.1, format: 'dense' }, after: { sparsity: 0.3, format: 'unstructured' } });
  await rest(1000);
  expect(times('/api/preview')).toBe(before + 1);
  expect(last('/api/preview').body).toMatchObject({ sparsity: 0.3 });
  expect(settling.value).toBe(false);
  stop();
});

it('one question at a time, the last wish is always answered', async () => {
  delays['/api/outlook'] = 100;
  delays['/api/preview'] = 1000;
  const stop = watchPreview();
  side.value = 'prune';
  for (let step = 1; step <= 30; step += 1) {
    set({ sparsity: step / 100 });
    await rest(20);
  }
  expect(times('/api/outlook')).toBeLessThan(9);
  expect(asked.some((one) => one.path === '/api/outlook' && one.stopped)).toBe(false);
  await rest(150);
  expect(shown.value!.sparsity_after).toBe(0.3);
  stop();
});

it('there and back: the numbers are those of the form again, whatever is still on its way', async () => {
  replies['/api/preview'] = (body) => samplePreview({ sparsity_after: body['sparsity'] as number });
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  const first = preview.value;
  // The numbers of the other place are in sight, its preview is under way.
  delays['/api/preview'] = 300;
  set({ sparsity: 0.8 });
  await rest(100);
  expect(shown.value!.sparsity_after).toBe(0.8);
  set({ sparsity: PLAIN.sparsity });
  await rest(0);
  expect([shown.value!.sparsity_after, previewing.value, settling.value]).toEqual([PLAIN.sparsity, false, false]);
  await rest(2000);
  expect(preview.value).toBe(first);
  expect(shown.value!.sparsity_after).toBe(PLAIN.sparsity);
  // And where its numbers come only after the way back.
  delays['/api/outlook'] = 200;
  set({ sparsity: 0.9 });
  await rest(50);
  set({ sparsity: PLAIN.sparsity });
  await rest(2000);
  expect([shown.value!.sparsity_after, previewing.value]).toEqual([PLAIN.sparsity, false]);
  stop();
});

it('there and back where there was no preview: why not is told again', async () => {
  replies['/api/preview'] = (body) => refused('nothing', `Nothing was pruned at ${body['sparsity'] as number}.`)();
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  delays['/api/preview'] = 300;
  set({ sparsity: 0.8 });
  await rest(100);
  expect([shown.value!.sparsity_after, previewProblem.value]).toEqual([0.8, null]);
  set({ sparsity: PLAIN.sparsity });
  await rest(1000);
  expect([shown.value, previewProblem.value?.message]).toEqual([null, `Nothing was pruned at ${PLAIN.sparsity}.`]);
  stop();
});

it('where only the mask tells, previews follow, and a slow one gives way to a newer wish', async () => {
  replies['/api/outlook'] = () => null;
  const stop = watchPreview();
  side.value = 'prune';
  await rest(200);
  delays['/api/preview'] = 5000;
  set({ sparsity: 0.6 });
  await rest(100);
  set({ sparsity: 0.7 });
  await rest(100);
  expect(times('/api/preview')).toBe(2);
  await rest(1000);
  expect(times('/api/preview')).toBe(3);
  expect(asked.filter((one) => one.path === '/api/preview')[1]!.stopped).toBe(true);
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
  expect([times('/api/outlook'), times('/api/preview')]).toEqual([2, 2]);
  stop();
});

it('tells why there is no preview', async () => {
  for (const path of ['/api/outlook', '/api/preview']) replies[path] = refused('nothing', 'Nothing was pruned.');
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  expect([shown.value, preview.value]).toEqual([null, null]);
  expect(previewProblem.value).toEqual({ message: 'Nothing was pruned.', hint: 'Ask for more.', code: 'nothing' });
  stop();
});

it('keeps what is shown when a newer wish took over on the server', async () => {
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  replies['/api/preview'] = refused('cancelled', 'A newer preview took over.');
  set({ sparsity: 0.9 });
  await rest(500);
  expect([shown.value!.sparsity_after, previewProblem.value, settling.value]).toEqual([0.9, null, true]);
  stop();
});

it('is gone when the form closes', async () => {
  const stop = watchPreview();
  side.value = 'prune';
  await rest(500);
  side.value = 'node';
  expect([shown.value, preview.value, answered.value, previewing.value]).toEqual([null, null, null, false]);
  stop();
});

it('compares formats once the preview has come to rest, at the share that a threshold comes to', async () => {
  const row = { format: '2:4', sparsity: 0.5, zeros: 144, kept_energy: 0.8, storage: '2:4', bytes: 100, skipped: 0, why: null };
  replies['/api/compare'] = () => ({ rows: [row] });
  const stops = [watchPreview(), watchCompare()];
  side.value = 'prune';
  form.value = { ...PLAIN, criterion: 'threshold', threshold: 0.02 };
  await rest(100);
  expect(times('/api/compare')).toBe(0);
  await rest(1000);
  expect(last('/api/compare').body).toMatchObject({ threshold: null, sparsity: 0.5, scope: 'global' });
  expect(compared.value).toEqual([row]);
  side.value = 'none';
  expect(compared.value).toBeNull();
  for (const stop of stops) stop();
});

it('there and back: the comparison in sight is that of the form, and not on its way', async () => {
  const stops = [watchPreview(), watchCompare()];
  side.value = 'prune';
  await rest(1000);
  const before = times('/api/compare');
  delays['/api/preview'] = 500;
  set({ sparsity: 0.8 });
  await rest(100);
  expect(comparing.value).toBe(true);
  set({ sparsity: PLAIN.sparsity });
  await rest(2000);
  expect([comparing.value, times('/api/compare')]).toEqual([false, before]);
  for (const stop of stops) stop();
});
