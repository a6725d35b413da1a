// Commands of the page's look: each does to the canvas, the panels and the settings what it says.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { graph } from '../state/graph';
import { server } from '../state/session';
import { dialog, dock, legend, side, viewport, type Viewport } from '../state/view';
import { available } from './command';
import { command } from './list';

vi.mock('../graph/load', () => ({ loadGraph: () => Promise.reject(new Error('nobody asked for a graph')) }));

const view = { fit: vi.fn(), zoomBy: vi.fn(), setZoom: vi.fn(), panBy: vi.fn(), place: vi.fn(() => ({ node: 1, whole: false })) };
let posted: [string, unknown][];

beforeEach(() => {
  vi.clearAllMocks();
  posted = [];
  vi.stubGlobal('fetch', async (path: string, request: RequestInit) => {
    posted.push([path, request.body === undefined ? null : JSON.parse(String(request.body))]);
    return Response.json({});
  });
  server.value = sampleState({ model: sampleModel() });
  viewport.value = view as unknown as Viewport;
  graph.value = { document: {}, scene: {} } as typeof graph.value;
  [side.value, dock.value, legend.value, dialog.value] = ['none', false, true, null];
});
afterEach(() => {
  vi.unstubAllGlobals();
  graph.value = null;
  viewport.value = null;
});

const run = async (...ids: string[]): Promise<void> => {
  for (const id of ids) await command(id).run();
};

it('zooms in and out by the same step, to full size, and shows the whole as a ride', async () => {
  await run('view.zoom-in', 'view.zoom-out', 'view.zoom-100', 'view.fit');
  const [[bigger], [smaller]] = view.zoomBy.mock.calls as [[number], [number]];
  expect(bigger).toBeGreaterThan(1);
  expect(bigger * smaller).toBeCloseTo(1);
  expect([view.setZoom.mock.calls, view.fit.mock.calls]).toEqual([[[1]], [[true]]]);
});

it('moves to where its name says: what lies there comes into view', async () => {
  await run('view.move-up', 'view.move-down', 'view.move-left', 'view.move-right', 'view.move-page-up', 'view.move-page-down');
  const signs = (view.panBy.mock.calls as [number, number][]).map(([x, y]) => [Math.sign(x) + 0, Math.sign(y) + 0]);
  expect(signs).toEqual([[0, 1], [0, -1], [1, 0], [-1, 0], [0, 1], [0, -1]]);
  const [up, page] = [view.panBy.mock.calls[0]![1], view.panBy.mock.calls[4]![1]] as [number, number];
  expect(page).toBeGreaterThan(3 * up);
  expect(page).toBeLessThan(innerHeight);
});

it('opens and closes panel, table and legend', async () => {
  await run('view.model', 'view.layers', 'view.legend');
  expect([side.value, dock.value, legend.value]).toEqual(['model', true, false]);
  await run('view.model', 'view.layers', 'view.legend');
  expect([side.value, dock.value, legend.value]).toEqual(['none', false, true]);
  await run('help.palette');
  expect(dialog.value).toEqual({ kind: 'palette' });
});

it('changes settings at once, and keeps them', async () => {
  const label = command('view.wheel').label as () => string;
  const before = label();
  await run('view.wheel');
  expect([server.value!.settings.wheel, label() === before]).toEqual(['zoom', false]);
  await run('view.wheel', 'view.theme.dark');
  expect(server.value!.settings).toMatchObject({ wheel: 'scroll', theme: 'dark' });
  expect(['system', 'light', 'dark'].map((theme) => command(`view.theme.${theme}`).checked?.())).toEqual([false, false, true]);
  expect(posted.map(([, body]) => body)).toEqual([{ wheel: 'zoom' }, { wheel: 'scroll' }, { theme: 'dark' }]);
});

it('cancels the task that runs', async () => {
  expect(available(command('view.cancel'))).toBe(false);
  server.value = sampleState({ model: sampleModel(), job: { id: 7, label: 'Measuring', done: 1, total: 3, state: 'running', step: '' } });
  expect(available(command('view.cancel'))).toBe(true);
  await run('view.cancel');
  expect(JSON.stringify(posted)).toContain('7');
});

it('draws no graph again where there is none, and is done when the setting is kept', async () => {
  graph.value = null;
  let answer: (response: Response) => void = () => {};
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => { answer = resolve; }));
  const done = vi.fn();
  const waiting = Promise.resolve(command('view.direction').run()).then(done);
  await new Promise((resolve) => setTimeout(resolve));
  expect([server.value!.settings.direction, done.mock.calls.length]).toEqual(['right', 0]);
  answer(Response.json({}));
  await waiting;
  expect([done.mock.calls.length, view.fit.mock.calls.length]).toEqual([1, 0]);
});
