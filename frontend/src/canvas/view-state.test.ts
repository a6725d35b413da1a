// What the view shows of each thing it is told: at once or over some frames, and nothing of a graph that is gone.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENT } from '../api/sample';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample, type SampleEdge, type SampleNode } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { cssOf, NO_COLOUR, SOLID, type Colours } from './colours';
import { bareColours } from './modes/bare';
import { recorder, StubPath } from './recorder';
import type { Tiles } from './tiles';
import { GraphView } from './view';

const [WIDTH, HEIGHT] = [800, 600];
const views: GraphView[] = [];
let still = false;

beforeEach(() => {
  still = false;
  vi.stubGlobal('Path2D', StubPath);
  vi.stubGlobal('matchMedia', () => ({ matches: still }));
});
afterEach(() => {
  for (const view of views.splice(0)) view.dispose();
  vi.unstubAllGlobals();
});

function graph(nodes: readonly SampleNode[], edges: readonly SampleEdge[]) {
  const columns = decodeColumns(encodeSample(nodes, edges));
  return { document: documentOf(columns), scene: openScene(buildScene(columns)) };
}

function chain(count: number, more: Partial<SampleNode> = {}) {
  return graph(Array.from({ length: count }, () => ({ op: 'Relu', ...more })), Array.from({ length: count - 1 }, (_, at) => ({ from: at, to: at + 1, label: `1×${at}` })));
}

function open({ document, scene }: ReturnType<typeof graph>) {
  const canvas = window.document.createElement('canvas');
  Object.defineProperty(canvas, 'clientWidth', { value: WIDTH });
  Object.defineProperty(canvas, 'clientHeight', { value: HEIGHT });
  const shot = recorder();
  canvas.getContext = (() => shot.context) as unknown as HTMLCanvasElement['getContext'];
  const told = { onSelect: vi.fn(), onHover: vi.fn(), onContextMenu: vi.fn(), onOpen: vi.fn(), onCamera: vi.fn(), onView: vi.fn() };
  const view = new GraphView(canvas, told);
  views.push(view);
  view.setGraph(document, scene);
  const send = (kind: string, x: number, y: number, more: object = {}): void => {
    canvas.dispatchEvent(Object.assign(new MouseEvent(kind, { clientX: x, clientY: y, bubbles: true, ...more }), { pointerId: 1, pointerType: 'mouse', ...more }));
  };
  /** Whether a change leads to another picture. */
  const paints = async (change: () => void): Promise<boolean> => {
    await view.painted();
    shot.calls.length = 0;
    change();
    await view.painted();
    return shot.calls.length > 0;
  };
  return { view, canvas, shot, told, send, paints };
}

function tilesOf(count: number): Tiles {
  return { state: new Uint8Array(count), sparsity: new Float32Array(count), glyph: new Uint8Array(count), flag: new Uint8Array(count), edited: new Uint8Array(count), tag: Array.from({ length: count }, () => null), rowShare: null };
}

function coloursOf(count: number, rgb: number): Colours {
  return { look: new Uint8Array(count).fill(SOLID), rgb: new Uint32Array(count).fill(rgb), word: null, scale: true };
}

