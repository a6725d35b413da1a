// The folded scene piece by piece: points, labels, trunks and indexes are where the bands have gone.
import { describe, expect, it } from 'vitest';
import type { Box } from '../lib/geometry';
import { decodeColumns } from './columns';
import { planFold } from './fold';
import { foldScene, intoFold, outOfFold } from './folded';
import { encodeSample, randomStream, type SampleEdge } from './sample';
import { buildScene, edgesIn, nodesIn, openScene, routeOf, stubsIn, type Scene } from './scene';

const ROOM = { width: 1376, height: 772 };

/** Trunks that several nodes share, a mask that is used everywhere, and a line that leads back up. */
function model(direction: 'down' | 'right'): Scene {
  const count = 300;
  const nodes = Array.from({ length: count }, (_, at) => ({ op: 'Relu', layer: at % 7 === 3 }));
  const edges: SampleEdge[] = [];
  for (let at = 1; at < count; at++) edges.push({ from: at - 1, to: at, tensor: `t${at}` });
  // One trunk of nine ranks that is left at four of them.
  for (let at = 0; at + 9 < count; at += 6) for (const by of [3, 5, 7, 9]) edges.push({ from: at, to: at + by, tensor: `trunk${at}`, port: 1 });
  for (let at = 20; at < count; at += 13) edges.push({ from: 1, to: at, tensor: 'mask', port: 2 });
  edges.push({ from: 150, to: 60, tensor: 'back', port: 3 });
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction, stubs: true }));
}

type Pair = [x: number, y: number];

function pairs(points: ArrayLike<number>, from = 0, to = points.length / 2): Pair[] {
  return Array.from({ length: to - from }, (_, at) => [points[2 * (from + at)]!, points[2 * (from + at) + 1]!]);
}

