// The folded drawing held against the flat one: rigid bands, no overlaps, no line through a box.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { planFold } from './fold';
import { foldScene, intoFold, outOfFold } from './folded';
import { encodeSample, randomStream, type SampleEdge } from './sample';
import { buildScene, openScene, routeOf, type Scene } from './scene';
import type { Direction } from './turn';

const ROOM = { width: 1376, height: 772 };

/** Blocks of a few nodes with a skip line each, some layers, one tensor used far away. */
function model(blocks: number, direction: Direction = 'down'): Scene {
  const random = randomStream(blocks);
  const count = blocks * 5 + 1;
  const nodes = Array.from({ length: count }, (_, at) => ({ op: 'Relu', layer: at % 5 === 1 && random() < 0.8 }));
  const edges: SampleEdge[] = [];
  for (let at = 1; at < count; at++) edges.push({ from: at - 1, to: at });
  for (let block = 0; block < blocks; block++) edges.push({ from: 5 * block, to: 5 * block + 4, port: 1 });
  for (const block of [3, 9, 15, 21]) if (block < blocks) edges.push({ from: 0, to: 5 * block + 2, tensor: 'mask', port: 2 });
  edges.push({ from: 2, to: Math.min(60, count - 1), tensor: 'long', port: 3 });
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
}

function boxes(scene: Scene): number[][] {
  const own = (x: Float32Array, y: Float32Array, w: Float32Array, h: Float32Array) =>
    Array.from(x, (left, at) => [left, y[at], left + w[at], y[at] + h[at]]);
  const { stubs } = scene;
  return [
    ...own(scene.x, scene.y, scene.nodeWidth, scene.nodeHeight),
    ...own(stubs.x, stubs.y, stubs.width, stubs.height),
  ];
}

function overlaps(scene: Scene): number {
  const all = boxes(scene);
  let found = 0;
  all.forEach((a, i) => {
    for (const b of all.slice(0, i)) if (a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]) found++;
  });
  return found;
}

/** Pieces of drawn lines that run through the inside of a box. */
function throughBoxes({ start, points, ...scene }: Scene): number {
  const all = boxes({ start, points, ...scene } as Scene);
  let found = 0;
  for (let edge = 0; edge + 1 < start.length; edge++) {
    for (let at = start[edge]; at + 1 < start[edge + 1]; at++) {
      const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4);
      expect(ax === bx || ay === by).toBe(true);
      for (const [left, top, right, bottom] of all) {
        const inside = Math.max(ax, bx) > left + 1 && Math.min(ax, bx) < right - 1 &&
          Math.max(ay, by) > top + 1 && Math.min(ay, by) < bottom - 1;
        if (inside) found++;
      }
    }
  }
  return found;
}

