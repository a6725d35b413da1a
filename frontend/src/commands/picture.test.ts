// The picture as a file: a download in a browser, the system's dialog in the window; full screen in both.
import { beforeEach, expect, it, vi } from 'vitest';
import { PATIENT, sampleModel, sampleState } from '../api/sample';
import { server } from '../state/session';
import { toasts } from '../state/toasts';
import { dialog } from '../state/view';
import { command } from './list';
import { exportPicture, savePicture } from './picture';

const DATA = new Blob(['<svg />'], { type: 'image/svg+xml' });
let calls: [string, RequestInit][];
let replies: Response[];

beforeEach(() => {
  calls = [];
  replies = [];
  toasts.value = [];
  dialog.value = null;
  server.value = sampleState({ model: sampleModel() });
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push([path, init]);
    return replies.shift() ?? Response.json({ path: '/p/m.svg', bytes: 7, replace: true });
  });
});

it('is downloaded in a browser', async () => {
  const links: HTMLAnchorElement[] = [];
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: () => {} }));
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function keep(this: HTMLAnchorElement) {
    links.push(this);
  });
  expect(await savePicture('svg', DATA)).toBe(true);
  expect(links.map((link) => [link.download, link.href])).toEqual([['m.svg', 'blob:1']]);
  expect(calls).toEqual([]);
  click.mockRestore();
});

it('goes where the system’s dialog says, and replaces only what the user agreed to', async () => {
  server.value = sampleState({ model: sampleModel(), native_dialogs: true });
  expect(await savePicture('svg', DATA)).toBe(true);
  expect(calls.map(([path]) => path)).toEqual(['/api/save-dialog', '/api/picture?path=%2Fp%2Fm.svg&overwrite=1']);
  expect(JSON.parse(calls[0]![1].body as string)).toEqual({ kind: 'svg' });
  expect(new Headers(calls[1]![1].headers).get('content-type')).toBe('image/svg+xml');
  expect(toasts.value[0]!.text).toContain('Wrote /p/m.svg');

  calls = [];
  replies = [Response.json({ path: '/p/m.svg', replace: false }), Response.json({ message: 'It is there.', hint: '', code: 'exists' }, { status: 409 })];
  const saving = savePicture('svg', DATA);
  await vi.waitFor(() => expect(dialog.value?.kind).toBe('ask'), PATIENT);
  if (dialog.value?.kind === 'ask') dialog.value.question.answer('no');
  expect(await saving).toBe(false);
  expect(calls.map(([path]) => path)).toEqual(['/api/save-dialog', '/api/picture?path=%2Fp%2Fm.svg']);
});

it('tells why there is no picture, and that none was written', async () => {
  expect(await exportPicture('png', async () => null)).toBe(false);
  expect(toasts.value.map((one) => [one.tone, one.text])).toEqual([['alert', 'The browser could not make so large a PNG.']]);
  expect(await exportPicture('svg', async () => { throw new RangeError('Out of memory'); })).toBe(false);
  expect(toasts.value.at(-1)).toMatchObject({ tone: 'alert', text: 'The picture could not be painted.', hint: 'RangeError: Out of memory' });
  // In the window's own dialog nothing was chosen.
  server.value = sampleState({ model: sampleModel(), native_dialogs: true });
  replies = [Response.json({ path: null, replace: false })];
  expect(await exportPicture('svg', async () => DATA)).toBe(false);
  replies = [];
  expect(await exportPicture('svg', async () => DATA)).toBe(true);
});

it('fills the screen by the window, else by the browser', async () => {
  server.value = sampleState({ native_dialogs: true });
  await command('view.full-screen').run();
  expect(calls.map(([path]) => path)).toEqual(['/api/full-screen']);
  server.value = sampleState();
  const request = vi.fn(async () => {});
  document.documentElement.requestFullscreen = request;
  await command('view.full-screen').run();
  expect(request).toHaveBeenCalledOnce();
});
