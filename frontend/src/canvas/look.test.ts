// Flat or folded: what is under the pointer stays there, and nothing of the whole hides under a float.
import { describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { encodeSample } from '../graph/sample';
import { buildScene, nodeAt, nodesIn, openScene } from '../graph/scene';
import type { Box } from '../lib/geometry';
import { Camera } from './camera';
import { freeAreas } from './free';
import { Look } from './look';

const LEGEND = { x: 12, y: 600, width: 270, height: 200 };

function look(count: number, floats: Box[] = [LEGEND]) {
  const nodes = Array.from({ length: count }, () => ({ op: 'Relu' }));
  const edges = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
  const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
  const camera = new Camera();
  [camera.width, camera.height] = [1440, 830];
  const made = new Look(camera, () => floats);
  made.open(scene);
  return { made, camera, scene };
}

describe('Look', () => {
  it('wraps a long graph for a look at the whole, nothing of it under the legend', () => {
    const { made, camera, scene } = look(1500);
    const view = made.whole();
    camera.go(view, false, 0);
    expect(made.scene).not.toBe(scene);
    expect(made.scene!.wrapped).toBeDefined();
    const flat = (830 - 64) / scene.height;
    expect(camera.zoom).toBeGreaterThan(8 * flat);
    expect(nodesIn(made.scene!, camera.visible())).toHaveLength(1500);
    const under = { x: camera.x + LEGEND.x / camera.zoom, y: camera.y + LEGEND.y / camera.zoom, width: LEGEND.width / camera.zoom, height: LEGEND.height / camera.zoom };
    expect(nodesIn(made.scene!, under)).toEqual([]);
  });

  it('is planned again for a look at the whole when more floats than before', () => {
    const floats: Box[] = [];
    const { made, camera } = look(1500, floats);
    made.prepare();
    floats.push(LEGEND);
    camera.go(made.whole(), false, 0);
    const under = { x: camera.x + LEGEND.x / camera.zoom, y: camera.y + LEGEND.y / camera.zoom, width: LEGEND.width / camera.zoom, height: LEGEND.height / camera.zoom };
    expect(nodesIn(made.scene!, under)).toEqual([]);
    // As if it had been there all along.
    expect(made.whole()).toEqual(look(1500, [LEGEND]).made.whole());
    // Beside the legend the drawing goes on to the bottom of the canvas.
    expect((made.scene!.height - camera.y) * camera.zoom).toBeGreaterThan(LEGEND.y + LEGEND.height / 2);
  });

  it('leaves a graph flat that can be read as a whole', () => {
    const { made, scene } = look(20);
    const view = made.whole();
    expect(made.scene).toBe(scene);
    // In the middle of the canvas: the legend is not in its way.
    expect(view.x + 720 / view.zoom).toBeCloseTo(scene.width / 2);
  });

  it('keeps the node under the pointer while the zoom folds and unfolds the drawing', () => {
    const { made, camera, scene } = look(1500);
    const node = 700;
    const at = { x: 300, y: 200 };
    camera.go({ x: scene.x[node] + 20 - at.x, y: scene.y[node] + 10 - at.y, zoom: 1 }, false, 0);
    const under = () => nodeAt(made.scene!, camera.toWorld(at), 2);
    expect(under()).toBe(node);
    const seen = new Set<boolean>();
    for (const factor of [0.8, 1.25]) {
      for (let step = 0; step < 8; step++) {
        made.zoomTo(camera.zoom * factor, at);
        seen.add(made.scene!.wrapped !== undefined);
        expect(under()).toBe(node);
      }
    }
    expect(seen).toEqual(new Set([false, true]));
    expect(made.scene).toBe(scene);
  });

  it('finds the fold ahead when told to, so that no zoom waits for it', () => {
    const { made, camera } = look(5000);
    made.prepare();
    const floats = vi.fn(() => []);
    Object.assign(made, { floats });
    made.zoomTo(0.01, { x: 5, y: 5 });
    expect(made.scene!.wrapped).toBeDefined();
    // What floats is asked for where a fold is made: it was there already.
    expect(floats).not.toHaveBeenCalled();
    expect(camera.zoom).toBe(0.01);
  });

  it('folds also where what floats leaves no room beside it', () => {
    const { made, camera } = look(1500, [{ x: 0, y: 0, width: 290, height: 250 }]);
    [camera.width, camera.height] = [300, 260];
    made.whole();
    expect(made.scene!.wrapped).toBeDefined();
  });

  it('folds again for another shape of the canvas', () => {
    const { made, camera } = look(1500);
    made.whole();
    const { width, height } = made.scene!;
    [camera.width, camera.height] = [700, 830];
    made.whole();
    expect(made.scene!.width / made.scene!.height).toBeLessThan(width / height);
  });
});

describe('freeAreas', () => {
  it('lie beside every float, the largest first', () => {
    const crumbs = { x: 12, y: 12, width: 150, height: 30 };
    const areas = freeAreas(1440, 830, [LEGEND, crumbs]);
    expect(areas.length).toBeGreaterThan(2);
    for (const area of areas) {
      for (const float of [LEGEND, crumbs]) {
        const apart = area.x >= float.x + float.width || area.x + area.width <= float.x ||
          area.y >= float.y + float.height || area.y + area.height <= float.y;
        expect(apart).toBe(true);
      }
    }
    const sizes = areas.map((area) => area.width * area.height);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  it('are the whole canvas where the floats leave no room worth it', () => {
    // A small window: legend and breadcrumbs take more of it than they leave.
    const floats = [{ x: 12, y: 60, width: 270, height: 180 }, { x: 12, y: 12, width: 280, height: 30 }];
    expect(freeAreas(300, 260, floats)).toEqual([{ x: 0, y: 0, width: 300, height: 260 }]);
  });
});

describe('between flat and folded', () => {
  const middle = { x: 720, y: 415 };

  it('stays what it is while little is gained, and until nodes are read again', () => {
    const { made, camera, scene } = look(1500);
    const view = made.whole();
    camera.go(view, false, 0);
    const isFolded = (): boolean => made.scene !== scene;
    expect(isFolded()).toBe(true);
    const seen: [number, boolean][] = [];
    const zoomTo = (zoom: number): void => {
      made.zoomTo(zoom, middle);
      seen.push([camera.zoom, isFolded()]);
    };
    for (let zoom = view.zoom; zoom < 0.79; zoom *= 1.1) zoomTo(zoom);
    expect(seen.every(([, folded]) => folded)).toBe(true);
    zoomTo(0.81);
    expect(isFolded()).toBe(false);
    // Out again: flat as long as names of operators are told, folded before all of it is on the screen.
    for (const zoom of [0.76, 0.6, 0.45]) {
      zoomTo(zoom);
      expect(isFolded()).toBe(false);
    }
    zoomTo(view.zoom);
    expect(isFolded()).toBe(true);
  });

  it('forgets the fold of one graph with the next, and that one needed none', () => {
    const long = look(1500);
    const short = look(20);
    const { made, camera } = long;
    made.whole();
    expect(made.scene!.count).toBe(1500);
    made.open(short.scene);
    expect(made.scene).toBe(short.scene);
    made.zoomTo(0.1, middle);
    camera.go(made.whole(), false, 0);
    expect(made.scene).toBe(short.scene);
    made.open(long.scene);
    made.whole();
    expect([made.scene!.count, made.scene === long.scene]).toEqual([1500, false]);
    const other = look(1200).scene;
    made.open(other);
    made.whole();
    expect(made.scene!.count).toBe(1200);
  });

  it('folds on a canvas where that pays though on one before it did not, and the other way round', () => {
    const { made, camera, scene } = look(36);
    [camera.width, camera.height] = [700, 2000];
    made.whole();
    expect(made.scene).toBe(scene);
    [camera.width, camera.height] = [1440, 500];
    made.whole();
    expect(made.scene).not.toBe(scene);
    [camera.width, camera.height] = [700, 2000];
    const view = made.whole();
    expect(made.scene).toBe(scene);
    expect(view.zoom).toBeGreaterThan(0.9);
  });

  it('folds nothing that would hardly be larger', () => {
    const { made, camera, scene } = look(200, []);
    // Narrow and high: two columns beside each other are hardly larger than one.
    [camera.width, camera.height] = [116, 2600];
    made.whole();
    expect(made.scene).toBe(scene);
    [camera.width, camera.height] = [1440, 2600];
    made.whole();
    expect(made.scene).not.toBe(scene);
  });

  it('makes no other drawing for a room that is folded the same', () => {
    const floats: Box[] = [];
    const { made } = look(1500, floats);
    made.whole();
    const before = made.scene;
    // Where nothing was drawn anyway something floats now.
    floats.push({ x: 1439, y: 829, width: 1, height: 1 });
    made.whole();
    expect(made.scene).toBe(before);
  });

  it('puts columns right up to what floats, not further away', () => {
    const floats = [{ x: 0, y: 0, width: 400, height: 300 }];
    const { made, camera } = look(1500, floats);
    camera.go(made.whole(), false, 0);
    const { x, y, nodeWidth } = made.scene!;
    const tops = new Map<number, number>();
    x.forEach((left, at) => {
      const [from, to] = [(left - camera.x) * camera.zoom, (left + nodeWidth[at]! - camera.x) * camera.zoom];
      const top = (y[at]! - camera.y) * camera.zoom;
      if (to < 400) tops.set(Math.round(from), Math.min(tops.get(Math.round(from)) ?? Infinity, top));
    });
    expect(tops.size).toBeGreaterThan(1);
    for (const top of tops.values()) {
      expect(top).toBeGreaterThanOrEqual(300);
      expect(top).toBeLessThan(360);
    }
  });

  it('puts the first column right beside what floats along the whole side', () => {
    const { made, camera } = look(1500, [{ x: 0, y: 0, width: 400, height: 830 }]);
    camera.go(made.whole(), false, 0);
    const first = made.scene!.x.reduce((least, left) => Math.min(least, (left - camera.x) * camera.zoom), Infinity);
    expect([first >= 400, first < 430]).toEqual([true, true]);
  });

  it('brings the node beside the pointer under it where it unfolds over empty ground', () => {
    const { made, camera, scene } = look(1500);
    camera.go(made.whole(), false, 0);
    const at = { x: 1430, y: 400 };
    made.zoomTo(0.7, at);
    expect(made.scene).not.toBe(scene);
    // Far left of the first column: in the flat drawing nothing of it would be on the screen.
    camera.go({ x: -300 - at.x / 0.7, y: camera.y, zoom: 0.7 }, false, 0);
    const before = made.scene!.nodes.nearest(-300, camera.toWorld(at).y);
    made.zoomTo(0.9, at);
    expect(made.scene).toBe(scene);
    expect(nodeAt(scene, camera.toWorld(at))).toBe(before);
  });
});
