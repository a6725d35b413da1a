// Protecting layers: which requests, and for every use of a shared tensor.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { select } from '../state/selection';
import { toasts } from '../state/toasts';
import { replaceRows } from '../state/weights';
import { command } from './list';

let sent: unknown[];

beforeEach(() => {
  sent = [];
  toasts.value = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push([path, JSON.parse(init.body as string)]);
    return Response.json({ protected: [] });
  });
});

it('protects every use of a tensor, and offers only what can be done', async () => {
  const list = [sampleRow(), sampleRow({ id: 1, node: 1 }), sampleRow({ id: 2, node: 2, tensor: 'other' })];
  replaceRows(list, sampleSummary(list));
  select([0]);
  expect(command('prune.unprotect').when!()).toBe(false);
  await command('prune.protect').run();
  expect(sent).toEqual([['/api/protect', { weights: [0, 1], protected: true }]]);
  expect(toasts.value[0]!.text).toBe('Protected 2 layers from pruning');
});

it('lets them in again', async () => {
  const list = [sampleRow({ protected: true }), sampleRow({ id: 1, node: 1, tensor: 'other' })];
  replaceRows(list, sampleSummary(list));
  select([0]);
  expect(command('prune.protect').when!()).toBe(false);
  expect(command('prune.unprotect-all').when!()).toBe(true);
  await command('prune.unprotect').run();
  expect(sent).toEqual([['/api/protect', { weights: [0], protected: false }]]);
});
