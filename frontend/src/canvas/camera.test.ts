// Where the camera goes: the first look at a graph, under the hand, about the pointer, and on its rides.
import { describe, expect, it } from 'vitest';
import { Camera, homeOf } from './camera';

function world(nodes: [x: number, y: number][], direction: 'down' | 'right' = 'down') {
  const of = (values: number[]) => Float32Array.from(values);
  return {
    count: nodes.length, direction, width: 20_000, height: 20_000,
    x: of(nodes.map(([x]) => x)), y: of(nodes.map(([, y]) => y)),
    nodeWidth: of(nodes.map(() => 100)), nodeHeight: of(nodes.map(() => 20)),
  };
}

function camera(): Camera {
  const made = new Camera();
  [made.width, made.height] = [1000, 600];
  return made;
}

it('begins with the first node at the top, in the middle of the width', () => {
  const view = homeOf(camera(), world([[5000, 100], [5000, 0], [5000, 200]]), 0.5);
  expect(view).toEqual({ x: 5050 - 500, y: -32, zoom: 1 });
});

it('begins at the left, in the middle of the height, where the graph goes right', () => {
  const view = homeOf(camera(), world([[0, 700], [200, 700]], 'right'), 0.5);
  expect(view).toEqual({ x: -32, y: 710 - 300, zoom: 1 });
});

it('does not begin at a lone input far from all others', () => {
  const crowd = [1, 2, 3, 4].map((at): [number, number] => [400, 60 * at]);
  const view = homeOf(camera(), world([[5000, 0], ...crowd]), 0.5);
  expect(view.x).toBe(450 - 500);
  // Two beginnings with much the same around them: the first one stays.
  expect(homeOf(camera(), world([[5000, 0], [5000, 60], ...crowd]), 0.5).x).toBe(5050 - 500);
});

it('moves with the hand, and keeps what is under the pointer while it zooms', () => {
  const made = camera();
  made.zoomTo(0.4);
  const before = made.toWorld({ x: 210, y: 77 });
  made.panBy(30, -45);
  expect(made.toWorld({ x: 240, y: 32 })).toEqual({ x: expect.closeTo(before.x), y: expect.closeTo(before.y) });
  const at = { x: 900, y: 120 };
  const under = made.toWorld(at);
  for (const zoom of [2.5, 0.1]) {
    made.zoomTo(zoom, at);
    expect(made.zoom).toBe(zoom);
    expect(made.toWorld(at)).toEqual({ x: expect.closeTo(under.x), y: expect.closeTo(under.y) });
  }
});

it('goes as far out as the largest graph that it has shown needs', () => {
  const made = camera();
  made.zoomTo(1e-6);
  const least = made.zoom;
  expect(least).toBeLessThanOrEqual(0.01);
  const { zoom } = made.fitted({ x: 0, y: 0, width: 5000, height: 1e6 });
  expect(zoom).toBeLessThan(least);
  made.zoomTo(1e-6);
  expect(made.zoom).toBe(zoom);
});

it('fits a box into a part of the screen: in its middle, with a margin at the nearer sides', () => {
  const area = { x: 300, y: 40, width: 600, height: 400 };
  for (const box of [{ x: -50, y: 10, width: 4000, height: 500 }, { x: 7, y: -9, width: 300, height: 9000 }, { x: 0, y: 0, width: 30, height: 20 }]) {
    const { x, y, zoom } = camera().fitted(box, area);
    const [left, top] = [(box.x - x) * zoom, (box.y - y) * zoom];
    const [right, bottom] = [left + box.width * zoom, top + box.height * zoom];
    expect(left - area.x).toBeCloseTo(area.x + area.width - right);
    expect(top - area.y).toBeCloseTo(area.y + area.height - bottom);
    const spare = Math.min(left - area.x, top - area.y);
    if (zoom < 1) expect(spare).toBeCloseTo(32);
    else expect([zoom, spare > 32]).toEqual([1, true]);
  }
});

describe('a ride', () => {
  function ride(to: { x: number; y: number; zoom: number }) {
    const made = camera();
    [made.x, made.y, made.zoom] = [0, 0, 0.5];
    made.go(to, true, 1000);
    const middle = () => ({ x: made.x + 500 / made.zoom, y: made.y + 300 / made.zoom, zoom: Math.log(made.zoom) });
    return { made, middle };
  }

  it('takes middle and zoom along evenly, quick first and slower towards the end', () => {
    const to = { x: 700, y: 5000, zoom: 2 };
    const { made, middle } = ride(to);
    const start = middle();
    const end = { x: to.x + 250, y: to.y + 150, zoom: Math.log(2) };
    const shares: number[] = [];
    for (let now = 1000; now < 1320; now += 20) {
      made.step(now);
      const here = middle();
      const [x, y, zoom] = (['x', 'y', 'zoom'] as const).map((key) => (here[key] - start[key]) / (end[key] - start[key])) as [number, number, number];
      expect([y, zoom]).toEqual([expect.closeTo(x, 6), expect.closeTo(x, 6)]);
      shares.push(x);
    }
    expect(shares[0]).toBeCloseTo(0);
    const steps = shares.slice(1).map((share, at) => share - shares[at]!);
    expect(steps.every((step, at) => step > 0 && (at === 0 || step < steps[at - 1]!))).toBe(true);
    made.step(1400);
    expect({ x: made.x, y: made.y, zoom: made.zoom, moving: made.moving }).toEqual({ ...to, moving: false });
  });

  it('is shorter where the goal is on the screen already', () => {
    for (const [to, ms] of [[{ x: 900, y: 0 }, 180], [{ x: 0, y: 900 }, 180], [{ x: 2100, y: 0 }, 320], [{ x: 0, y: 1300 }, 320], [{ x: 0, y: -1300 }, 320]] as const) {
      const { made } = ride({ ...to, zoom: 0.5 });
      made.step(1000 + ms - 5);
      expect(made.moving).toBe(true);
      made.step(1000 + ms);
      expect(made.moving).toBe(false);
    }
  });

  it('ends where the user takes over', () => {
    for (const act of [(made: Camera) => made.panBy(3, 4), (made: Camera) => made.zoomTo(0.7), (made: Camera) => made.halt()]) {
      const { made } = ride({ x: 700, y: 5000, zoom: 2 });
      made.step(1050);
      act(made);
      const { x, y, zoom } = made;
      made.step(1200);
      expect([made.moving, made.x, made.y, made.zoom]).toEqual([false, x, y, zoom]);
    }
  });
});

it('begins at the topmost node, wherever it stands in the list, not at a crowd that is off the screen', () => {
  expect(homeOf(camera(), world([[5000, 300], [4700, 0], [5000, 150]]), 0.5)).toEqual({ x: 4750 - 500, y: -32, zoom: 1 });
  const below = Array.from({ length: 12 }, (_, at): [number, number] => [400, 700 + 30 * at]);
  expect(homeOf(camera(), world([[5000, 0], ...below]), 0.5).x).toBe(5050 - 500);
});

it('a ride goes on to the same middle where the screen changes on its way', () => {
  const one = new Camera();
  one.resize(1000, 600, false);
  one.go(one.centred({ x: 5000, y: 300 }, 0.5), true, 0);
  one.step(50);
  one.resize(600, 600, true);
  one.step(10_000);
  expect(one.moving).toBe(false);
  expect(one.toWorld({ x: 300, y: 300 })).toEqual({ x: 5000, y: 300 });
});
