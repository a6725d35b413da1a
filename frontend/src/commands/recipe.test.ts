// Recipes and masks to files and back: what is asked before, what is told after.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { server } from '../state/session';
import { toasts } from '../state/toasts';
import { dialog } from '../state/view';
import { beside, exportMasks, exportRecipe, replay } from './recipe';

let calls: [string, Record<string, unknown>][];
let replies: Response[];
const settled = () => new Promise((resolve) => setTimeout(resolve));

async function answer(choice: 'yes' | 'no'): Promise<void> {
  await settled();
  if (dialog.value?.kind !== 'ask') throw new Error('nothing is asked');
  dialog.value.question.answer(choice);
}

beforeEach(() => {
  calls = [];
  replies = [];
  toasts.value = [];
  dialog.value = null;
  server.value = sampleState({ model: sampleModel() });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push([path, JSON.parse(init.body as string) as Record<string, unknown>]);
    return replies.shift() ?? Response.json({ path: '/models/out', masks: 3, labels: ['a', 'b'], revision: 2 });
  });
});

it('names files beside the model', () => {
  expect(beside('/a/m.onnx', '.recipe.json')).toBe('/a/m.recipe.json');
});

it('writes a recipe where the user says, over a file only after asking', async () => {
  replies = [Response.json({ message: 'It is there.', hint: '', code: 'exists' }, { status: 409 })];
  const writing = exportRecipe();
  await settled();
  if (dialog.value?.kind !== 'save-as') throw new Error('no path is asked for');
  expect([dialog.value.title, dialog.value.path]).toEqual(['Export recipe', '/models/m.recipe.json']);
  dialog.value.answer('/tmp/r.json');
  await answer('yes');
  expect(await writing).toBe(true);
  expect(calls.map(([, body]) => body)).toEqual([{ path: '/tmp/r.json', overwrite: false }, { path: '/tmp/r.json', overwrite: true }]);
});

it('exports masks', async () => {
  const writing = exportMasks();
  await settled();
  if (dialog.value?.kind !== 'save-as') throw new Error('no path is asked for');
  dialog.value.answer('/tmp/m.npz');
  expect(await writing).toBe(true);
  expect(calls[0]).toEqual(['/api/masks', { path: '/tmp/m.npz', overwrite: false }]);
  expect(toasts.value[0]!.text).toBe('Wrote 3 masks to /models/out');
});

it('replays on another source only when the user insists', async () => {
  const other = () => Response.json({ message: 'Made for another file.', hint: '', code: 'other-source' }, { status: 409 });
  replies = [other()];
  const first = replay({ path: '/r.json' });
  await answer('no');
  expect(await first).toBe(false);
  replies = [other()];
  const second = replay({ path: '/r.json' });
  await answer('yes');
  expect(await second).toBe(true);
  expect(calls.map(([, body]) => body['force'])).toEqual([false, false, true]);
  expect(toasts.value[0]!.text).toBe('Replayed 2 edits');
});
