// What stays in sight: the drawing when it is moved about, what is selected when a panel opens, the whole when the window changes.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { Camera } from './camera';
import { allowedPan, outFromUnder } from './sight';

function camera(width = 800, height = 600): Camera {
  const made = new Camera();
  made.resize(width, height, false);
  return made;
}

describe('moving the picture', () => {
  const world = { width: 1000, height: 20_000 };
  const rest = (one: Camera) => ({
    left: -one.x * one.zoom, right: (world.width - one.x) * one.zoom, top: -one.y * one.zoom, bottom: (world.height - one.y) * one.zoom,
  });

  it.each([[1e6, 0], [-1e6, 0], [0, 1e6], [0, -1e6], [1e6, -1e6]])('by %s, %s leaves a part of the drawing on the screen', (dx, dy) => {
    const one = camera();
    one.zoom = 0.5;
    one.panBy(...allowedPan(one, world, dx, dy));
    const { left, right, top, bottom } = rest(one);
    const [across, along] = [Math.min(right, 800) - Math.max(left, 0), Math.min(bottom, 600) - Math.max(top, 0)];
    if (dx !== 0) expect(across).toBeCloseTo(48, 6);
    if (dy !== 0) expect(along).toBeCloseTo(48, 6);
  });

  it('goes as far as it is asked for inside', () => {
    expect(allowedPan(camera(), world, -120, -3000)).toEqual([-120, -3000]);
  });

  it('never jumps back from beyond: it only comes nearer', () => {
    const one = camera();
    one.x = 5000; // a zoom at a point beside the drawing led here
    expect(allowedPan(one, world, -10, 0)[0]).toBe(0);
    expect(allowedPan(one, world, 30, 0)[0]).toBe(30);
  });

  it('keeps all of a drawing smaller than that on the screen', () => {
    const one = camera();
    one.zoom = 0.01; // 10 px wide
    one.x = -10_000; // 100 px from the left
    one.panBy(...allowedPan(one, world, -1e6, 0));
    expect([rest(one).left, rest(one).right]).toEqual([0, 10].map((x) => expect.closeTo(x, 6)));
  });
});

describe('a panel that covers the right of the canvas', () => {
  const nodes = Array.from({ length: 4 }, () => ({ op: 'Relu' }));
  const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, [0, 0, 0].map((from, at) => ({ from, to: at + 1 }))))));
  const order = [1, 2, 3].toSorted((a, b) => scene.x[a] - scene.x[b]);
  const [first, , last] = order as [number, number, number];

  it('lets what is selected under it come out, and no further', () => {
    const one = camera(scene.x[last] + 5, 600);
    const to = outFromUnder(one, scene, new Set([last]))!;
    expect((scene.x[last] + scene.nodeWidth[last] - to.x) * to.zoom).toBeCloseTo(one.width - 24, 4);
    expect([to.y, to.zoom]).toEqual([one.y, one.zoom]);
  });

  it('moves nothing that is in sight, and hides no beginning for an end', () => {
    const wide = camera(scene.width + 100, 600);
    expect(outFromUnder(wide, scene, new Set([first, last]))).toBeNull();
    expect(outFromUnder(wide, scene, new Set())).toBeNull();
    const small = camera((scene.x[last] - scene.x[first]) / 2, 600);
    const to = outFromUnder(small, scene, new Set([first, last]));
    if (to !== null) expect((scene.x[first] - to.x) * to.zoom).toBeGreaterThanOrEqual(24 - 1e-6);
  });
});
