// What lies in a box, narrow or wide, held against a look at every box there is.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { encodeSample } from './sample';
import { buildScene, edgesIn, nodesIn, openScene } from './scene';

const nodes = Array.from({ length: 5000 }, (_, at) => ({ op: at % 3 === 0 ? 'Conv' : 'Relu', layer: at % 3 === 0 }));
const edges = nodes.slice(1).map((_, at) => ({ from: at % 7 === 0 ? Math.max(at - 5, 0) : at, to: at + 1 }));
const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));

describe('what touches a box', () => {
  // From a thousandth of the drawing to more than half of it, and beyond all of it.
  it.each([0.001, 0.03, 0.2, 0.6, 3])('is found in rising order, %s of the drawing high', (share) => {
    const height = scene.height * share;
    const box = { x: -10, y: (scene.height - height) / 2, width: scene.width * 0.9, height };
    const [right, bottom] = [box.x + box.width, box.y + box.height];
    const touches = (left: number, top: number, end: number, low: number) => left <= right && top <= bottom && end >= box.x && low >= box.y;
    const { x, y, nodeWidth, nodeHeight } = scene;
    const inside = nodes.map((_, at) => at).filter((at) => touches(x[at]!, y[at]!, x[at]! + nodeWidth[at]!, y[at]! + nodeHeight[at]!));
    expect(inside.length).toBeGreaterThan(0);
    expect(nodesIn(scene, box)).toEqual(inside);
    const wires = edges.map((_, at) => at).filter((at) => {
      const own = Array.from(scene.points.subarray(2 * scene.start[at], 2 * scene.start[at + 1]));
      const [xs, ys] = [own.filter((_, k) => k % 2 === 0), own.filter((_, k) => k % 2 === 1)];
      return touches(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    });
    expect(edgesIn(scene, box)).toEqual(wires);
  });
});
