// Where blocks stand: apart from each other, close to the main path, straight where two nodes are.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../sample';
import { orient } from './acyclic';
import { alignBlocks } from './align';
import { layout } from './layout';
import { orderRanks } from './order';
import { placeBlocks } from './place';
import { makeProper } from './proper';
import { rankNodes } from './ranks';
import { GAP, type LayoutInput, type LayoutResult } from './types';

type Edge = readonly [from: number, to: number];

function input(count: number, edges: readonly Edge[], width: (node: number) => number): LayoutInput {
  const uses = new Map<number, number>();
  return {
    count,
    width: Float32Array.from({ length: count }, (_, node) => width(node)),
    height: new Float32Array(count).fill(22),
    source: Uint32Array.from(edges, ([from]) => from),
    target: Uint32Array.from(edges, ([, to]) => to),
    tensor: Uint32Array.from(edges, ([from]) => from),
    port: Uint16Array.from(edges, ([, to]) => {
      const port = uses.get(to) ?? 0;
      uses.set(to, port + 1);
      return port;
    }),
  };
}

const chain = (first: number, last: number): Edge[] =>
  Array.from({ length: last - first }, (_, at): Edge => [first + at, first + at + 1]);

/** Corners of an edge that leaves no trunk. */
function routeOf(drawn: LayoutResult, edge: number): [x: number, y: number][] {
  expect(drawn.parent[edge]).toBe(-1);
  const way: [number, number][] = [];
  for (let at = drawn.start[edge]!; at < drawn.start[edge + 1]!; at++) way.push([drawn.points[2 * at]!, drawn.points[2 * at + 1]!]);
  return way;
}

/** X at which a route passes a height. */
function passes(way: readonly [x: number, y: number][], y: number): number {
  const at = way.findIndex(([, top], k) => k > 0 && way[k - 1]![1] <= y && y <= top && way[k - 1]![0] === way[k]![0]);
  return way[at]![0];
}

/** Number of level runs. */
const turns = (way: readonly [x: number, y: number][]): number => way.filter(([x], k) => k > 0 && x !== way[k - 1]![0]).length;

const middle = (graph: LayoutInput, drawn: LayoutResult, node: number): number => drawn.x[node]! + graph.width[node]! / 2;
const level = (graph: LayoutInput, drawn: LayoutResult, node: number): number => drawn.y[node]! + graph.height[node]! / 2;

describe('a long lane', () => {
  // A chain of 60, a wide step beside it on either side from 30 to 34, and a line past all of them.
  const edges: Edge[] = [...chain(0, 60)];
  for (const side of [61, 63]) edges.push([30, side], [side, side + 1], [side + 1, 33]);
  const past = edges.length;
  edges.push([1, 58]);
  const graph = input(65, edges, (node) => (node > 60 ? 400 : 80));
  const drawn = layout(graph);
  const away = (node: number): number => Math.abs(passes(routeOf(drawn, past), level(graph, drawn, node)) - middle(graph, drawn, node));

  it('runs close beside the chain that it passes', () => {
    for (const node of [3, 10, 20, 28, 40, 50, 56]) expect(away(node)).toBeLessThanOrEqual(40 + GAP.lane);
  });

  it('goes out only where it has to pass something', () => {
    expect(away(31)).toBeGreaterThan(400);
    // Out and back: two level runs more than a straight lane has.
    expect(turns(routeOf(drawn, past))).toBe(4);
  });

  it('takes no small steps where it may stand in line with itself', () => {
    // Wider nodes half way, then something to go round: 40 px more room before the wide ones.
    const steps = input(65, edges, (node) => (node > 60 ? 606 : node >= 22 && node <= 28 ? 160 : 80));
    const seen = layout(steps);
    const way = routeOf(seen, past);
    expect(passes(way, level(steps, seen, 5))).toBe(passes(way, level(steps, seen, 25)));
    expect(turns(way)).toBe(4);
  });

  it('stays straight where it would come little closer', () => {
    const steps = input(61, [...chain(0, 60), [1, 58]], (node) => (node % 20 === 10 ? 248 : 80));
    expect(turns(routeOf(layout(steps), 60))).toBe(2);
  });
});

it('leads the main path through a layer, not through many small steps beside it', () => {
  const edges: Edge[] = [[0, 1], [1, 12], [0, 2], ...chain(2, 11), [11, 12], [12, 13]];
  const small = input(14, edges, (node) => (node === 1 ? 264 : 100));
  const graph = { ...small, height: small.height.map((height, node) => (node === 1 ? 52 : height)) };
  const drawn = layout(graph);
  for (const node of [1, 12, 13]) expect(middle(graph, drawn, node)).toBe(middle(graph, drawn, 0));
});

it('lets no line hold apart what lies in different ranks', () => {
  // From 0 come a wide row and, past its outer end, a column that begins a little further down: too
  // short a way for a lane to be cut for its own sake.
  const edges: Edge[] = [...chain(0, 40)];
  let next = 41;
  for (let k = 0; k < 8; k++) edges.push([0, next], [next++, 2]);
  edges.push([0, next], ...chain(next, next + 30), [next + 30, 39]);
  const graph = input(next + 31, edges, () => 120);
  const drawn = layout(graph);
  const row = 9 * 120 + 8 * GAP.node;
  expect(drawn.width).toBeLessThan(row + 120 / 2);
  expect(Math.abs(middle(graph, drawn, next + 15) - middle(graph, drawn, 20))).toBeLessThan(400);
});

describe('blocks of any graph', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`stand apart in whole px, two nodes in line stay so, graph ${seed}`, () => {
      const random = randomStream(seed);
      const count = 140;
      const edges: Edge[] = [];
      for (let node = 1; node < count; node++) {
        edges.push([Math.max(0, node - 1 - Math.floor(random() * 3)), node]);
        if (random() < 0.3) edges.push([Math.floor(random() * node), node]);
      }
      const graph = input(count, edges, (node) => 40 + 40 * ((node * seed) % 7));
      const oriented = orient(count, graph.source, graph.target);
      const rank = rankNodes(count, oriented, graph.tensor);
      const proper = makeProper(count, rank, oriented, graph.tensor, graph.port);
      const order = orderRanks(proper);
      const blocks = alignBlocks(proper, order, graph.width);
      const x = placeBlocks(proper, order, blocks, graph.width);

      const half = (vertex: number): number => (vertex < count ? graph.width[vertex]! / 2 : 0);
      let left = Infinity;
      for (const row of order.rows) {
        row.forEach((vertex, at) => {
          expect(Number.isInteger(x[vertex])).toBe(true);
          left = Math.min(left, x[vertex]! - half(vertex));
          if (at === 0) return;
          const before = row[at - 1]!;
          const bends = (before >= count ? 1 : 0) + (vertex >= count ? 1 : 0);
          const gap = [GAP.node, GAP.lane, GAP.lanes][bends]!;
          expect(x[vertex]! - half(vertex)).toBeGreaterThanOrEqual(x[before]! + half(before) + gap - 1e-9);
        });
      }
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left).toBeLessThan(1);
      proper.upper.forEach((a, segment) => {
        const b = proper.lower[segment]!;
        if (a < count && b < count && blocks.of[a] === blocks.of[b]) expect(x[a]).toBe(x[b]);
      });
    });
  }
});
