// The layout held against brute force: no overlap, no line through a box, same input same bytes.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../sample';
import { layout } from './layout';
import type { LayoutInput, LayoutResult } from './types';

type Pair = readonly [from: number, to: number, tensor?: number];

function input(count: number, edges: readonly Pair[], seed = 1): LayoutInput {
  const random = randomStream(seed);
  const layer = Array.from({ length: count }, () => random() < 0.3);
  return {
    count,
    width: Float32Array.from(layer, (big) => (big ? 248 : 40 + 2 * Math.floor(random() * 50))),
    height: Float32Array.from(layer, (big) => (big ? 52 : 22)),
    source: Uint32Array.from(edges, (edge) => edge[0]),
    target: Uint32Array.from(edges, (edge) => edge[1]),
    tensor: Uint32Array.from(edges, (edge) => edge[2] ?? edge[0]),
    port: portsOf(edges),
  };
}

/** Inputs in the order in which the edges are listed. */
function portsOf(edges: readonly Pair[]): Uint16Array {
  const seen = new Map<number, number>();
  return Uint16Array.from(edges, ([, to]) => {
    const port = seen.get(to) ?? 0;
    seen.set(to, port + 1);
    return port;
  });
}

/** Edges from lower to higher numbers, mostly short, some very long, some of one tensor. */
function randomEdges(count: number, seed: number, reach: number): Pair[] {
  const random = randomStream(seed);
  const edges: Pair[] = [];
  for (let node = 1; node < count; node++) {
    const inputs = random() < 0.06 ? 0 : random() < 0.7 ? 1 : 2 + Math.floor(random() * 2);
    for (let k = 0; k < inputs; k++) {
      const back = random() < 0.1 ? random() * node : random() * Math.min(reach, node);
      const from = node - 1 - Math.floor(back);
      edges.push([from, node, random() < 0.2 ? count + from : from]);
    }
  }
  return edges;
}

function overlaps(graph: LayoutInput, drawn: LayoutResult): number {
  let found = 0;
  const order = Array.from({ length: graph.count }, (_, node) => node);
  order.sort((a, b) => drawn.y[a] - drawn.y[b]);
  order.forEach((a, at) => {
    for (let k = at + 1; k < graph.count; k++) {
      const b = order[k];
      if (drawn.y[b] >= drawn.y[a] + graph.height[a]) break;
      const apart =
        drawn.x[a] + graph.width[a] <= drawn.x[b] || drawn.x[b] + graph.width[b] <= drawn.x[a];
      if (!apart) found++;
    }
  });
  return found;
}

function routeOf(drawn: LayoutResult, edge: number): [number, number][] {
  const own: [number, number][] = [];
  for (let at = drawn.start[edge]; at < drawn.start[edge + 1]; at++) {
    own.push([drawn.points[2 * at], drawn.points[2 * at + 1]]);
  }
  const { parent, join } = drawn;
  return parent[edge] < 0 ? own : [...prefix(drawn, parent[edge], join[edge]), ...own];
}

/** The way to the point where another wire leaves: `join` counts only the parent's own points. */
function prefix(drawn: LayoutResult, edge: number, own: number): [number, number][] {
  const before = drawn.parent[edge] < 0 ? 0 : prefix(drawn, drawn.parent[edge], drawn.join[edge]).length;
  return routeOf(drawn, edge).slice(0, before + own);
}

/** Lines that run through the inside of a box, by brute force. */
function linesThroughBoxes(graph: LayoutInput, drawn: LayoutResult): number {
  let found = 0;
  for (let edge = 0; edge < graph.source.length; edge++) {
    const route = routeOf(drawn, edge);
    for (let i = 1; i < route.length; i++) {
      const [ax, ay] = route[i - 1];
      const [bx, by] = route[i];
      for (let node = 0; node < graph.count; node++) {
        const [left, top] = [drawn.x[node], drawn.y[node]];
        const inside =
          Math.max(ax, bx) > left + 0.01 &&
          Math.min(ax, bx) < left + graph.width[node] - 0.01 &&
          Math.max(ay, by) > top + 0.01 &&
          Math.min(ay, by) < top + graph.height[node] - 0.01;
        if (inside) found++;
      }
    }
  }
  return found;
}

