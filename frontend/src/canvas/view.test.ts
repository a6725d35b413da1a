// The view's behaviour: first look, fit, zoom at the pointer, clicks, boxes, menus, promises.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { recorder, StubPath } from './recorder';
import { GraphView, type GraphHost } from './view';

const [WIDTH, HEIGHT] = [800, 600];

function chain(count: number): { columns: ReturnType<typeof decodeColumns> } {
  const nodes = Array.from({ length: count }, () => ({ op: 'Relu' }));
  const edges = Array.from({ length: count - 1 }, (_, i) => ({ from: i, to: i + 1 }));
  return { columns: decodeColumns(encodeSample(nodes, edges)) };
}

/** A chain of 60, whose first tensor is used again every 12 nodes: far enough for stubs. */
function shared(): Parameters<typeof encodeSample> {
  const nodes = Array.from({ length: 60 }, () => ({ op: 'Add' }));
  const edges = Array.from({ length: 59 }, (_, i) => ({ from: i, to: i + 1, tensor: `t${i}` }));
  const uses = [14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'mask', port: 1 }));
  return [nodes, [...edges, ...uses]];
}

function host() {
  return {
    onSelect: vi.fn<GraphHost['onSelect']>(),
    onHover: vi.fn<GraphHost['onHover']>(),
    onContextMenu: vi.fn<GraphHost['onContextMenu']>(),
    onOpen: vi.fn<GraphHost['onOpen']>(),
    onCamera: vi.fn<GraphHost['onCamera']>(),
    onView: vi.fn<NonNullable<GraphHost['onView']>>(),
  };
}

const views: GraphView[] = [];

function open(count: number) {
  const canvas = window.document.createElement('canvas');
  Object.defineProperty(canvas, 'clientWidth', { value: WIDTH, configurable: true });
  Object.defineProperty(canvas, 'clientHeight', { value: HEIGHT });
  const shot = recorder();
  canvas.getContext = (() => shot.context) as unknown as HTMLCanvasElement['getContext'];
  const told = host();
  const view = new GraphView(canvas, told);
  views.push(view);
  const { columns } = chain(count);
  view.setGraph(documentOf(columns), openScene(buildScene(columns)));
  return { view, told, canvas, shot };
}

function pointer(canvas: HTMLCanvasElement, kind: string, x: number, y: number, more: object = {}): void {
  const event = new MouseEvent(kind, { clientX: x, clientY: y, button: 0, bubbles: true, ...more });
  Object.assign(event, { pointerId: 1, pointerType: 'mouse' });
  canvas.dispatchEvent(event);
}

/** As the page does when the canvas has another size. */
let resized: () => void;

beforeEach(() => {
  vi.stubGlobal('Path2D', StubPath);
  vi.stubGlobal('ResizeObserver', class {
    constructor(heard: () => void) {
      resized = heard;
    }
    observe() {}
    disconnect() {}
  });
});
afterEach(() => {
  for (const view of views.splice(0)) view.dispose();
  vi.unstubAllGlobals();
});

