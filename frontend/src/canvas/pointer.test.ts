// Gestures: what a press, a wheel and fingers mean, in whatever units and with whatever keys they come.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listen, type Ears, type Gestures, type WheelMode } from './pointer';

let canvas: HTMLCanvasElement;
let ears: Ears;
let mode: WheelMode;
/** What is under each point: a node in the left half, nothing in the right one. */
const gestures = {
  nodeAt: vi.fn(({ x }: { x: number }) => (x < 200 ? 7 : -1)), hover: vi.fn(), pan: vi.fn(), zoom: vi.fn(), pick: vi.fn(), rubber: vi.fn(), select: vi.fn(), open: vi.fn(), menu: vi.fn(),
} satisfies Gestures;

beforeEach(() => {
  vi.clearAllMocks();
  mode = 'scroll';
  canvas = document.createElement('canvas');
  Object.defineProperty(canvas, 'clientHeight', { value: 600 });
  canvas.getBoundingClientRect = () => ({ left: 10, top: 20 }) as DOMRect;
  ears = listen(canvas, gestures, () => mode);
});
afterEach(() => ears.stop());

function send(kind: string, x: number, y: number, more: object = {}): Event {
  const event = Object.assign(new MouseEvent(kind, { clientX: x + 10, clientY: y + 20, cancelable: true, ...more }), { pointerId: 1, pointerType: 'mouse', ...more });
  canvas.dispatchEvent(event);
  return event;
}

function wheel(more: object): void {
  canvas.dispatchEvent(Object.assign(new WheelEvent('wheel', { cancelable: true }), { deltaX: 0, deltaY: 0, deltaMode: 0, clientX: 60, clientY: 50, ctrlKey: false, metaKey: false, shiftKey: false, ...more }));
}

describe('a press', () => {
  it('is a click as long as it hardly moves, and then a drag to its end', () => {
    send('pointerdown', 100, 100);
    send('pointermove', 102, 102);
    expect(gestures.pan).not.toHaveBeenCalled();
    send('pointerup', 102, 102);
    expect(gestures.pick.mock.calls).toEqual([[7, false]]);
    send('pointerdown', 100, 100);
    send('pointermove', 103, 104);
    send('pointermove', 101, 100);
    send('pointerup', 100, 100);
    expect(gestures.pan.mock.calls).toEqual([[3, 4], [-2, -4]]);
    expect(gestures.pick).toHaveBeenCalledOnce();
  });

  it('drags with the middle button too, which picks nothing, and not with the right one', () => {
    expect(send('pointerdown', 300, 100, { button: 1 }).defaultPrevented).toBe(true);
    send('pointermove', 320, 100, { button: 1 });
    send('pointerup', 320, 100, { button: 1 });
    expect(gestures.pan.mock.calls).toEqual([[20, 0]]);
    // With Shift it is no box.
    send('pointerdown', 300, 100, { button: 1, shiftKey: true });
    send('pointermove', 340, 100, { button: 1, shiftKey: true });
    send('pointerup', 340, 100, { button: 1, shiftKey: true });
    send('pointerdown', 300, 100, { button: 1 });
    send('pointerup', 300, 100, { button: 1 });
    send('pointerdown', 300, 100, { button: 2 });
    send('pointermove', 360, 100, { button: 2 });
    expect([gestures.pan.mock.calls.length, gestures.rubber.mock.calls.length, gestures.pick.mock.calls.length]).toEqual([2, 0, 0]);
  });

  it('belongs to one pointer', () => {
    send('pointerdown', 300, 100);
    send('pointermove', 350, 100, { pointerId: 9 });
    send('pointerup', 350, 100, { pointerId: 9 });
    expect(gestures.pan).not.toHaveBeenCalled();
    send('pointermove', 350, 100);
    expect(gestures.pan.mock.calls).toEqual([[50, 0]]);
  });

  it('draws a box with Shift, which goes away with it, also where it is given up', () => {
    for (const [end, selects] of [['pointerup', 1], ['pointercancel', 0]] as const) {
      vi.clearAllMocks();
      send('pointerdown', 300, 100, { shiftKey: true });
      send('pointermove', 260, 160, { shiftKey: true });
      send(end, 260, 160, { shiftKey: true });
      expect(gestures.rubber.mock.calls).toEqual([[{ x: 260, y: 100, width: 40, height: 60 }], [null]]);
      expect(gestures.select.mock.calls.length).toBe(selects);
    }
    send('pointerdown', 300, 100, { shiftKey: true, ctrlKey: true });
    send('pointermove', 360, 160, { shiftKey: true, ctrlKey: true });
    send('pointerup', 360, 160, { shiftKey: true, ctrlKey: true });
    expect(gestures.select.mock.lastCall).toEqual([{ x: 300, y: 100, width: 60, height: 60 }, true]);
  });

  it('of the right button opens the menu of the page, not the browser\'s', () => {
    expect(send('contextmenu', 100, 50, { button: 2 }).defaultPrevented).toBe(true);
    expect(gestures.menu.mock.calls).toEqual([[7, { x: 110, y: 70 }]]);
  });
});