describe('layout', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`keeps boxes and lines apart, random graph ${seed}`, () => {
      const graph = input(160, randomEdges(160, seed, seed * 3), seed);
      const drawn = layout(graph);
      expect(overlaps(graph, drawn)).toBe(0);
      expect(linesThroughBoxes(graph, drawn)).toBe(0);
      graph.source.forEach((from, edge) => {
        const to = graph.target[edge];
        const route = routeOf(drawn, edge);
        const [first, last] = [route[0], route[route.length - 1]];
        expect(first[1]).toBe(drawn.y[from] + graph.height[from]);
        expect(last[1]).toBe(drawn.y[to]);
        expect(first[0]).toBeGreaterThan(drawn.x[from]);
        expect(first[0]).toBeLessThan(drawn.x[from] + graph.width[from]);
        expect(last[0]).toBeGreaterThan(drawn.x[to]);
        expect(last[0]).toBeLessThan(drawn.x[to] + graph.width[to]);
        for (let i = 1; i < route.length; i++) {
          const level = route[i][1] === route[i - 1][1];
          expect(level || route[i][0] === route[i - 1][0]).toBe(true);
          expect(route[i][1]).toBeGreaterThanOrEqual(route[i - 1][1]);
        }
      });
    });
  }

  it('gives the same bytes for the same input', () => {
    const graph = input(300, randomEdges(300, 11, 9), 11);
    expect(layout(graph)).toEqual(layout(graph));
  });

  it('draws a chain as one straight line', () => {
    const drawn = layout(input(30, Array.from({ length: 29 }, (_, i): Pair => [i, i + 1]), 5));
    for (let edge = 0; edge < 29; edge++) {
      expect(routeOf(drawn, edge)).toHaveLength(2);
      expect(routeOf(drawn, edge)[0][0]).toBe(routeOf(drawn, edge)[1][0]);
    }
  });

  it('keeps the main path straight past skip connections', () => {
    // Blocks of four nodes, each with a skip from its first to the first of the next.
    const edges: Pair[] = [];
    for (let node = 0; node < 80; node++) {
      edges.push([node, node + 1]);
      if (node % 4 === 0) edges.push([node, node + 4]);
    }
    const graph = input(85, edges, 3);
    const drawn = layout(graph);
    const middles = new Set<number>();
    for (let node = 0; node <= 80; node++) middles.add(drawn.x[node] + graph.width[node] / 2);
    expect(middles.size).toBe(1);
  });

  it('shares one trunk between the long edges of a tensor', () => {
    const chain = Array.from({ length: 60 }, (_, i): Pair => [i, i + 1]);
    const shared = Array.from({ length: 20 }, (_, i): Pair => [61, 3 * i + 2, 61]);
    const apart = Array.from({ length: 20 }, (_, i): Pair => [61, 3 * i + 2, 100 + i]);
    const graph = input(62, [...chain, ...shared], 2);
    const bundled = layout(graph);
    expect(linesThroughBoxes(graph, bundled)).toBe(0);
    expect(bundled.width).toBeLessThan(layout(input(62, [...chain, ...apart], 2)).width);
    const lanes = new Set<number>();
    for (let edge = chain.length; edge < chain.length + 20; edge++) {
      for (const [x] of routeOf(bundled, edge).slice(1, -2)) lanes.add(x);
    }
    expect(lanes.size).toBeLessThanOrEqual(4);
  });

  it('brings many inputs of one node together on one line from each side', () => {
    const pairs = Array.from({ length: 40 }, (_, i): Pair => [i, 40]);
    const graph = input(41, pairs, 8);
    const drawn = layout(graph);
    expect(linesThroughBoxes(graph, drawn)).toBe(0);
    const levels = new Set<number>();
    for (let edge = 0; edge < 40; edge++) {
      for (const [, y] of routeOf(drawn, edge).slice(1, -1)) levels.add(y);
    }
    expect(levels.size).toBeLessThanOrEqual(2);
  });

  it('puts an input beside its only consumer', () => {
    const chain = Array.from({ length: 20 }, (_, i): Pair => [i, i + 1]);
    const drawn = layout(input(22, [...chain, [21, 18]], 4));
    expect(drawn.y[21]).toBeGreaterThan(drawn.y[16]);
    expect(drawn.y[21]).toBeLessThan(drawn.y[18]);
  });

  it('packs parts that are not joined side by side', () => {
    const pairs = Array.from({ length: 40 }, (_, i): Pair => [2 * i, 2 * i + 1]);
    const graph = input(120, pairs, 6);
    const drawn = layout(graph);
    expect(overlaps(graph, drawn)).toBe(0);
    expect(drawn.height).toBeLessThan(drawn.width * 3);
    expect(drawn.width).toBeLessThan(drawn.height * 3);
  });

  it('draws invalid graphs too: cycles and nodes that feed themselves', () => {
    const edges: Pair[] = [[0, 1], [1, 2], [2, 0], [1, 1], [2, 3], [3, 1], [4, 4]];
    const graph = input(5, edges, 9);
    const drawn = layout(graph);
    expect(overlaps(graph, drawn)).toBe(0);
    edges.forEach((_, edge) => expect(routeOf(drawn, edge).length).toBeGreaterThan(1));
    for (const value of drawn.points) expect(Number.isFinite(value)).toBe(true);
  });

  it('draws one node, and none', () => {
    const one = layout(input(1, []));
    expect([one.x[0], one.y[0]]).toEqual([0, 0]);
    const none = layout(input(0, []));
    expect([none.width, none.height, none.points.length]).toEqual([0, 0, 0]);
  });

  it('ends for 5,000 nodes with long edges', () => {
    const graph = input(5000, randomEdges(5000, 21, 6), 21);
    expect(overlaps(graph, layout(graph))).toBe(0);
  });
});