describe('GraphView', () => {
  it('starts with a small graph as a whole, in the middle', () => {
    const { view, told, canvas } = open(3);
    expect(view.zoom).toBe(1);
    // Three nodes of 22 px with gaps of 28: 122 px, centred in 600.
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2);
    expect(told.onHover).toHaveBeenLastCalledWith(1);
  });

  it('starts with a large graph at its top, at full size', () => {
    const { view, told, canvas } = open(300);
    expect(view.zoom).toBe(1);
    pointer(canvas, 'pointermove', WIDTH / 2, 40);
    expect(told.onHover).toHaveBeenLastCalledWith(0);
  });

  it('fits any graph, without a lower limit that matters', () => {
    const { view, told } = open(4000);
    view.fit(false);
    // 4,000 nodes are 199,972 px high, 54 wide: flat it would be 0.003, in columns it is far more.
    expect(view.zoom).toBeGreaterThan(0.03);
    view.setZoom(0.01);
    expect(view.zoom).toBe(0.01);
    view.setZoom(99);
    expect(view.zoom).toBe(4);
    expect(told.onCamera).not.toHaveBeenLastCalledWith(99);
  });

  it('zooms about the given point', () => {
    const { view, told, canvas } = open(3);
    view.zoomBy(2.5, WIDTH / 2, HEIGHT / 2 - 50);
    expect(view.zoom).toBe(2.5);
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2 - 50);
    expect(told.onHover).toHaveBeenLastCalledWith(0);
  });

  it('brings a node to the middle and resolves once it is painted', async () => {
    const { view, told, canvas } = open(300);
    view.fit(false);
    await view.goTo(250);
    expect(view.zoom).toBe(1);
    expect(view.isVisible(250)).toBe(true);
    expect(view.isVisible(0)).toBe(false);
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2);
    expect(told.onHover).toHaveBeenLastCalledWith(250);
  });

  it('tells what lies under a pointer that rests while the picture moves, nothing on the way', async () => {
    const { view, told, canvas } = open(300);
    pointer(canvas, 'pointermove', WIDTH / 2, 40);
    expect(told.onHover).toHaveBeenLastCalledWith(0);
    const there = view.goTo(250);
    expect(told.onHover).toHaveBeenLastCalledWith(-1);
    await there;
    const [under] = told.onHover.mock.lastCall!;
    expect(under).toBeGreaterThan(240);
    expect(under).toBeLessThan(250); // above the middle, where 250 is
    view.panBy(0, 300);
    expect(told.onHover.mock.lastCall![0]).toBeLessThan(under);
    view.panBy(0, -300);
    expect(told.onHover).toHaveBeenLastCalledWith(under);
    // A panel opens: the node that was gone to stays in the middle, and is no longer under the pointer.
    await view.goTo(250);
    Object.defineProperty(canvas, 'clientWidth', { value: WIDTH - 400 });
    resized();
    expect(told.onHover).toHaveBeenLastCalledWith(-1);
    pointer(canvas, 'pointermove', WIDTH / 2 - 200, HEIGHT / 2);
    expect(told.onHover).toHaveBeenLastCalledWith(250);
    pointer(canvas, 'pointerleave', 0, 0);
    view.panBy(0, -100);
    expect(told.onHover).toHaveBeenLastCalledWith(-1);
  });

  it('keeps nobody waiting for a ride that painting has ended', async () => {
    const { view, told } = open(300);
    await view.painted();
    const frames: FrameRequestCallback[] = [];
    vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
    const there = view.goTo(250);
    told.onView.mockImplementation(() => { throw new Error('no paint'); });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => frames.pop()!(performance.now())).toThrow('no paint');
    await there;
    expect(frames).toEqual([]);
  });

  it('writes shapes that come later beside their edges', async () => {
    const { view, shot } = open(3);
    view.setEdgeLabels({ t0: '1×64', unknown: '7' });
    await view.painted();
    expect(shot.texts()).toContain('1×64');
    expect(shot.texts()).not.toContain('7');
  });

  it('tells the zoom when it changes', async () => {
    const { view, told } = open(3);
    view.setZoom(0.5);
    await view.painted();
    expect(told.onCamera).toHaveBeenLastCalledWith(0.5);
  });

  it('resolves painted at once when nothing is due', async () => {
    const { view } = open(3);
    await view.painted();
    await view.painted();
    const due = vi.fn();
    view.setSelection(new Set([1]));
    const waiting = view.painted().then(due);
    expect(due).not.toHaveBeenCalled();
    await waiting;
    expect(due).toHaveBeenCalled();
  });

  it('selects with a click, toggles with Shift, clears on empty ground', () => {
    const { told, canvas } = open(3);
    const click = (x: number, y: number, more = {}): void => {
      pointer(canvas, 'pointerdown', x, y, more);
      pointer(canvas, 'pointerup', x, y, more);
    };
    click(WIDTH / 2, HEIGHT / 2);
    expect(told.onSelect).toHaveBeenLastCalledWith([1], 'replace');
    click(WIDTH / 2, HEIGHT / 2 + 50, { shiftKey: true });
    expect(told.onSelect).toHaveBeenLastCalledWith([2], 'toggle');
    click(20, 20);
    expect(told.onSelect).toHaveBeenLastCalledWith([], 'replace');
    expect(told.onSelect).toHaveBeenCalledTimes(3);
    click(20, 20, { shiftKey: true });
    expect(told.onSelect).toHaveBeenCalledTimes(3);
  });

  it('pans with a drag and selects nothing', () => {
    const { told, canvas } = open(3);
    pointer(canvas, 'pointerdown', WIDTH / 2, HEIGHT / 2);
    pointer(canvas, 'pointermove', WIDTH / 2 + 100, HEIGHT / 2 + 30);
    pointer(canvas, 'pointerup', WIDTH / 2 + 100, HEIGHT / 2 + 30);
    expect(told.onSelect).not.toHaveBeenCalled();
    expect(told.onHover).toHaveBeenLastCalledWith(1);
  });

  it('selects a box with Shift and a drag', () => {
    const { told, canvas } = open(3);
    pointer(canvas, 'pointerdown', WIDTH / 2 - 200, HEIGHT / 2 - 20, { shiftKey: true });
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2 + 100, { shiftKey: true });
    pointer(canvas, 'pointerup', WIDTH / 2 + 200, HEIGHT / 2 + 100, { shiftKey: true });
    expect(told.onSelect).toHaveBeenLastCalledWith([1, 2], 'replace');
  });

  it('selects the node under a right click, unless it is selected already', () => {
    const { view, told, canvas } = open(3);
    pointer(canvas, 'contextmenu', WIDTH / 2, HEIGHT / 2, { button: 2 });
    expect(told.onSelect).toHaveBeenLastCalledWith([1], 'replace');
    expect(told.onContextMenu).toHaveBeenLastCalledWith(1, WIDTH / 2, HEIGHT / 2);
    view.setSelection(new Set([1, 2]));
    told.onSelect.mockClear();
    pointer(canvas, 'contextmenu', WIDTH / 2, HEIGHT / 2, { button: 2 });
    expect(told.onSelect).not.toHaveBeenCalled();
  });

  it('zooms about two fingers and moves along with them', () => {
    const { view, told, canvas } = open(300);
    const touch = (kind: string, pointerId: number, x: number, y: number): void => {
      const event = new MouseEvent(kind, { clientX: x, clientY: y, button: 0, bubbles: true });
      canvas.dispatchEvent(Object.assign(event, { pointerId, pointerType: 'touch' }));
    };
    view.setZoom(0.5);
    touch('pointerdown', 1, 300, 200);
    touch('pointerdown', 2, 500, 200);
    touch('pointermove', 1, 200, 200);
    touch('pointermove', 2, 600, 200);
    expect(view.zoom).toBeCloseTo(1);
    const before = view.place().node;
    touch('pointermove', 1, 200, 700);
    touch('pointermove', 2, 600, 700);
    touch('pointerup', 1, 200, 700);
    touch('pointerup', 2, 600, 700);
    expect(view.zoom).toBeCloseTo(1);
    expect(view.place().node).toBeLessThan(before);
    expect(told.onSelect).not.toHaveBeenCalled();
    // One finger alone moves the picture again.
    touch('pointerdown', 3, 300, 200);
    touch('pointermove', 3, 300, 120);
    touch('pointerup', 3, 300, 120);
    expect(view.zoom).toBeCloseTo(1);
  });

  it('tells the part of the world on screen, and goes where the minimap points', async () => {
    const { view, told } = open(300);
    await view.painted();
    expect(told.onView.mock.lastCall![0]).toMatchObject({ width: WIDTH, height: HEIGHT });
    view.centreOn({ x: 20, y: 5000 });
    await view.painted();
    expect(told.onView.mock.lastCall![0]).toEqual({ x: 20 - WIDTH / 2, y: 5000 - HEIGHT / 2, width: WIDTH, height: HEIGHT });
    // Nodes are 50 px apart.
    expect(view.place()).toEqual({ node: 100, whole: false });
    view.fit(false);
    expect(view.place().whole).toBe(true);
  });

  it('shows where a stub leads: all its edges on hover, the producer on a click', async () => {
    const columns = decodeColumns(encodeSample(...shared()));
    const { view, told, canvas, shot } = open(3);
    const scene = openScene(buildScene(columns));
    view.setGraph(documentOf(columns), scene);
    const { stubs } = scene;
    const upper = stubs.side.indexOf(1);
    expect(upper).toBeGreaterThanOrEqual(0);
    view.centreOn({ x: stubs.x[upper] + stubs.width[upper] / 2, y: stubs.y[upper] + stubs.height[upper] / 2 });
    view.setZoom(1);
    await view.painted();
    expect(shot.texts()).toContain(stubs.text[upper]);
    shot.calls.length = 0;
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2);
    await view.painted();
    expect(told.onHover).toHaveBeenLastCalledWith(-1);
    const lit = shot.named('stroke').filter((call) => call.stroke === shot.named('fillText').find((one) => one.args[0] === stubs.text[upper])?.fill);
    expect(lit.some((call) => call.dash.length === 2 && call.lineWidth === 2)).toBe(true);
    pointer(canvas, 'pointerdown', WIDTH / 2, HEIGHT / 2);
    pointer(canvas, 'pointerup', WIDTH / 2, HEIGHT / 2);
    expect(told.onSelect).toHaveBeenLastCalledWith([scene.source[stubs.edge[upper]]], 'replace');
  });

  it('leaves the picture where it is when a panel opens, and brings out only what that would hide', async () => {
    const { view, told, canvas } = open(300);
    pointer(canvas, 'pointermove', WIDTH / 2, 40);
    expect(told.onHover).toHaveBeenLastCalledWith(0);
    view.setSelection(new Set([0]));
    Object.defineProperty(canvas, 'clientWidth', { value: WIDTH - 100 });
    resized();
    expect(told.onHover).toHaveBeenLastCalledWith(0);
    // Now the node in the middle of the old canvas lies under the panel.
    Object.defineProperty(canvas, 'clientWidth', { value: WIDTH / 2 });
    resized();
    // The ride takes its time.
    await vi.waitFor(() => {
      pointer(canvas, 'pointermove', WIDTH / 2 - 40, 40);
      expect(told.onHover).toHaveBeenLastCalledWith(0);
    }, { timeout: 20_000 });
  });

  it('shows the whole again in a window of another size, until somebody moves it', () => {
    const { view, canvas } = open(300);
    const size = (width: number): void => {
      Object.defineProperty(window, 'innerWidth', { value: width, configurable: true });
      Object.defineProperty(canvas, 'clientWidth', { value: width });
      resized();
    };
    view.fit(false);
    const whole = view.zoom;
    size(WIDTH / 2);
    const smaller = view.zoom;
    expect(smaller).toBeLessThan(whole);
    size(WIDTH);
    expect(view.zoom).toBeCloseTo(whole, 6);
    view.panBy(5, 0);
    size(WIDTH / 2);
    expect(view.zoom).toBeCloseTo(whole, 6);
  });

  it('opens with a double click what its first click was on, though the picture has moved away', () => {
    const { view, told, canvas } = open(3);
    const click = (x: number, y: number, detail: number): void => {
      for (const kind of ['pointerdown', 'mousedown', 'pointerup']) pointer(canvas, kind, x, y, kind === 'mousedown' ? { detail } : {});
    };
    click(WIDTH / 2, HEIGHT / 2, 1);
    view.panBy(-200, 0);
    click(WIDTH / 2, HEIGHT / 2, 2);
    expect(told.onSelect.mock.calls).toEqual([[[1], 'replace'], [[1], 'replace']]);
    pointer(canvas, 'dblclick', WIDTH / 2, HEIGHT / 2);
    expect(told.onOpen.mock.calls).toEqual([[1]]);
    // Once more is a click of its own, on what is there now.
    click(WIDTH / 2, HEIGHT / 2, 3);
    expect(told.onSelect).toHaveBeenLastCalledWith([], 'replace');
    click(WIDTH / 2 - 200, HEIGHT / 2, 1);
    expect(told.onSelect).toHaveBeenLastCalledWith([1], 'replace');
  });

  it('scrolls with the wheel, zooms with Ctrl or when set to', async () => {
    const { view, told, canvas } = open(3);
    const wheel = (deltaY: number, more = {}): void => {
      const event = new WheelEvent('wheel', { deltaY });
      // happy-dom's wheel events know nothing of the mouse.
      canvas.dispatchEvent(Object.assign(event, { clientX: WIDTH / 2, clientY: HEIGHT / 2, ...more }));
    };
    wheel(50);
    expect(view.zoom).toBe(1);
    pointer(canvas, 'pointermove', WIDTH / 2, HEIGHT / 2);
    expect(told.onHover).toHaveBeenLastCalledWith(2);
    wheel(-100, { ctrlKey: true });
    expect(view.zoom).toBeGreaterThan(1);
    // A notch comes in frames, fingers are followed at once.
    expect(view.zoom).toBeLessThan(Math.exp(0.22));
    await vi.waitFor(() => expect(view.zoom).toBeCloseTo(Math.exp(0.22), 5));
    const before = view.zoom;
    wheel(-10, { ctrlKey: true });
    expect(view.zoom).toBeCloseTo(before * Math.exp(0.1));
    view.setWheel('zoom');
    wheel(100);
    expect(view.zoom).toBeLessThan(before * Math.exp(0.1));
  });
});
