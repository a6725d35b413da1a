// Mouse, pen and wheel on the canvas, told as gestures: pan, zoom, pick, box, open, menu.
import { boxBetween, type Box, type Point } from '../lib/geometry';

export interface Gestures {
  /** What is under a screen point: a node, -1 for nothing, or what `hitAt` tells of stubs and edges. */
  nodeAt(at: Point): number;
  /** What `nodeAt` tells of the pointer's place, when it changes. */
  hover(found: number, at: Point): void;
  pan(dx: number, dy: number): void;
  /** `notch`: one large step, which is not shown as it is but as a short way. */
  zoom(factor: number, at: Point, notch: boolean): void;
  /** A click: `node` is -1 on empty ground; `toggle` with Shift, Ctrl or Cmd. */
  pick(node: number, toggle: boolean): void;
  /** The box being drawn, screen px; null when it is given up. */
  rubber(box: Box | null): void;
  /** The box is drawn. */
  select(box: Box, toggle: boolean): void;
  open(node: number): void;
  menu(node: number, client: Point): void;
}

export type WheelMode = 'scroll' | 'zoom';

/** A press that moves less than this is a click, px. */
const SLACK = 4;
const LINE = 16; // px of one wheel line
const ZOOM_SPEED = 0.0022; // per px of wheel; a mouse notch of 100 px zooms by about 1.25
const PINCH_SPEED = 0.01;
/** A wheel moves at least so far at once, px; fingers move less. */
const NOTCH = 40;

interface Press {
  readonly id: number;
  readonly from: Point;
  last: Point;
  readonly box: boolean;
  readonly toggle: boolean;
  moved: boolean;
}

/** The middle of the first two fingers, and how far they are apart, px. */
function spread(touches: ReadonlyMap<number, Point>): { middle: Point; apart: number } {
  const [a, b] = touches.values();
  return {
    middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    apart: Math.hypot(a.x - b.x, a.y - b.y),
  };
}

/** What the view tells the pointer, which hears nothing of a picture that moves by itself. */
export interface Ears {
  /** The picture is on its way: nothing is under the pointer. */
  blind(): void;
  /** The picture lies still elsewhere: what is under the pointer now? */
  again(): void;
  stop(): void;
}

