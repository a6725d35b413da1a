// Recipes and masks to files and back: what is asked before, what is told after.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { server } from '../state/session';
import { toasts } from '../state/toasts';
import { dialog } from '../state/view';
import { beside } from './dialogs';
import { exportMasks, exportRecipe, replay, replayFile } from './recipe';

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
  expect(beside('/a/m.ONNX', '.svg')).toBe('/a/m.svg');
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
  expect(dialog.value.about).toContain('a bool array for each weight tensor');
  dialog.value.answer('/tmp/m.npz');
  expect(await writing).toBe(true);
  expect(calls[0]).toEqual(['/api/masks', { path: '/tmp/m.npz', overwrite: false }]);
  expect(toasts.value[0]!.text).toBe('Wrote 3 masks to /models/out: for each weight tensor what is not zero');
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

it('asks the page for a recipe where there is no window: a path there, or a file of this computer', async () => {
  const chooses = async (chosen: string | File | null) => {
    const replaying = replayFile();
    await settled();
    if (dialog.value?.kind !== 'open') throw new Error('no file is asked for');
    expect(dialog.value.file).toBe('recipe');
    dialog.value.answer(chosen);
    return replaying;
  };
  expect(await chooses(null)).toBe(false);
  expect(calls).toEqual([]);
  expect(await chooses('/models/r.json')).toBe(true);
  expect(calls.at(-1)).toEqual(['/api/replay', { path: '/models/r.json', force: false }]);
  const recipe = { schema: 's', source: { name: 'm', sha256: '0', bytes: 1 }, steps: [], tool: '', protected: [] };
  expect(await chooses(new File([JSON.stringify(recipe)], 'r.json'))).toBe(true);
  expect(calls.at(-1)).toEqual(['/api/replay', { recipe, force: false }]);
  const before = calls.length;
  expect(await chooses(new File(['not JSON'], 'r.txt'))).toBe(false);
  expect([calls.length, toasts.value.at(-1)!.text]).toEqual([before, 'r.txt is no recipe.']);
});

it('in the window the system’s dialog asks', async () => {
  server.value = sampleState({ model: sampleModel(), native_dialogs: true });
  replies = [Response.json({ path: '/r.json', replace: false })];
  expect(await replayFile()).toBe(true);
  expect(calls.map(([path]) => path)).toEqual(['/api/open-dialog', '/api/replay']);
  expect(calls[0]![1]).toEqual({ kind: 'recipe' });
  replies = [Response.json({ path: '/m.npz', replace: true })];
  expect(await exportMasks()).toBe(true);
  expect(calls.slice(2).map(([path, body]) => [path, body])).toEqual([['/api/save-dialog', { kind: 'masks' }], ['/api/masks', { path: '/m.npz', overwrite: true }]]);
});