describe('what is told is shown', () => {
  it('in a new picture, and only where it changes something', async () => {
    const { view, paints, shot } = open(chain(3));
    const found = new Set([1]);
    expect(await paints(() => view.setSelection(new Set()))).toBe(false);
    expect(await paints(() => view.setSelection(new Set([2])))).toBe(true);
    expect(shot.named('stroke').some((call) => call.lineWidth === 2)).toBe(true);
    expect(await paints(() => view.setSelection(new Set()))).toBe(true);
    expect(view.still()!.selection.size).toBe(0);
    expect(await paints(() => view.setMatches(null))).toBe(false);
    expect(await paints(() => view.setMatches(found))).toBe(true);
    expect(await paints(() => view.setMatches(found))).toBe(false);
    expect(await paints(() => view.setMatches(new Set([2])))).toBe(true);
    expect([...view.still()!.matches!]).toEqual([2]);
    expect(await paints(() => view.setMatches(null))).toBe(true);
    expect(view.still()!.matches).toBeNull();
    expect(await paints(() => view.setTiles(tilesOf(3), bareColours(chain(3).document)))).toBe(true);
    expect(await paints(() => view.clear())).toBe(true);
    expect([shot.texts(), view.still()]).toEqual([[], null]);
  });

  it('with widths of letters measured again after the theme, whose fonts may be others', async () => {
    const { view, paints, shot } = open(chain(3));
    await paints(() => view.setTheme());
    await paints(() => view.panBy(1, 0));
    expect(shot.named('measureText')).toEqual([]);
    expect(await paints(() => view.setTheme())).toBe(true);
    expect(shot.named('measureText').length).toBeGreaterThan(0);
  });

  it('shapes by their tensors\' names, the graph\'s own where none was found', () => {
    const names = ['constructor', 'toString', 'known', 'other'];
    const { view } = open(graph(Array.from({ length: 5 }, () => ({})), names.map((tensor, at) => ({ from: at, to: at + 1, tensor, label: at === 3 ? '9×9' : '' }))));
    view.setEdgeLabels({ known: '1×64' });
    expect(view.still()!.shapes).toEqual(['', '', '1×64', '9×9']);
  });

  it('on whole device pixels, however the picture was moved', () => {
    const { view } = open(chain(3));
    for (const [dx, dy] of [[0.3, 0.7], [-12.35, 4.2]] as const) {
      view.panBy(dx, dy);
      const { originX, originY, ratio } = view.still()!;
      expect([(originX * ratio) % 1, (originY * ratio) % 1].map(Math.abs)).toEqual([0, 0]);
    }
  });
});

describe('over some frames', () => {
  it('colours change to those that are meant', async () => {
    const { view, shot } = open(chain(3));
    view.setTiles(tilesOf(3), coloursOf(3, 0x102030));
    const filled = (): string[] => shot.named('fill').slice(-6).map((call) => call.fill);
    await vi.waitFor(() => expect(filled()).toContain(cssOf(0x102030)), PATIENT);
    view.setTiles(tilesOf(3), coloursOf(3, 0xf0e0d0));
    await vi.waitFor(() => expect(filled()).toContain(cssOf(0xf0e0d0)), PATIENT);
    await view.painted();
    expect(filled()).not.toContain(cssOf(0x102030));
  });

  it('the look of what is under the pointer comes up all the way', async () => {
    const { send, shot } = open(chain(3));
    send('pointermove', WIDTH / 2, HEIGHT / 2);
    await vi.waitFor(() => {
      const lit = shot.calls.filter((call) => call.name === 'stroke' && call.alpha > 0 && call.lineWidth === 2);
      expect(lit.at(-1)?.alpha).toBe(1);
    }, PATIENT);
  });

  it('of a line and of the name of a stub too', async () => {
    const shared = graph(Array.from({ length: 60 }, () => ({ op: 'Add' })), [
      ...Array.from({ length: 59 }, (_, at) => ({ from: at, to: at + 1, tensor: `t${at}` })), ...[14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'mask', port: 1 })),
    ]);
    const { view, send, shot } = open(shared);
    const { points, start, stubs } = shared.scene;
    const upper = stubs.side.indexOf(1);
    const line = 2 * start[30]!;
    const places = [
      { x: points[line]!, y: (points[line + 1]! + points[line + 3]!) / 2 },
      { x: stubs.x[upper]! + stubs.width[upper]! / 2, y: stubs.y[upper]! + stubs.height[upper]! / 2 },
    ];
    for (const place of places) {
      send('pointermove', 2, 2);
      view.centreOn(place);
      await view.painted();
      shot.calls.length = 0;
      send('pointermove', WIDTH / 2, HEIGHT / 2);
      await vi.waitFor(() => expect(shot.calls.findLast((call) => call.name === 'stroke' && call.lineWidth === 2)?.alpha).toBe(1), PATIENT);
    }
  });
});