/** Left, top, right, bottom. */
function around(points: readonly Pair[]): readonly number[] {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

describe.each(['down', 'right'] as const)('a drawing that goes %s, folded', (direction) => {
  const down = direction === 'down';
  const flat = model(direction);
  const fold = planFold(flat, down ? ROOM : { width: ROOM.height, height: ROOM.width })!;
  const folded = foldScene(flat, fold);
  const into = ([x, y]: Pair): Pair => {
    const to = intoFold(fold, down, { x, y });
    return [Math.fround(to.x), Math.fround(to.y)];
  };
  const bands = (points: readonly Pair[]): number[] => points.map(([x, y]) => fold.cuts.findLastIndex((cut) => cut <= (down ? y : x)));

  it('has all that makes it hard', () => {
    expect(fold.bands).toBeGreaterThan(3);
    expect(flat.parent.filter((at) => at >= 0).length).toBeGreaterThan(50);
    expect(flat.stubs.count).toBeGreaterThan(10);
    // Lines that leave their trunk in another band than it begins in, and one that leads back up.
    const late = Array.from(flat.parent.keys()).filter((edge) => {
      const ends = bands(pairs(flat.points, flat.start[edge]).slice(0, 1).concat(pairs(routeOf(flat, edge)).slice(0, 1)));
      return flat.parent[edge]! >= 0 && ends[0] !== ends[1];
    });
    expect(late.length).toBeGreaterThan(2);
    const back = bands(pairs(routeOf(flat, flat.source.length - 1)));
    expect(back.some((band, at) => at > 0 && band < back[at - 1]!)).toBe(true);
  });

  it('takes each line along the same points, and beside them only from band to band', () => {
    for (let edge = 0; edge < flat.source.length; edge++) {
      if (flat.stub[edge] === 1) continue;
      const before = pairs(routeOf(flat, edge));
      const after = pairs(routeOf(folded, edge));
      const crossings = bands(before).reduce((sum, band, at, all) => sum + (at > 0 ? Math.abs(band - all[at - 1]!) : 0), 0);
      expect(after).toHaveLength(before.length + 4 * crossings);
      let at = 0;
      for (const point of before.map(into)) {
        at = after.findIndex(([x, y], place) => place >= at && x === point[0] && y === point[1]) + 1;
        expect(at).toBeGreaterThan(0);
      }
      after.slice(1).forEach(([x, y], k) => expect(x === after[k]![0] || y === after[k]![1]).toBe(true));
    }
  });

  it('moves stubs with their lines, and shapes with the lines that they tell of', () => {
    const { stubs } = flat;
    for (let stub = 0; stub < stubs.count; stub++) {
      const before = pairs(stubs.points, stubs.start[stub], stubs.start[stub + 1]);
      const after = pairs(folded.stubs.points, folded.stubs.start[stub], folded.stubs.start[stub + 1]);
      if (new Set(bands(before)).size <= 1) expect(after).toEqual(before.map(into));
      expect([folded.stubs.x[stub], folded.stubs.y[stub]]).toEqual(into([stubs.x[stub]!, stubs.y[stub]!]));
    }
    expect(stubs.start.at(-1)).toBeGreaterThan(0);
    let told = 0;
    for (let edge = 0; edge < flat.source.length; edge++) {
      const label: Pair = [flat.labelX[edge]!, flat.labelY[edge]!];
      const moved: Pair = [folded.labelX[edge]!, folded.labelY[edge]!];
      if (Number.isNaN(label[0])) expect(moved[0]).toBeNaN();
      else expect(moved).toEqual(into(label));
      told += Number.isNaN(label[0]) ? 0 : 1;
    }
    expect(told).toBeGreaterThan(250);
  });

  it('finds in a box what touches it there', () => {
    const random = randomStream(2);
    const { stubs } = folded;
    const touched = (box: Box, count: number, of: (at: number) => readonly number[]): number[] =>
      Array.from({ length: count }, (_, at) => at).filter((at) => {
        const [left, top, right, bottom] = of(at) as [number, number, number, number];
        return left <= box.x + box.width && right >= box.x && top <= box.y + box.height && bottom >= box.y;
      });
    for (let look = 0; look < 60; look++) {
      const [width, height] = [random() * 900, random() * 900];
      const box = { x: random() * folded.width - width / 2, y: random() * folded.height - height / 2, width, height };
      const { x, y, nodeWidth, nodeHeight } = folded;
      expect(nodesIn(folded, box)).toEqual(touched(box, folded.count, (at) => [x[at]!, y[at]!, x[at]! + nodeWidth[at]!, y[at]! + nodeHeight[at]!]));
      expect(edgesIn(folded, box)).toEqual(touched(box, folded.source.length, (at) => around(pairs(folded.points, folded.start[at], folded.start[at + 1]))));
      const written = touched(box, stubs.count, (at) => [stubs.x[at]!, stubs.y[at]!, stubs.x[at]! + stubs.width[at]!, stubs.y[at]! + stubs.height[at]!]);
      expect(stubsIn(folded, box)).toEqual(expect.arrayContaining(written));
    }
  });

  it('is as large as what is in it', () => {
    const lines = pairs(folded.points);
    const ends = Array.from(folded.x, (left, at): Pair => [left + folded.nodeWidth[at]!, folded.y[at]! + folded.nodeHeight[at]!]);
    const most = (axis: 0 | 1): number => [...lines, ...ends].reduce((sum, point) => Math.max(sum, point[axis]), 0);
    for (const [size, end] of [[folded.width, most(0)], [folded.height, most(1)]] as const) {
      expect(end).toBeLessThanOrEqual(size);
      expect(end).toBeGreaterThan(size - 60);
    }
  });

  it('maps the corners of all nodes there and back', () => {
    for (let node = 0; node < flat.count; node++) {
      for (const [wide, high] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
        const at = { x: flat.x[node]! + wide * flat.nodeWidth[node]!, y: flat.y[node]! + high * flat.nodeHeight[node]! };
        const there = intoFold(fold, down, at);
        expect(there.x).toBeCloseTo(folded.x[node]! + wide * flat.nodeWidth[node]!, 2);
        expect(there.y).toBeCloseTo(folded.y[node]! + high * flat.nodeHeight[node]!, 2);
        expect(outOfFold(fold, down, there)).toEqual({ x: expect.closeTo(at.x, 6), y: expect.closeTo(at.y, 6) });
      }
    }
  });

  it('shows an edge that is cut into stubs as one straight line from box to box', () => {
    const cut = Array.from(folded.stub.keys()).filter((edge) => folded.stub[edge] === 1);
    expect(cut.length).toBeGreaterThan(5);
    for (const edge of cut) {
      const [from, to] = [folded.source[edge]!, folded.target[edge]!];
      const [first, last, ...more] = pairs(routeOf(folded, edge));
      expect(more).toEqual([]);
      const { x, y, nodeWidth, nodeHeight } = folded;
      expect(first).toEqual(down ? [x[from]! + nodeWidth[from]! / 2, y[from]! + nodeHeight[from]!] : [x[from]! + nodeWidth[from]!, y[from]! + nodeHeight[from]! / 2]);
      expect(last![down ? 1 : 0]).toBe((down ? y : x)[to]);
    }
  });
});