describe('a long drawing folded', () => {
  for (const direction of ['down', 'right'] as const) {
    for (const blocks of [25, 80]) {
      const flat = model(blocks, direction);
      const room = direction === 'down' ? ROOM : { width: 900, height: 1376 };
      const fold = planFold(flat, room)!;
      const folded = foldScene(flat, fold);
      const name = `${blocks} blocks, ${direction}`;

      it(`fills the screen several times better: ${name}`, () => {
        const zoom = (scene: Scene) => Math.min(room.width / scene.width, room.height / scene.height);
        expect(fold.bands).toBeGreaterThan(1);
        expect(zoom(folded)).toBeGreaterThan(2 * zoom(flat));
      });

      it(`has no overlaps, and no line through a box: ${name}`, () => {
        expect(overlaps(folded)).toBe(0);
        expect(throughBoxes(folded)).toBe(0);
        for (const [left, top, right, bottom] of boxes(folded)) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(top).toBeGreaterThanOrEqual(0);
          expect(right).toBeLessThanOrEqual(folded.width + 0.5);
          expect(bottom).toBeLessThanOrEqual(folded.height + 0.5);
        }
      });

      it(`leads every edge from its producer to its consumer: ${name}`, () => {
        for (let edge = 0; edge < flat.source.length; edge++) {
          if (flat.stub[edge] === 1) continue;
          const [flatWay, way] = [routeOf(flat, edge), routeOf(folded, edge)];
          const ends = (route: number[]) => [route.slice(0, 2), route.slice(-2)];
          const moved = ends(flatWay).map(([x, y]) => intoFold(fold, direction === 'down', { x: x!, y: y! }));
          ends(way).forEach(([x, y], at) => {
            expect(x).toBeCloseTo(moved[at]!.x, 2);
            expect(y).toBeCloseTo(moved[at]!.y, 2);
          });
          for (let at = 2; at < way.length; at += 2) {
            expect(way[at] === way[at - 2] || way[at + 1] === way[at - 1]).toBe(true);
          }
        }
      });

      it(`maps points there and back: ${name}`, () => {
        for (let node = 0; node < flat.count; node++) {
          const at = { x: flat.x[node] + flat.nodeWidth[node] / 2, y: flat.y[node] + flat.nodeHeight[node] / 2 };
          const there = intoFold(fold, direction === 'down', at);
          expect(there.x).toBeCloseTo(folded.x[node] + flat.nodeWidth[node] / 2, 2);
          const back = outOfFold(fold, direction === 'down', there);
          expect(back.x).toBeCloseTo(at.x, 6);
          expect(back.y).toBeCloseTo(at.y, 6);
        }
      });
    }
  }

  for (const direction of ['down', 'right'] as const) {
    it(`keeps clear of what is taken of the room, at its own zoom: ${direction}`, () => {
      // A legend in a corner and buttons in another; the longer bands reach past both.
      const taken = [{ x: 0, y: 560, width: 260, height: 212 }, { x: 1330, y: 690, width: 46, height: 82 }];
      const flat = model(120, direction);
      const fold = planFold(flat, { ...ROOM, taken })!;
      const folded = foldScene(flat, fold);
      expect(folded.width * fold.zoom).toBeLessThanOrEqual(ROOM.width + 1);
      expect(folded.height * fold.zoom).toBeLessThanOrEqual(ROOM.height + 1);
      for (const box of taken) {
        const [left, top] = [box.x / fold.zoom, box.y / fold.zoom];
        const [right, bottom] = [left + box.width / fold.zoom, top + box.height / fold.zoom];
        for (const [l, t, r, b] of boxes(folded)) expect(l! < right && r! > left && t! < bottom && b! > top).toBe(false);
        const { start, points } = folded;
        for (let edge = 0; edge + 1 < start.length; edge++) {
          for (let at = start[edge]!; at + 1 < start[edge + 1]!; at++) {
            const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4) as unknown as [number, number, number, number];
            const inside = Math.min(ax, bx) < right && Math.max(ax, bx) > left && Math.min(ay, by) < bottom && Math.max(ay, by) > top;
            expect(inside).toBe(false);
          }
        }
      }
      // Beside the corner that is taken bands are longer: the room is used.
      const empty = planFold(flat, { width: ROOM.width, height: 560 })!;
      expect(fold.zoom).toBeGreaterThan(1.03 * empty.zoom);
    });
  }

  it('leaves no last band with next to nothing in it', () => {
    for (const blocks of [30, 37, 44, 51, 63, 95]) {
      const { cuts, bands } = planFold(model(blocks), ROOM)!;
      const lengths = Array.from({ length: bands }, (_, band) => cuts[band + 1]! - cuts[band]!);
      expect(lengths.at(-1)).toBeGreaterThan(0.3 * Math.max(...lengths));
    }
  });

  it('finds nothing to fold in a drawing that has the shape of the screen', () => {
    const nodes = Array.from({ length: 40 }, () => ({ op: 'Relu' }));
    const edges = nodes.slice(1).map((_, at) => ({ from: at % 8, to: at + 1 }));
    const flat = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
    expect(planFold(flat, ROOM)).toBeNull();
  });
});
