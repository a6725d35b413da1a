// Rows come in slices, and measurements wait while the camera moves.
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary, unmeasured } from '../api/sample';
import { visible } from './canvas';
import { expectRows, loadRows, takeRows } from './rows';
import { rows } from './weights';

const SLICES: Record<string, object> = {
  '/api/weights?from=0': { revision: 0, rows: [unmeasured()], summary: sampleSummary([]), next: 1 },
  '/api/weights?from=1': { revision: 0, rows: [unmeasured({ id: 1 })], summary: sampleSummary([]), next: null },
};

beforeAll(() => {
  vi.useFakeTimers();
});

beforeEach(async () => {
  await vi.advanceTimersByTimeAsync(1000);
  vi.stubGlobal('fetch', async (path: string) => Response.json(SLICES[path]));
  rows.value = new Map();
  expectRows();
});

it('joins the slices', async () => {
  await loadRows(() => true);
  expect([...rows.value.keys()]).toEqual([0, 1]);
});

it('forgets them when nobody waits any more', async () => {
  await loadRows(() => false);
  expect(rows.value.size).toBe(0);
});

it('shows measurements once the camera stands, and the newest of each weight', async () => {
  await loadRows(() => true);
  await vi.advanceTimersByTimeAsync(1000);
  visible.value = { x: 0, y: 0, width: 1, height: 1 };
  const measured = (sparsity: number) => takeRows({ type: 'measured', revision: 0, rows: [sampleRow({ sparsity })], summary: sampleSummary([]) });
  measured(0.25);
  measured(0.5);
  expect(rows.value.get(0)!.measured).toBe(false);
  await vi.advanceTimersByTimeAsync(1000);
  expect(rows.value.get(0)!.sparsity).toBe(0.5);
});

it('shows an edit at once', async () => {
  await loadRows(() => true);
  await vi.advanceTimersByTimeAsync(1000);
  visible.value = { x: 1, y: 0, width: 1, height: 1 };
  takeRows({ type: 'changed', revision: 1, weights: [0], rows: [sampleRow({ edited: true })], summary: sampleSummary([]) });
  expect(rows.value.get(0)!.edited).toBe(true);
});

it('does not wait for ever for a camera that never stops', async () => {
  await loadRows(() => true);
  await vi.advanceTimersByTimeAsync(1000);
  const move = setInterval(() => (visible.value = { x: performance.now(), y: 0, width: 1, height: 1 }), 16);
  await vi.advanceTimersByTimeAsync(100);
  takeRows({ type: 'measured', revision: 0, rows: [sampleRow()], summary: sampleSummary([]) });
  await vi.advanceTimersByTimeAsync(6000);
  clearInterval(move);
  expect(rows.value.get(0)!.measured).toBe(true);
});
