// What lies in a box, narrow or wide, and at a point, held against a look at every box there is; what crosses threads.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { encodeSample, randomStream } from './sample';
import { buildScene, edgesIn, middleOf, nodeAt, nodeBox, nodesIn, openScene, routeOf, sceneBuffers, stubsIn } from './scene';

const nodes = Array.from({ length: 5000 }, (_, at) => ({ op: at % 3 === 0 ? 'Conv' : 'Relu', layer: at % 3 === 0 }));
const edges = nodes.slice(1).map((_, at) => ({ from: at % 7 === 0 ? Math.max(at - 5, 0) : at, to: at + 1 }));
const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));

/** Left, top, right, bottom around some points, x and y in turn. */
function around(points: Float32Array): [number, number, number, number] {
  const own = Array.from(points);
  const [xs, ys] = [own.filter((_, k) => k % 2 === 0), own.filter((_, k) => k % 2 === 1)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

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
    const wires = edges.map((_, at) => at).filter((at) => touches(...around(scene.points.subarray(2 * scene.start[at]!, 2 * scene.start[at + 1]!))));
    expect(edgesIn(scene, box)).toEqual(wires);
  });
});

/** A chain whose first tensor is used again far away: lines, and stubs with their text. */
function shared(direction: 'down' | 'right', stubs = true) {
  const ops = Array.from({ length: 60 }, (_, at) => ({ op: at % 4 === 0 ? 'Conv' : 'Add', layer: at % 4 === 0 }));
  const chain = Array.from({ length: 59 }, (_, at) => ({ from: at, to: at + 1, tensor: `t${at}` }));
  const uses = ['a_long_name_of_a_mask', 'm', 'n', 'o', 'p'].flatMap((tensor, port) => [14, 27, 40, 53].map((to) => ({ from: 0, to: to + port, tensor, port: 1 })));
  return buildScene(decodeColumns(encodeSample(ops, [...chain, ...uses])), { direction, stubs });
}

