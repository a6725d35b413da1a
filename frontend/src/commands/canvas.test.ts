// Commands of the canvas: a mode each, and drawing again where the user looked.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import { COLOUR_MODES } from '../canvas/modes/list';
import { colourMode } from '../state/canvas';
import { graph, phase } from '../state/graph';
import { server } from '../state/session';
import { viewport, type Viewport } from '../state/view';
import { available, fits } from './command';
import { command, COMMANDS } from './list';

const asked = vi.hoisted(() => ({ options: [] as object[] }));
vi.mock('../graph/load', () => ({
  loadGraph: (_path: string, _signal: AbortSignal, options: object) => {
    asked.options.push(options);
    return Promise.resolve({ document: {}, scene: {} });
  },
}));

const view = { place: vi.fn(() => ({ node: 7, whole: false })), goTo: vi.fn(async () => {}), fit: vi.fn() };
const posted: unknown[] = [];

beforeEach(() => {
  asked.options = [];
  posted.length = 0;
  vi.clearAllMocks();
  vi.stubGlobal('fetch', async (_: string, request: RequestInit) => {
    posted.push(JSON.parse(String(request.body)));
    return Response.json({});
  });
  server.value = sampleState({ model: sampleModel() });
  graph.value = { document: {}, scene: {} } as typeof graph.value;
  viewport.value = view as unknown as Viewport;
});

/** The page says that a graph is painted; here nothing paints. */
function paintSoon(): void {
  const stop = graph.subscribe(() => {
    if (phase.peek() === 'loading') queueMicrotask(() => (phase.value = 'ready'));
  });
  setTimeout(stop, 100);
}

it('has a command for each colour mode', () => {
  for (const mode of COLOUR_MODES) {
    const found = command(`view.colour.${mode.id}`);
    expect(available(found)).toBe(true);
    void found.run();
    expect(colourMode.value).toBe(mode.id);
    expect(found.checked?.()).toBe(true);
  }
  colourMode.value = 'sparsity';
});

it('turns the direction, remembers it, and looks at the same node', async () => {
  paintSoon();
  await command('view.direction').run();
  expect(posted).toEqual([{ direction: 'right' }]);
  expect(asked.options).toEqual([{ direction: 'right', lines: [] }]);
  expect(view.goTo).toHaveBeenCalledWith(7, false);
  paintSoon();
  view.place.mockReturnValueOnce({ node: 3, whole: true });
  await command('view.direction').run();
  expect(asked.options.at(-1)).toEqual({ direction: 'down', lines: [] });
  expect(view.fit).toHaveBeenCalled();
});

it('shows rows in nodes with the keys of Netron', async () => {
  for (const [key, kind] of [['d', 'attributes'], ['i', 'constants'], ['u', 'names']] as const) {
    const pressed = { key, ctrlKey: true, metaKey: false, shiftKey: false, altKey: false };
    const found = COMMANDS.find((one) => one.hotkeys?.some((hotkey) => fits(hotkey, pressed)));
    expect(found?.id).toBe(`view.rows.${kind}`);
    paintSoon();
    await found?.run();
    expect(found?.checked?.()).toBe(true);
  }
  expect(asked.options.at(-1)).toEqual({ direction: 'down', lines: ['names', 'attributes', 'constants'] });
  paintSoon();
  await command('view.rows.names').run();
  expect(asked.options.at(-1)).toEqual({ direction: 'down', lines: ['attributes', 'constants'] });
});
