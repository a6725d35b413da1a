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

describe('what is cut', () => {
  const cutOf = (scene: Scene): number[] => Array.from(scene.stub.keys()).filter((edge) => scene.stub[edge] === 1);

  it('is what is further away than ten ranks from the use before, in three places and more', () => {
    expect(draw(122, masked(121, 10)).stubs.count).toBe(0);
    const edges = masked(122, 11);
    expect(cutOf(draw(123, edges))).toEqual(Array.from(edges.keys()).filter((edge) => edges[edge]!.port === 1).slice(1));
    // The first is near; two more are drawn, three are named.
    expect(draw(62, masked(61, 20)).stubs.count).toBe(0);
    expect(draw(82, masked(81, 20)).stubs.count).toBe(4);
  });

  it('is named once for uses that stand together', () => {
    const chain = Array.from({ length: 79 }, (_, at): SampleEdge => ({ from: at, to: at + 1 }));
    const uses = [30, 32, 34, 36, 60, 63, 75].map((to): SampleEdge => ({ from: 0, to, tensor: 'mask', port: 1 }));
    const { stubs } = draw(80, [...chain, ...uses]);
    expect(stubs.text).toEqual(['mask ×7', 'mask', 'mask', 'mask']);
    expect(Array.from(stubs.node)).toEqual([0, 30, 60, 75]);
    expect(Array.from(stubs.uses)).toEqual([7, 7, 7, 7]);
  });

  it('is never a line that leads back up, nor what is near beside one', () => {
    const chain = Array.from({ length: 79 }, (_, at): SampleEdge => ({ from: at, to: at + 1, tensor: `t${at}` }));
    const uses = [20, 42, 60, 66, 72].map((to): SampleEdge => ({ from: 40, to, tensor: 'state', port: 1 }));
    const scene = draw(80, [...chain, ...uses]);
    expect(cutOf(scene).map((edge) => scene.target[edge])).toEqual([60, 66, 72]);
  });

  it('are of many lanes those that go on furthest', () => {
    const chain = Array.from({ length: 159 }, (_, at): SampleEdge => ({ from: at, to: at + 1 }));
    const random = randomStream(6);
    const skips = Array.from({ length: 24 }, (_, at): SampleEdge => ({ from: at, to: 50 + Math.floor(random() * 100), tensor: `skip${at}`, port: 1 }));
    const scene = draw(160, [...chain, ...skips]);
    const ends = (cut: number): number[] => Array.from(scene.stub.keys()).slice(159).filter((edge) => scene.stub[edge] === cut).map((edge) => scene.target[edge]!);
    expect(ends(0)).toHaveLength(12);
    expect(Math.max(...ends(0))).toBeLessThanOrEqual(Math.min(...ends(1)));
  });

  it('is nothing where long lines come one after the other', () => {
    const chain = Array.from({ length: 399 }, (_, at): SampleEdge => ({ from: at, to: at + 1 }));
    const skips = Array.from({ length: 19 }, (_, at): SampleEdge => ({ from: 20 * at, to: 20 * at + 15, tensor: `skip${at}`, port: 1 }));
    expect(draw(400, [...chain, ...skips]).stubs.count).toBe(0);
  });
});

describe.each(['down', 'right'] as const)('the way of an edge that is cut, drawn %s', (direction) => {
  // Layers beside operators: rows are as high as the higher ones.
  const random = randomStream(12);
  const edges: SampleEdge[] = [];
  for (let at = 1; at < 400; at++) edges.push({ from: Math.max(0, at - 1 - Math.floor(random() * 3)), to: at, tensor: `t${at}` });
  for (let at = 12; at < 400; at += 27) edges.push({ from: 3, to: at, tensor: 'mask', port: 1 });
  for (let at = 20; at < 400; at += 33) edges.push({ from: 7, to: at, tensor: 'scale', port: 2 });
  const nodes = Array.from({ length: 400 }, () => ({ op: 'Add', layer: random() < 0.4 }));
  const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
  const down = direction === 'down';
  const cut = Array.from(scene.stub.keys()).filter((edge) => scene.stub[edge] === 1);

  it('keeps a distance from all boxes but those at its ends', () => {
    expect(cut.length).toBeGreaterThan(10);
    const meeting: string[] = [];
    for (const edge of cut) {
      const route = routeOf(scene, edge);
      for (let node = 0; node < scene.count; node++) {
        const slack = node === scene.source[edge] || node === scene.target[edge] ? -0.1 : 5;
        const [left, top] = [scene.x[node]! - slack, scene.y[node]! - slack];
        const [right, bottom] = [scene.x[node]! + scene.nodeWidth[node]! + slack, scene.y[node]! + scene.nodeHeight[node]! + slack];
        for (let at = 2; at < route.length; at += 2) {
          const [ax, ay, bx, by] = route.slice(at - 2, at + 2) as [number, number, number, number];
          if (Math.max(ax, bx) > left && Math.min(ax, bx) < right && Math.max(ay, by) > top && Math.min(ay, by) < bottom) meeting.push(`${edge} at ${node}`);
        }
      }
    }
    expect(meeting).toEqual([]);
  });

  it('takes the nearest lane that is free', () => {
    const boxes = Array.from({ length: scene.count }, (_, node): [number, number, number, number] => {
      const [x, y, w, h] = [scene.x[node]!, scene.y[node]!, scene.nodeWidth[node]!, scene.nodeHeight[node]!];
      return down ? [x, y, x + w, y + h] : [y, x, y + h, x + w];
    });
    const [a, b] = down ? [0, 1] : [1, 0];
    for (const edge of cut) {
      const route = routeOf(scene, edge);
      const point = (at: number): [across: number, along: number] => [route[2 * at + a]!, route[2 * at + b]!];
      const [[out, top], [into, end], [lane]] = [point(0), point(5), point(2)];
      const inWay = boxes.filter(([, from, , to]) => from <= end - 8 && to >= top + 8);
      const far = (x: number): number => Math.abs(x - out) + Math.abs(x - into);
      let best = Infinity;
      for (let x = -20; x < (down ? scene.width : scene.height) + 20; x++) {
        if (inWay.every(([left, , right]) => x <= left - 8 || x >= right + 8)) best = Math.min(best, far(x));
      }
      expect(far(lane)).toBeLessThanOrEqual(best + 1);
      expect(inWay.every(([left, , right]) => lane <= left - 7.9 || lane >= right + 7.9)).toBe(true);
    }
  });
});