describe.each(['down', 'right'] as const)('a drawing that goes %s', (direction) => {
  const one = openScene(shared(direction));
  const random = randomStream(4);
  /** From a few pixels to more than the whole, also beyond its edges. */
  const boxes = Array.from({ length: 300 }, () => {
    const [width, height] = [random() ** 3 * 1.4 * one.width, random() ** 3 * 1.4 * one.height];
    return { x: random() * (one.width + 80) - 40 - width / 2, y: random() * (one.height + 80) - 40 - height / 2, width, height };
  });
  const all = { x: -50, y: -50, width: one.width + 100, height: one.height + 100 };
  // All but a strip at one of the sides.
  boxes.push({ ...all, height: one.height }, { ...all, width: one.width }, { ...all, x: 40 }, { ...all, y: 40 }, { ...all, height: one.height - 100 }, { ...all, width: one.width - 100 });

  for (const { start, points } of [one, one.stubs]) {
    for (let at = 0; at < start.at(-1)!; at += 3) boxes.push({ x: points[2 * at]! - 1, y: points[2 * at + 1]! - 1, width: 2, height: 2 });
  }

  it('finds nodes, lines and stubs wherever a box touches them, and no others', () => {
    const { stubs } = one;
    expect(stubs.count).toBeGreaterThan(4);
    const own = (index: number): number[] => {
      const line = stubs.start[index]! < stubs.start[index + 1]! ? [around(stubs.points.subarray(2 * stubs.start[index]!, 2 * stubs.start[index + 1]!))] : [];
      const text = [stubs.x[index]!, stubs.y[index]!, stubs.x[index]! + stubs.width[index]!, stubs.y[index]! + stubs.height[index]!] as const;
      const both = [text, ...line];
      return [0, 1, 2, 3].map((side) => (side < 2 ? Math.min : Math.max)(...both.map((box) => box[side]!)));
    };
    const far = new Set<number>();
    for (const box of boxes) {
      const touches = ([left, top, right, bottom]: readonly number[]): boolean =>
        left! <= box.x + box.width && right! >= box.x && top! <= box.y + box.height && bottom! >= box.y;
      const among = (count: number, of: (at: number) => readonly number[]): number[] =>
        Array.from({ length: count }, (_, at) => at).filter((at) => touches(of(at)));
      const { x, y, nodeWidth, nodeHeight } = one;
      expect(nodesIn(one, box)).toEqual(among(one.count, (at) => [x[at]!, y[at]!, x[at]! + nodeWidth[at]!, y[at]! + nodeHeight[at]!]));
      expect(edgesIn(one, box)).toEqual(among(one.source.length, (at) => around(one.points.subarray(2 * one.start[at]!, 2 * one.start[at + 1]!))));
      const found = stubsIn(one, box);
      expect(found).toEqual(among(stubs.count, own));
      for (const stub of found) far.add(stub);
    }
    expect(far.size).toBe(stubs.count);
  });

  it('tells the node nearest to a point, as far as the reach', () => {
    for (let at = 0; at < 400; at++) {
      const point = { x: random() * one.width, y: random() * one.height };
      const reach = at % 4 === 0 ? 0 : random() * 40;
      const away = Array.from({ length: one.count }, (_, node) => {
        const { x, y, width, height } = nodeBox(one, node);
        return Math.hypot(Math.max(x - point.x, 0, point.x - x - width), Math.max(y - point.y, 0, point.y - y - height));
      });
      const found = nodeAt(one, point, reach);
      const least = Math.min(...away);
      // Beyond a corner the reach is a square's.
      if (least <= reach) expect(away[found]).toBeCloseTo(least, 3);
      else if (found >= 0) expect([away[found]! <= reach * Math.SQRT2, away[found]]).toEqual([true, least]);
    }
    for (let node = 0; node < one.count; node++) {
      const { x, y, width, height } = nodeBox(one, node);
      expect(middleOf(one, node)).toEqual({ x: x + width / 2, y: y + height / 2 });
      expect(nodeAt(one, middleOf(one, node))).toBe(node);
    }
  });

  it('draws every edge as a line from its producer on where no stubs are wanted', () => {
    const whole = openScene(shared(direction, false));
    expect([whole.stubs.count, whole.stub.some((cut) => cut === 1)]).toEqual([0, false]);
    const along = direction === 'down' ? 1 : 0;
    const [place, size] = direction === 'down' ? [whole.y, whole.nodeHeight] : [whole.x, whole.nodeWidth];
    whole.source.forEach((from, edge) => {
      const route = routeOf(whole, edge);
      expect(route[along]).toBeCloseTo(place[from]! + size[from]!, 3);
      expect(route[route.length - 2 + along]).toBeCloseTo(place[whole.target[edge]!]!, 3);
      // Also where it leaves a trunk on its way: piece by piece, never back.
      for (let at = 2; at < route.length; at += 2) {
        expect([route[at] === route[at - 2] || route[at + 1] === route[at - 1], route[at + along]! >= route[at - 2 + along]!]).toEqual([true, true]);
      }
    });
    expect(whole.parent.some((trunk) => trunk >= 0)).toBe(true);
  });

  it('is handed over from the worker whole, without a copy of any part', () => {
    const data = shared(direction);
    const before = structuredClone(data);
    const after = structuredClone(data, { transfer: sceneBuffers(data) });
    expect(after).toEqual(before);
    const left = (value: unknown): number => {
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
      return value !== null && typeof value === 'object' ? Object.values(value).reduce((sum: number, part) => sum + left(part), 0) : 0;
    };
    expect(left(before)).toBeGreaterThan(1000);
    expect(left(data)).toBe(0);
  });

  it('knows what leaves and what enters each node', () => {
    for (let node = 0; node < one.count; node++) {
      const listed = ({ start, list }: typeof one.leaving): number[] => Array.from(list.subarray(start[node], start[node + 1]));
      const edges = Array.from(one.source.keys());
      expect(listed(one.leaving)).toEqual(edges.filter((edge) => one.source[edge] === node));
      expect(listed(one.entering)).toEqual(edges.filter((edge) => one.target[edge] === node));
    }
  });
});
