// Long shared edges as stubs: which are cut, where the labels stand, and the whole route on demand.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { encodeSample, randomStream, type SampleEdge } from './sample';
import { buildScene, nodesIn, openScene, routeOf, stubsIn, type Scene } from './scene';
import type { Direction } from './turn';

/** A chain of `length` nodes; node `length` feeds every `every`-th of them as second input. */
function masked(length: number, every: number): SampleEdge[] {
  const edges: SampleEdge[] = [];
  for (let node = 1; node < length; node++) edges.push({ from: node - 1, to: node });
  for (let node = every; node < length; node += every) {
    edges.push({ from: length, to: node, tensor: '/mask/Where_output_0', port: 1 });
  }
  return edges;
}

function draw(count: number, edges: SampleEdge[], direction: Direction = 'down'): Scene {
  const nodes = Array.from({ length: count }, (_, i) => ({ op: 'Add', layer: i % 5 === 0 }));
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
}

/** Pieces of a route that run through the inside of a box, by brute force. */
function hits(scene: Scene, route: readonly number[]): number {
  let found = 0;
  for (let at = 2; at < route.length; at += 2) {
    for (let node = 0; node < scene.count; node++) {
      const inside =
        Math.max(route[at - 2], route[at]) > scene.x[node] + 0.1 &&
        Math.min(route[at - 2], route[at]) < scene.x[node] + scene.nodeWidth[node] - 0.1 &&
        Math.max(route[at - 1], route[at + 1]) > scene.y[node] + 0.1 &&
        Math.min(route[at - 1], route[at + 1]) < scene.y[node] + scene.nodeHeight[node] - 0.1;
      if (inside) found++;
    }
  }
  return found;
}

for (const direction of ['down', 'right'] as const) {
  describe(`stubs, drawn ${direction}`, () => {
    const edges = masked(121, 20);
    const scene = draw(122, edges, direction);
    const first = edges.length - 6;

    it('reaches the near use by a line and names the others', () => {
      expect(Array.from(scene.stub.subarray(first))).toEqual([0, 1, 1, 1, 1, 1]);
      expect(scene.stub.subarray(0, first).every((cut) => cut === 0)).toBe(true);
      expect(Array.from(scene.stubs.side)).toEqual([0, 1, 1, 1, 1, 1]);
      expect(Array.from(scene.stubs.node)).toEqual([121, 40, 60, 80, 100, 120]);
      expect(scene.stubs.text.slice(0, 2)).toEqual(['Where_output_0 ×5', 'Where_output_0']);
    });

    it('keeps labels off boxes and each other, and finds them', () => {
      for (let stub = 0; stub < scene.stubs.count; stub++) {
        const { x, y, width, height } = scene.stubs;
        const box = { x: x[stub], y: y[stub], width: width[stub], height: height[stub] };
        expect(nodesIn(scene, box)).toEqual([]);
        expect(stubsIn(scene, box)).toEqual([stub]);
      }
    });

    it('gives the whole route from producer to consumer, through no box', () => {
      for (let edge = first + 1; edge < edges.length; edge++) {
        const route = routeOf(scene, edge);
        expect(hits(scene, route)).toBe(0);
        const flow = direction === 'down' ? 1 : 0;
        const [top, size] = flow === 1 ? [scene.y, scene.nodeHeight] : [scene.x, scene.nodeWidth];
        expect(route[flow]).toBe(top[121] + size[121]);
        expect(route[route.length - 2 + flow]).toBe(top[edges[edge].to]);
      }
    });

    it('keeps every line off the boxes', () => {
      for (let edge = 0; edge < edges.length; edge++) expect(hits(scene, routeOf(scene, edge))).toBe(0);
    });

    it('keeps the main path straight', () => {
      const [x, size] = direction === 'down' ? [scene.x, scene.nodeWidth] : [scene.y, scene.nodeHeight];
      const middles = new Set<number>();
      for (let node = 0; node < 121; node++) middles.add(x[node] + size[node] / 2);
      expect(middles.size).toBe(1);
    });
  });
}

describe('lanes', () => {
  it('stay few beside each other, however many edges skip', () => {
    // Node i feeds the chain's end too: 60 lanes unless most are cut.
    const edges = Array.from({ length: 159 }, (_, i): SampleEdge => ({ from: i, to: i + 1 }));
    for (let node = 0; node < 60; node++) {
      edges.push({ from: node, to: 100 + node, tensor: `skip${node}`, port: 1 });
    }
    const scene = draw(160, edges);
    let most = 0;
    for (let y = 0; y < scene.height; y += 10) {
      let lanes = 0;
      for (let edge = 159; edge < edges.length; edge++) {
        if (scene.stub[edge] === 1) continue;
        const route = routeOf(scene, edge);
        if (route[1] < y && route[route.length - 1] > y) lanes++;
      }
      most = Math.max(most, lanes);
    }
    expect(most).toBeLessThanOrEqual(13);
    expect(scene.stub.reduce((sum, cut) => sum + cut, 0)).toBeGreaterThan(40);
  });

  it('are none where all is near', () => {
    const random = randomStream(3);
    const edges: SampleEdge[] = [];
    for (let node = 1; node < 80; node++) {
      edges.push({ from: Math.max(0, node - 1 - Math.floor(random() * 3)), to: node });
    }
    expect(draw(80, edges).stubs.count).toBe(0);
  });
});

describe('names', () => {
  it('may be empty, the same, or 500 letters long', () => {
    const long = 'x'.repeat(500);
    const nodes = Array.from({ length: 40 }, (_, i) => ({
      op: ['', long, 'Add'][i % 3],
      name: ['', long, 'same'][i % 3],
    }));
    const edges = masked(39, 6).map((edge) => ({ ...edge, tensor: edge.port === 1 ? long : `${edge.from}` }));
    const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
    for (const values of [scene.x, scene.y, scene.points, scene.stubs.x]) {
      for (const value of values) expect(Number.isFinite(value)).toBe(true);
    }
    for (let node = 0; node < 40; node++) {
      expect(scene.nodeWidth[node]).toBeGreaterThan(20);
      expect(scene.nodeWidth[node]).toBeLessThanOrEqual(248);
    }
  });
});
