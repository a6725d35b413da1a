// Pointing at a line: it is found, lit from end to end, named; its look comes up over 90 ms. Pinches too.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { Camera } from './camera';
import { edgeOf, hitAt, stubOf } from './hit';
import { Pointed } from './pointed';
import { recorder, StubPath } from './recorder';
import { GraphView } from './view';

/** One tensor with two consumers, side by side. */
const columns = decodeColumns(encodeSample(
  [{ op: 'Conv', layer: true }, { op: 'Relu' }, { op: 'Sigmoid' }, { op: 'Mul' }],
  [
    { from: 0, to: 1, tensor: 'conv_out', label: '1×64×8×8' }, { from: 0, to: 2, tensor: 'conv_out', label: '1×64×8×8' },
    { from: 1, to: 3, tensor: 'a' }, { from: 2, to: 3, tensor: 'b', port: 1 },
  ],
));
const document = documentOf(columns);
const scene = openScene(buildScene(columns));

function camera(zoom = 1): Camera {
  const made = new Camera();
  [made.width, made.height, made.zoom] = [800, 600, zoom];
  return made;
}

/** The middle of the last piece of an edge's line. */
function lastPiece(edge: number): { x: number; y: number } {
  const end = 2 * scene.start[edge + 1];
  const [ax, ay, bx, by] = scene.points.subarray(end - 4, end);
  return { x: (ax + bx) / 2, y: (ay + by) / 2 };
}

describe('a line under the pointer', () => {
  it('is the nearest one, a few pixels beside it too, and never hides a node', () => {
    for (let edge = 0; edge < 4; edge++) {
      const { x, y } = lastPiece(edge);
      const found = edgeOf(hitAt(scene, document, camera(), { x: x + 3, y }));
      expect(document.edgeTensor[found]).toBe(document.edgeTensor[edge]);
      expect(stubOf(hitAt(scene, document, camera(), { x, y }))).toBe(-1);
    }
    const inside = { x: scene.x[1] + 5, y: scene.y[1] + 5 };
    expect(hitAt(scene, document, camera(), inside)).toBe(1);
    expect(hitAt(scene, document, camera(), { x: 790, y: 590 })).toBe(-1);
  });

  it('is not looked for far away, where lines are hairs', () => {
    const { x, y } = lastPiece(2);
    const found = hitAt(scene, document, camera(0.2), { x: x * 0.2, y: y * 0.2 });
    expect(edgeOf(found)).toBe(-1);
  });
});

describe('Pointed', () => {
  it('comes up over 90 ms, at once for who wants no motion', () => {
    const pointed = new Pointed();
    pointed.set(3, { x: 0, y: 0 }, 1000);
    expect([1000, 1045, 1090, 2000].map((now) => pointed.share(now))).toEqual([0, 0.5, 1, 1]);
    expect([1045, 1090].map((now) => pointed.running(now))).toEqual([true, false]);
    pointed.set(3, { x: 0, y: 0 }, null);
    expect(pointed.share(0)).toBe(1);
    pointed.set(-1, { x: 0, y: 0 }, 1000);
    expect(pointed.running(1000)).toBe(false);
  });
});

describe('GraphView', () => {
  beforeEach(() => vi.stubGlobal('Path2D', StubPath));
  afterEach(() => vi.unstubAllGlobals());

  function open() {
    const canvas = window.document.createElement('canvas');
    Object.defineProperty(canvas, 'clientWidth', { value: 800 });
    Object.defineProperty(canvas, 'clientHeight', { value: 600 });
    const shot = recorder();
    canvas.getContext = (() => shot.context) as unknown as HTMLCanvasElement['getContext'];
    const told = { onSelect: vi.fn(), onHover: vi.fn(), onContextMenu: vi.fn(), onOpen: vi.fn(), onCamera: vi.fn() };
    const view = new GraphView(canvas, told);
    view.setGraph(document, scene);
    return { view, canvas, shot, told };
  }

  it('lights the tensor of the line that is pointed at, names it, and keeps it lit after a click', async () => {
    const { view, canvas, shot } = open();
    const at = lastPiece(1);
    const point = { clientX: at.x + (800 - scene.width) / 2, clientY: at.y + (600 - scene.height) / 2 };
    const send = (kind: string, place = point) => {
      canvas.dispatchEvent(Object.assign(new MouseEvent(kind, { ...place, bubbles: true }), { pointerId: 1, pointerType: 'mouse' }));
    };
    send('pointermove');
    await new Promise((done) => setTimeout(done, 120));
    shot.calls.length = 0;
    send('pointermove', { clientX: 2, clientY: 2 });
    send('pointermove');
    await new Promise((done) => setTimeout(done, 150));
    await view.painted();
    expect(shot.texts()).toEqual(expect.arrayContaining(['conv_out', '1×64×8×8']));
    // Both edges of the tensor: the one under the pointer leads to node 2, the other one to node 1.
    const lit = () => shot.named('stroke').filter((call) => call.lineWidth === 2).length;
    expect(lit()).toBeGreaterThanOrEqual(2);
    send('pointerdown');
    send('pointerup');
    send('pointermove', { clientX: 2, clientY: 2 });
    await view.painted();
    shot.calls.length = 0;
    view.panBy(1, 0);
    await view.painted();
    expect(lit()).toBe(2);
    send('pointerdown', { clientX: 2, clientY: 2 });
    send('pointerup', { clientX: 2, clientY: 2 });
    shot.calls.length = 0;
    view.panBy(1, 0);
    await view.painted();
    expect(lit()).toBe(0);
    view.dispose();
  });

  it('zooms with the pinches that Safari tells, about the fingers', () => {
    const { view, canvas } = open();
    const pinch = (kind: string, scale: number) => {
      const event = Object.assign(new Event(kind, { cancelable: true }), { scale, clientX: 400, clientY: 300 });
      canvas.dispatchEvent(event);
      return event.defaultPrevented;
    };
    const before = view.zoom;
    expect(pinch('gesturestart', 1)).toBe(true);
    expect(pinch('gesturechange', 1.5)).toBe(true);
    pinch('gesturechange', 2);
    pinch('gestureend', 2);
    expect(view.zoom).toBeCloseTo(before * 2);
    pinch('gesturestart', 1);
    pinch('gesturechange', 0.5);
    expect(view.zoom).toBeCloseTo(before);
    view.dispose();
  });
});
