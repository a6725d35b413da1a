// The next picture: painted once however often it is asked for, and nobody waits for one that never comes.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NextFrame } from './next-frame';

let frames: Map<number, () => void>;
const paint = vi.fn();

beforeEach(() => {
  frames = new Map();
  let last = 0;
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => {
    frames.set(++last, frame);
    return last;
  });
  vi.stubGlobal('cancelAnimationFrame', (id: number) => frames.delete(id));
  paint.mockReset();
});
afterEach(() => vi.unstubAllGlobals());

function run(): void {
  const due = [...frames.values()];
  frames.clear();
  for (const frame of due) frame();
}

it('is painted once, and told to all who wait', async () => {
  const next = new NextFrame(paint);
  await next.painted();
  for (let go = 0; go < 3; go++) next.ask();
  expect([frames.size, next.due]).toEqual([1, true]);
  const told = vi.fn();
  const waiting = Promise.all([next.painted().then(told), next.painted().then(told)]);
  await Promise.resolve();
  expect(told).not.toHaveBeenCalled();
  run();
  await waiting;
  expect([paint.mock.calls.length, told.mock.calls.length, next.due]).toEqual([1, 2, false]);
});

it('lets nobody wait where painting fails, or the picture is given up', async () => {
  const next = new NextFrame(paint);
  paint.mockImplementation(() => { throw new Error('no'); });
  next.ask();
  let waiting = next.painted();
  expect(run).toThrow('no');
  await waiting;
  next.ask();
  waiting = next.painted();
  next.drop();
  await waiting;
  run();
  expect(paint).toHaveBeenCalledOnce();
  // The next one is asked for anew.
  paint.mockReset();
  next.ask();
  run();
  expect(paint).toHaveBeenCalledOnce();
});