/** Listens on `canvas` until it is stopped. */
export function listen(
  canvas: HTMLCanvasElement,
  gestures: Gestures,
  wheelMode: () => WheelMode,
): Ears {
  let press: Press | null = null;
  let hovered = -1;
  let last: Point | null = null; // where a mouse or pen is over the canvas
  const touches = new Map<number, Point>();
  /** What the last two clicks were on. The first may have moved the picture: a panel opens beside it. */
  let clicked: readonly [before: number, last: number] = [-1, -1];
  /** True while the press is the second one of a double click. */
  let second = false;
  const off = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(
    kind: K,
    handle: (event: HTMLElementEventMap[K]) => void,
  ): void => canvas.addEventListener(kind, handle, { signal: off.signal, passive: false });

  const place = (event: MouseEvent): Point => {
    const frame = canvas.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const hover = (at: Point | null): void => {
    last = at;
    look(at);
  };
  const look = (at: Point | null): void => {
    const node = at === null ? -1 : gestures.nodeAt(at);
    if (node === hovered) return;
    hovered = node;
    canvas.style.cursor = node === -1 ? 'default' : 'pointer';
    gestures.hover(node, at ?? { x: 0, y: 0 });
  };
  const end = (): void => {
    if (press?.box === true) gestures.rubber(null);
    press = null;
    canvas.style.cursor = hovered === -1 ? 'default' : 'pointer';
  };

  /** Moves one of two fingers: what was under the fingers stays under them. */
  const pinch = (id: number, at: Point): void => {
    const before = spread(touches);
    touches.set(id, at);
    const now = spread(touches);
    gestures.pan(now.middle.x - before.middle.x, now.middle.y - before.middle.y);
    if (before.apart > 0) gestures.zoom(now.apart / before.apart, now.middle, false);
  };

  on('pointerdown', (event) => {
    second = false;
    if (event.pointerType === 'touch') touches.set(event.pointerId, place(event));
    if (touches.size > 1) {
      // A second finger makes the press a pinch.
      if (press !== null) end();
      return;
    }
    if (press !== null || (event.button !== 0 && event.button !== 1)) return;
    const at = place(event);
    press = {
      id: event.pointerId,
      from: at,
      last: at,
      box: event.button === 0 && event.shiftKey,
      toggle: event.ctrlKey || event.metaKey,
      moved: false,
    };
    canvas.setPointerCapture?.(event.pointerId);
    if (event.button === 1) event.preventDefault(); // no autoscroll
  });

  // Comes after `pointerdown`, which does not count; after a touch, though, too late.
  on('mousedown', (event) => {
    second = event.detail > 0 && event.detail % 2 === 0;
  });

  on('pointermove', (event) => {
    const at = place(event);
    if (touches.size > 1) {
      if (touches.has(event.pointerId)) pinch(event.pointerId, at);
      return;
    }
    if (press === null) {
      if (event.pointerType !== 'touch') hover(at);
      return;
    }
    if (event.pointerId !== press.id) return;
    if (!press.moved && Math.hypot(at.x - press.from.x, at.y - press.from.y) < SLACK) return;
    if (!press.moved) canvas.style.cursor = press.box ? 'crosshair' : 'grabbing';
    press.moved = true;
    if (press.box) gestures.rubber(boxBetween(press.from, at));
    else gestures.pan(at.x - press.last.x, at.y - press.last.y);
    press.last = at;
  });

  on('pointerup', (event) => {
    touches.delete(event.pointerId);
    if (press === null || event.pointerId !== press.id) return;
    const done = press;
    const at = place(event);
    end();
    if (done.moved && done.box) gestures.select(boxBetween(done.from, at), done.toggle);
    else if (!done.moved && event.button === 0) {
      clicked = [clicked[1], second ? clicked[1] : gestures.nodeAt(at)];
      gestures.pick(clicked[1], done.box || done.toggle);
    }
    hover(at);
  });

  on('pointercancel', (event) => {
    touches.delete(event.pointerId);
    end();
  });
  on('pointerleave', () => {
    if (press === null) hover(null);
  });

  on('dblclick', () => {
    if (clicked[0] >= 0) gestures.open(clicked[0]);
  });

  on('contextmenu', (event) => {
    event.preventDefault();
    gestures.menu(gestures.nodeAt(place(event)), { x: event.clientX, y: event.clientY });
  });

  on('wheel', (event) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? canvas.clientHeight : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const near = event.ctrlKey || event.metaKey;
    if (near || wheelMode() === 'zoom') {
      // A pinch comes as many small steps, a wheel with Ctrl as few large ones.
      const notch = Math.abs(dy) >= NOTCH;
      const speed = near && !notch ? PINCH_SPEED : ZOOM_SPEED;
      gestures.zoom(Math.exp(-dy * speed), place(event), notch);
    } else if (event.shiftKey && dx === 0) gestures.pan(-dy, 0);
    else gestures.pan(-dx, -dy);
    if (press === null) hover(place(event));
  });

  // Safari tells a pinch on the trackpad by events of its own, which no type knows.
  let before = 1;
  const pinched = (event: Event): void => {
    event.preventDefault();
    const { scale = 1 } = event as Event & { scale?: number };
    if (event.type === 'gesturechange' && touches.size === 0 && scale > 0) gestures.zoom(scale / before, place(event as MouseEvent), false);
    before = event.type === 'gesturechange' ? scale : 1;
  };
  for (const kind of ['gesturestart', 'gesturechange', 'gestureend']) {
    canvas.addEventListener(kind, pinched, { signal: off.signal, passive: false });
  }

  return {
    blind: () => { if (press === null) look(null); },
    again: () => { if (press === null) look(last); },
    stop: () => off.abort(),
  };
}