describe('the pointer', () => {
  it('tells what it comes to, once, and shows that it can be clicked', () => {
    for (const x of [100, 120, 300, 320, 90]) {
      send('pointermove', x, 50);
      expect(canvas.style.cursor).toBe(x < 200 ? 'pointer' : 'default');
    }
    expect(gestures.hover.mock.calls).toEqual([[7, { x: 100, y: 50 }], [-1, { x: 300, y: 50 }], [7, { x: 90, y: 50 }]]);
    send('pointerleave', 0, 0);
    expect([gestures.hover.mock.lastCall?.[0], canvas.style.cursor]).toEqual([-1, 'default']);
    send('pointerdown', 300, 100);
    send('pointermove', 340, 100);
    expect(canvas.style.cursor).toBe('grabbing');
    send('pointerup', 340, 100);
    expect(canvas.style.cursor).toBe('default');
  });

  it('is over nothing while the picture is on its way, and is asked again where it has come to rest', () => {
    send('pointermove', 100, 50);
    ears.blind();
    expect(gestures.hover.mock.lastCall?.[0]).toBe(-1);
    ears.again();
    expect(gestures.hover.mock.lastCall).toEqual([7, { x: 100, y: 50 }]);
    send('pointerleave', 0, 0);
    const calls = gestures.hover.mock.calls.length;
    ears.again();
    expect(gestures.hover.mock.calls.length).toBe(calls);
    ears.stop();
    send('pointermove', 100, 50);
    expect(gestures.hover.mock.calls.length).toBe(calls);
  });
});

describe('the wheel', () => {
  it('scrolls by pixels, lines and pages, sideways with Shift', () => {
    wheel({ deltaX: 3, deltaY: 5 });
    wheel({ deltaY: 2, deltaMode: 1 });
    wheel({ deltaY: 1, deltaMode: 2 });
    wheel({ deltaY: 8, shiftKey: true });
    wheel({ deltaX: 4, shiftKey: true });
    expect(gestures.pan.mock.calls.map((call) => call.map((part: number) => part + 0))).toEqual([[-3, -5], [0, -32], [0, -600], [-8, 0], [-4, 0]]);
  });

  it('zooms with Ctrl or by choice: a notch by a quarter, a pinch as far as the fingers go', () => {
    wheel({ deltaY: -100, ctrlKey: true });
    wheel({ deltaY: -10, ctrlKey: true });
    mode = 'zoom';
    wheel({ deltaY: 100 });
    wheel({ deltaY: 10 });
    const [notch, pinch, out, slow] = gestures.zoom.mock.calls as [number, object, boolean][];
    expect(notch).toEqual([expect.closeTo(Math.exp(0.22), 6), { x: 50, y: 30 }, true]);
    expect(pinch).toEqual([expect.closeTo(Math.exp(0.1), 6), { x: 50, y: 30 }, false]);
    expect([out![0], out![2]]).toEqual([expect.closeTo(Math.exp(-0.22), 6), true]);
    expect([slow![0], slow![2]]).toEqual([expect.closeTo(Math.exp(-0.022), 6), false]);
    expect(gestures.pan).not.toHaveBeenCalled();
  });
});

describe('fingers', () => {
  const touch = (kind: string, pointerId: number, x: number, y: number): Event => send(kind, x, y, { pointerId, pointerType: 'touch' });

  it('two of them take along what is between them, and zoom by how far they part', () => {
    touch('pointerdown', 1, 100, 100);
    touch('pointerdown', 2, 300, 100);
    touch('pointermove', 2, 300, 300);
    expect(gestures.pan.mock.calls).toEqual([[0, 100]]);
    expect(gestures.zoom.mock.calls).toEqual([[Math.hypot(200, 200) / 200, { x: 200, y: 200 }, false]]);
    touch('pointerup', 2, 300, 300);
    touch('pointerup', 1, 100, 100);
    expect(gestures.pick).not.toHaveBeenCalled();
  });

  it('one of them drags and picks; it hovers over nothing', () => {
    touch('pointermove', 1, 100, 100);
    expect(gestures.hover).not.toHaveBeenCalled();
    touch('pointerdown', 1, 300, 100);
    touch('pointermove', 1, 300, 140);
    touch('pointerup', 1, 300, 140);
    expect(gestures.pan.mock.calls).toEqual([[0, 40]]);
    touch('pointerdown', 1, 100, 100);
    touch('pointerup', 1, 100, 100);
    expect(gestures.pick.mock.calls).toEqual([[7, false]]);
  });
});