describe('what the eye follows', () => {
  it('keeps lines of different tensors apart: none lies on another one', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const graph = input(160, randomEdges(160, seed, seed * 3), seed);
      const drawn = layout(graph);
      const pieces = Array.from(graph.source.keys()).flatMap((edge) => {
        const route = routeOf(drawn, edge);
        return route.slice(1).map(([x, y], at) => ({ net: `${graph.source[edge]}.${graph.tensor[edge]}`, from: route[at]!, to: [x, y] as const }));
      });
      const level = pieces.filter(({ from, to }) => from[1] === to[1] && from[0] !== to[0]);
      const upright = pieces.filter(({ from, to }) => from[0] === to[0] && from[1] !== to[1]);
      const on = (list: typeof pieces, a: 0 | 1): string[] => list.flatMap((one, at) => list.slice(at + 1).filter((other) => {
        const b = 1 - a;
        const [low, high] = [Math.max(Math.min(one.from[a], one.to[a]), Math.min(other.from[a], other.to[a])), Math.min(Math.max(one.from[a], one.to[a]), Math.max(other.from[a], other.to[a]))];
        return one.net !== other.net && Math.abs(one.from[b]! - other.from[b]!) < 0.5 && high - low > 0.5;
      }).map((other) => `${seed}: ${one.net} and ${other.net} at ${one.from.join(' ')}`));
      expect(on(level, 0)).toEqual([]);
      expect(on(upright, 1)).toEqual([]);
    }
  });

  it('has every box in the middle of its row', () => {
    const graph = input(160, randomEdges(160, 4, 6), 4);
    const { y } = layout(graph);
    const rows = new Map<number, number[]>();
    for (let node = 0; node < graph.count; node++) {
      // Layers are 52 px high, others 22: half of the rest is above.
      const top = y[node]! - (52 - graph.height[node]!) / 2;
      rows.set(top, [...(rows.get(top) ?? []), graph.height[node]!]);
    }
    expect([...rows.values()].filter((own) => new Set(own).size > 1).length).toBeGreaterThan(10);
  });

  it('tells a shape beside the beginning of its line, in each of several parts', () => {
    const pairs = Array.from({ length: 12 }, (_, at): Pair => [2 * at, 2 * at + 1]);
    const graph = input(24, pairs, 6);
    const { labelX, labelY, ...drawn } = layout(graph);
    pairs.forEach(([from], edge) => {
      const [[x]] = routeOf({ labelX, labelY, ...drawn }, edge) as [[number, number]];
      expect(labelX[edge]! - x).toBe(8);
      const below = labelY[edge]! - drawn.y[from]! - graph.height[from]!;
      expect(below > 4 && below < 30).toBe(true);
    });
  });

  it('leads a node that feeds itself around its own box', () => {
    const graph = input(3, [[0, 1], [1, 1], [1, 2]], 9);
    expect(linesThroughBoxes(graph, layout(graph))).toBe(0);
  });

  it('lays a line that closes a cycle from its producer to its consumer', () => {
    const edges: Pair[] = [[0, 1], [1, 2], [2, 3], [3, 1], [3, 4]];
    const graph = input(5, edges, 9);
    const drawn = layout(graph);
    const [first, ...rest] = routeOf(drawn, 3);
    expect(first![1]).toBe(drawn.y[3]);
    expect(rest.at(-1)![1]).toBe(drawn.y[1]! + graph.height[1]!);
    // Only that one is turned: the others lead down.
    for (const edge of [0, 1, 2, 4]) expect(drawn.y[edges[edge]![1]]!).toBeGreaterThan(drawn.y[edges[edge]![0]]!);
  });
});
