// What lies under a point and a box of the screen, held against distances to all boxes and lines.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample, randomStream, type SampleEdge } from '../graph/sample';
import { buildScene, nodeBox, openScene } from '../graph/scene';
import type { Direction } from '../graph/turn';
import { contains, grow } from '../lib/geometry';
import { Camera } from './camera';
import { edgeOf, hitAt, nodesUnder, stubOf } from './hit';
import { growthOf } from './spread';

function open(direction: Direction) {
  const nodes = Array.from({ length: 40 }, (_, at) => ({ op: at % 2 === 0 ? 'Relu' : 'Conv', layer: at % 2 === 1 }));
  const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1, tensor: `t${at}` }));
  for (let at = 2; at < 34; at += 4) for (const port of [1, 2]) edges.push({ from: at, to: at + 3 + port, tensor: `s${at}.${port}`, port });
  for (const to of [14, 26, 38]) edges.push({ from: 0, to, tensor: 'mask', port: 3 });
  const columns = decodeColumns(encodeSample(nodes, edges));
  return { document: documentOf(columns), scene: openScene(buildScene(columns, { direction })) };
}

function camera(zoom: number, x = 0, y = 0): Camera {
  return Object.assign(new Camera(), { width: 800, height: 600, zoom, x, y });
}

describe.each(['down', 'right'] as const)('a drawing that goes %s', (direction) => {
  const { document, scene } = open(direction);
  /** World px to each node's box, to each edge's line. */
  const toNodes = (x: number, y: number): number[] => Array.from({ length: scene.count }, (_, node) => {
    const box = nodeBox(scene, node);
    return Math.hypot(Math.max(box.x - x, x - box.x - box.width, 0), Math.max(box.y - y, y - box.y - box.height, 0));
  });
  const toLines = (x: number, y: number): number[] => Array.from(scene.source, (_, edge) => {
    let least = Infinity;
    for (let at = 2 * scene.start[edge]!; at + 2 < 2 * scene.start[edge + 1]!; at += 2) {
      const [ax, ay, bx, by] = scene.points.subarray(at, at + 4) as unknown as [number, number, number, number];
      least = Math.min(least, Math.hypot(Math.max(Math.min(ax, bx) - x, x - Math.max(ax, bx), 0), Math.max(Math.min(ay, by) - y, y - Math.max(ay, by), 0)));
    }
    return least;
  });
  const onStub = (x: number, y: number): number => Array.from(scene.stubs.x.keys()).findIndex((stub) => {
    const { x: left, y: top, width, height } = scene.stubs;
    return x >= left[stub]! && x <= left[stub]! + width[stub]! && y >= top[stub]! && y <= top[stub]! + height[stub]!;
  });

  it.each([1.3, 0.5])('gives a click at zoom %s to the node, else the name, else the nearest line', (zoom) => {
    const random = randomStream(3);
    const found = { node: 0, beside: 0, stub: 0, edge: 0, ground: 0 };
    for (let go = 0; go < 3000; go++) {
      const [x, y] = [random() * scene.width, random() * scene.height];
      const made = camera(zoom, x - 200 / zoom, y - 100 / zoom);
      const hit = hitAt(scene, document, made, { x: 200, y: 100 });
      const nodes = toNodes(x, y);
      const near = Math.min(...nodes) * zoom;
      const lines = toLines(x, y);
      const line = Math.min(...lines) * zoom;
      // Names and lines begin where no node is meant: beside a small one that is 3 px on the screen away.
      const reach = zoom < 0.8 ? 3 : 0;
      if (near <= reach) {
        expect(nodes[hit]! * zoom).toBeCloseTo(near, 3);
        if (near === 0) found.node++;
        else found.beside++;
      } else if (hit >= 0) {
        expect([reach, near <= reach * Math.SQRT2]).toEqual([3, true]);
      } else if (onStub(x, y) >= 0) {
        expect(stubOf(hit)).toBe(onStub(x, y));
        found.stub++;
      } else if (line < 3.999) {
        expect(lines[edgeOf(hit)]! * zoom).toBeCloseTo(line, 3);
        found.edge++;
      } else if (line > 4.001) {
        expect(hit).toBe(-1);
        found.ground++;
      }
    }
    expect(Math.min(found.node, found.edge, found.ground)).toBeGreaterThan(50);
    expect(found.beside > 10).toBe(zoom < 0.8);
    for (let stub = 0; stub < scene.stubs.count; stub++) {
      const { x, y, width, height } = scene.stubs;
      for (const [wide, high] of [[0.02, 0.5], [0.5, 0.1], [0.98, 0.9]] as const) {
        const made = camera(1, x[stub]! + wide * width[stub]! - 10, y[stub]! + high * height[stub]! - 20);
        expect(stubOf(hitAt(scene, document, made, { x: 10, y: 20 }))).toBe(stub);
      }
    }
  });

  it('takes a layer far away as large as it is drawn, over the operators beside it', () => {
    const zoom = 0.02;
    let [over, between] = [0, 0];
    for (let layer = 1; layer < 39; layer += 2) {
      const growth = growthOf(scene, document, layer, zoom);
      const box = nodeBox(scene, layer);
      const made = camera(zoom);
      const under = (x: number, y: number): number => hitAt(scene, document, made, { x: x * zoom, y: y * zoom });
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const edges = direction === 'down'
        ? [[middle.x, box.y - growth + 0.5], [middle.x, box.y + box.height + growth - 0.5]] as const
        : [[box.x - growth + 0.5, middle.y], [box.x + box.width + growth - 0.5, middle.y]] as const;
      for (const [x, y] of edges) {
        expect(under(x, y)).toBe(layer);
        if (toNodes(x, y).some((far, node) => far === 0 && node !== layer)) over++;
      }
      // Where no layer is drawn, the operator between two of them is found.
      const other = nodeBox(scene, layer + 1);
      const at = { x: other.x + other.width / 2, y: other.y + other.height / 2 };
      const above = toNodes(at.x, at.y).findIndex((_, node) => document.layer[node] === 1 && contains(grow(nodeBox(scene, node), growthOf(scene, document, node, zoom)), at));
      expect(under(at.x, at.y)).toBe(above >= 0 ? above : layer + 1);
      if (above < 0) between++;
    }
    expect(between).toBeGreaterThan(5);
    if (direction === 'down') expect(over).toBeGreaterThan(5);
  });

  it('gives a box of the screen all nodes that it touches', () => {
    const middle = nodeBox(scene, 10);
    const made = camera(0.5, middle.x - 300, middle.y - 250);
    const box = { x: 20, y: 100, width: 300, height: 170 };
    const [left, top] = [made.x + 20 / 0.5, made.y + 100 / 0.5];
    const inside = Array.from({ length: scene.count }, (_, node) => node).filter((node) => {
      const { x, y, width, height } = nodeBox(scene, node);
      return x <= left + 600 && x + width >= left && y <= top + 340 && y + height >= top;
    });
    expect(inside.length).toBeGreaterThan(1);
    expect(inside.length).toBeLessThan(20);
    expect(nodesUnder(scene, made, box)).toEqual(inside);
  });
});
