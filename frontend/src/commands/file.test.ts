// The commands on files: nothing is overwritten or lost without a question.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { server } from '../state/session';
import { toasts } from '../state/toasts';
import { dialog, type SaveChoice } from '../state/view';
import { openPath, save, saveAs, suggestion } from './file';

interface Call {
  path: string;
  body: Record<string, unknown>;
}
let calls: Call[];
let replies: Response[];

const problem = (code: string, status: number) => Response.json({ message: `${code}!`, hint: '', code }, { status });
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Answers the question that is open. */
async function answer(choice: 'yes' | 'other' | 'no'): Promise<void> {
  await settled();
  if (dialog.value?.kind !== 'ask') throw new Error('nothing is asked');
  dialog.value.question.answer(choice);
  await settled();
}

beforeEach(() => {
  calls = [];
  replies = [];
  toasts.value = [];
  dialog.value = null;
  server.value = sampleState({ model: sampleModel() });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push({ path, body: JSON.parse(init.body as string) as Record<string, unknown> });
    return replies.shift() ?? Response.json({ path: '/models/m.onnx', bytes: 1 });
  });
});

/** Answers the dialog about a save. */
async function saves(choice: SaveChoice | null): Promise<void> {
  await settled();
  if (dialog.value?.kind !== 'save') throw new Error('nothing is asked');
  dialog.value.answer(choice);
  await settled();
}

it('saves over the source only after asking', async () => {
  const saving = save();
  await settled();
  expect(calls).toEqual([]);
  await saves({ where: 'over' });
  expect(await saving).toBe(true);
  expect(calls).toEqual([{ path: '/api/save', body: { path: null, overwrite: true } }]);
  expect(toasts.value[0]!.text).toBe('Saved /models/m.onnx');
});

it('stores as chosen, also in another file', async () => {
  replies = [Response.json({ path: '/models/new.onnx', bytes: 1, sparse: 2, left: [], unreferenced: ['old.bin'] })];
  const saving = save();
  await saves({ where: 'other', store: 'onnx-sparse', force: true });
  if (dialog.value?.kind !== 'save-as') throw new Error('no path is asked for');
  dialog.value.answer('/models/new.onnx');
  expect(await saving).toBe(true);
  expect(calls[0]!.body).toEqual({ path: '/models/new.onnx', overwrite: false, store: 'onnx-sparse', force: true });
  expect(toasts.value[0]!.text).toBe('Saved /models/new.onnx, 2 tensors stored sparse, old.bin no longer used by it');
});

it('writes nothing when the question is refused', async () => {
  const saving = save();
  await saves(null);
  expect(await saving).toBe(false);
  expect(calls).toEqual([]);
});

it('asks again before it replaces another file', async () => {
  replies = [problem('exists', 409)];
  const saving = saveAs();
  await settled();
  if (dialog.value?.kind !== 'save-as') throw new Error('no path is asked for');
  expect(dialog.value.path).toBe('/models/m.sparse.onnx');
  dialog.value.answer('/models/new.onnx');
  await answer('yes');
  expect(await saving).toBe(true);
  expect(calls.map((call) => call.body)).toEqual([
    { path: '/models/new.onnx', overwrite: false }, { path: '/models/new.onnx', overwrite: true },
  ]);
});

it('asks about unsaved edits before it opens another model', async () => {
  server.value = sampleState({ model: sampleModel(), history: { edits: [{ label: 'Prune', sparsity: null }], position: 1, saved: 0 } });
  const opening = openPath('/models/b.onnx');
  await answer('no');
  await opening;
  expect(calls).toEqual([]);
  const again = openPath('/models/b.onnx');
  await answer('other');
  await again;
  expect(calls).toEqual([{ path: '/api/open', body: { path: '/models/b.onnx', discard: true } }]);
});

it('tells a failed open as a toast while a model is open', async () => {
  replies = [problem('not-onnx', 400)];
  await openPath('/models/broken.onnx');
  expect(toasts.value[0]).toMatchObject({ tone: 'alert', text: 'not-onnx!' });
});

it('suggests a name beside the source', () => {
  expect(suggestion('/a/m.onnx')).toBe('/a/m.sparse.onnx');
  expect(suggestion('/a/m.sparse.onnx')).toBe('/a/m.sparse.onnx');
  expect(suggestion('/a/m')).toBe('/a/m.sparse.onnx');
});