it('moves nothing by itself where the user wants no motion', () => {
  still = true;
  const { view, canvas } = open(chain(300));
  view.fit();
  const fitted = view.zoom;
  expect(fitted).toBeLessThan(0.9);
  const event = new WheelEvent('wheel', { deltaY: -100 });
  canvas.dispatchEvent(Object.assign(event, { ctrlKey: true, clientX: 5, clientY: 5 }));
  expect(view.zoom).toBeCloseTo(fitted * Math.exp(0.22), 9);
  view.setTiles(tilesOf(300), coloursOf(300, 0x102030));
  expect(view.still()!.colours.rgb[0]).toBe(0x102030);
});

it('has nothing of the graph before', async () => {
  still = true;
  const first = chain(4, { layer: true });
  const { view, send, told } = open(first);
  const line = first.scene.points;
  view.setSelection(new Set([1]));
  view.setMatches(new Set([2]));
  view.setTiles(tilesOf(4), coloursOf(4, 0x102030));
  view.centreOn({ x: line[0]!, y: (line[1]! + line[3]!) / 2 });
  send('pointerdown', WIDTH / 2, HEIGHT / 2);
  send('pointerup', WIDTH / 2, HEIGHT / 2);
  await view.painted();
  expect(view.still()).toMatchObject({ pickedEdge: 0, hoverEdge: 0 });
  const next = chain(4, { layer: true });
  view.setGraph(next.document, next.scene);
  const { selection, matches, tiles, colours, hover, hoverEdge, pickedEdge, scene } = view.still()!;
  expect([selection.size, matches, tiles, hover, hoverEdge, pickedEdge, scene === next.scene]).toEqual([0, null, null, -1, -1, -1, true]);
  expect([...colours.rgb]).toEqual([NO_COLOUR, NO_COLOUR, NO_COLOUR, NO_COLOUR]);
  // Whoever shows where one is hears of the new drawing, though it is seen from the same place.
  view.setGraph(chain(4).document, first.scene);
  expect(told.onView.mock.lastCall![1]).toBe(first.scene);
  view.setGraph(next.document, next.scene);
  expect(told.onView.mock.lastCall![1]).toBe(next.scene);
});

describe('goTo', () => {
  it('keeps a zoom at which nodes are read, and unfolds the drawing', async () => {
    const { view } = open(chain(300));
    view.setZoom(2.5);
    await view.goTo(200, false);
    expect([view.zoom, view.isVisible(200)]).toEqual([2.5, true]);
    view.fit(false);
    expect(view.still()!.scene.wrapped).toBeDefined();
    await view.goTo(120, false);
    expect([view.zoom, view.still()!.scene.wrapped, view.place()]).toEqual([1, undefined, { node: 120, whole: false }]);
    view.setZoom(0.7);
    expect(view.place().whole).toBe(true);
  });

  it('goes nowhere for a node that is not there', async () => {
    const { view } = open(chain(3));
    const before = view.still()!.originY;
    for (const index of [-1, 3, NaN]) await view.goTo(index, false);
    expect(view.still()!.originY).toBe(before);
  });
});

it('picks nothing with a click on the name below a producer', async () => {
  const shared = graph(Array.from({ length: 60 }, () => ({ op: 'Add' })), [
    ...Array.from({ length: 59 }, (_, at) => ({ from: at, to: at + 1, tensor: `t${at}` })), ...[14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'mask', port: 1 })),
  ]);
  const { view, send, told } = open(shared);
  const { stubs } = shared.scene;
  const lower = stubs.side.indexOf(0);
  view.centreOn({ x: stubs.x[lower]! + stubs.width[lower]! / 2, y: stubs.y[lower]! + stubs.height[lower]! / 2 });
  await view.painted();
  send('pointerdown', WIDTH / 2, HEIGHT / 2);
  send('pointerup', WIDTH / 2, HEIGHT / 2);
  expect(view.still()!.hoverStub).toBe(lower);
  expect(told.onSelect).not.toHaveBeenCalled();
});
