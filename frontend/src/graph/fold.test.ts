// The folded drawing held against the flat one: rigid bands, no overlaps, no line through a box.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { bandOver, planFold } from './fold';
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

/** Blocks of six in a chain; three lines of tensors of their own pass four of each block's five gaps. */
function blocks(count: number, direction: Direction = 'down'): Scene {
  const nodes = Array.from({ length: 6 * count }, (_, at) => ({ op: 'Relu', layer: at % 6 === 2 }));
  const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
  for (let at = 0; at < nodes.length; at += 6) for (const port of [1, 2, 3]) edges.push({ from: at, to: at + 5, tensor: `skip${at}.${port}`, port });
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
}

/** One after another, each `every`-th of them wide. */
function chain(count: number, every = Infinity): Scene {
  const nodes = Array.from({ length: count }, (_, at) => ({ op: 'Relu', layer: at % every === 5 }));
  return openScene(buildScene(decodeColumns(encodeSample(nodes, nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }))))));
}

/** Five layers side by side between one operator and the next. */
function fans(count: number): Scene {
  const nodes = Array.from({ length: 6 * count }, (_, at) => ({ op: 'Relu', layer: at % 6 > 0 }));
  const edges: SampleEdge[] = [];
  for (let at = 0; at + 6 < nodes.length; at += 6) for (const by of [1, 2, 3, 4, 5]) edges.push({ from: at, to: at + by }, { from: at + by, to: at + 6, port: by });
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
}

/** Without any order: layers here and there, lines of all lengths, some of them cut into stubs. */
function wild(count: number, seed: number): Scene {
  const random = randomStream(seed);
  const nodes = Array.from({ length: count }, () => ({ op: 'Relu', layer: random() < 0.3 }));
  const edges: SampleEdge[] = [];
  for (let at = 1; at < count; at++) {
    edges.push({ from: at - 1 - Math.floor(random() * Math.min(at, 2)), to: at });
    if (random() < 0.3) edges.push({ from: Math.max(0, at - 2 - Math.floor(random() * 5)), to: at, tensor: `s${at}`, port: 1 });
    if (random() < 0.3) edges.push({ from: Math.floor(random() * random() * at), to: at, tensor: `m${at % 7}`, port: 2 });
  }
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
}

describe('where a drawing is cut', () => {
  it('few lines pass: between blocks, not in them', () => {
    for (const direction of ['down', 'right'] as const) {
      const flat = blocks(60, direction);
      const { bands, cuts } = planFold(flat, direction === 'down' ? ROOM : { width: 772, height: 1376 })!;
      expect(bands).toBeGreaterThan(3);
      const along = direction === 'down' ? 1 : 0;
      for (const cut of cuts.subarray(1, bands)) {
        const passing = Array.from(flat.source.keys()).filter((edge) => {
          const route = routeOf(flat, edge);
          return route[along]! < cut && route[route.length - 2 + along]! > cut;
        });
        expect(passing).toHaveLength(1);
      }
    }
  });

  it('nothing stands, and no line runs level: not even beside the cut', () => {
    for (const at of [25, 40, 70, 100]) {
      for (const flat of [model(at), blocks(at), wild(340 + at, at), wild(360 + at / 5, at / 5 + 21)]) {
        const { bands, cuts } = planFold(flat, ROOM)!;
        const levels = [flat, flat.stubs].flatMap(({ points, start }) => {
          const wires = Array.from({ length: start.length - 1 }, (_, wire) => Array.from(points.subarray(2 * start[wire]!, 2 * start[wire + 1]!)));
          return wires.flatMap((own) => own.filter((y, k) => k % 2 === 1 && k > 1 && own[k - 3] !== own[k - 1] && own[k - 2] === y));
        });
        expect(levels.length).toBeGreaterThan(50);
        for (const cut of cuts.subarray(1, bands)) {
          expect(boxes(flat).filter(([, top, , bottom]) => cut > top! && cut < bottom!)).toEqual([]);
          expect(levels.filter((y) => Math.abs(cut - y) <= 3)).toEqual([]);
        }
      }
    }
  });

  it('columns stand apart, further in a wide drawing, and what joins them in the middle between', () => {
    const chains = [301, 337, 380, 451, 502, 555].map((count) => [chain(count, 9), 0] as const);
    for (const [flat, share] of [...chains, [model(60), 0], [model(81), 0], [fans(40), 0.1]] as const) {
      const fold = planFold(flat, ROOM)!;
      const folded = foldScene(flat, fold);
      const columns = Array.from({ length: fold.bands }, () => [Infinity, -Infinity] as [number, number]);
      boxes(flat).forEach(([, top, , bottom], at) => {
        const [left, , right] = boxes(folded)[at]!;
        const column = columns[fold.cuts.findLastIndex((cut) => cut <= (top! + bottom!) / 2)]!;
        [column[0], column[1]] = [Math.min(column[0], left!), Math.max(column[1], right!)];
      });
      columns.forEach(([left, right], band) => expect([bandOver(fold, left), bandOver(fold, right)]).toEqual([band, band]));
      for (let band = 1; band < fold.bands; band++) {
        const [before, after] = [columns[band - 1]![1], columns[band]![0]];
        expect(after - before).toBeGreaterThanOrEqual(Math.max(60, share * flat.width));
        expect(fold.lane[band]! - before).toBeGreaterThan(28);
        expect(after - fold.lane[band]!).toBeGreaterThan(28);
      }
      // To the right of the last column nothing is kept free.
      expect(folded.width - columns.at(-1)![1]).toBeLessThan(60);
    }
  });

  it('nothing reaches over the edges, however wild the drawing', () => {
    for (const seed of [14, 15, 19, 24, 37]) {
      const flat = wild(120 + 10 * seed, seed);
      const folded = foldScene(flat, planFold(flat, ROOM)!);
      for (const [left, top, right, bottom] of boxes(folded)) {
        expect(Math.min(left!, top!)).toBeGreaterThanOrEqual(0);
        expect([right! <= folded.width + 0.5, bottom! <= folded.height + 0.5]).toEqual([true, true]);
      }
    }
  });

  it('a short last column is mended by shorter ones, not by a smaller drawing', () => {
    for (const seed of [2, 6, 24]) {
      const flat = wild(120 + 10 * seed, seed);
      const { zoom } = planFold(flat, ROOM)!;
      // What fits into a lower room fits into this one, too.
      for (let height = ROOM.height; height > 0.85 * ROOM.height; height -= 12) {
        expect(zoom).toBeGreaterThan(0.96 * (planFold(flat, { ...ROOM, height })?.zoom ?? 0));
      }
    }
  });

  it.each([9000, 20_000])('they fill the screen, however many they are: %s in a chain', (count) => {
    const flat = chain(count);
    const { bands, wide, deep, zoom } = planFold(flat, ROOM)!;
    expect(bands).toBeGreaterThan(32);
    expect(bands).toBeLessThanOrEqual(160);
    expect([wide * zoom <= ROOM.width + 1, deep * zoom <= ROOM.height + 1]).toEqual([true, true]);
    expect(wide * zoom).toBeGreaterThan(0.85 * ROOM.width);
    expect(deep * zoom).toBeGreaterThan(0.85 * ROOM.height);
  });
});

describe('what is taken of the room', () => {
  const flat = model(90);
  const large = { x: 0, y: 500, width: 300, height: 272 };
  const other = { x: 1200, y: 0, width: 176, height: 300 };

  it('is the same in whatever order it is told, and however often', () => {
    const inside = { x: 1200, y: 10, width: 176, height: 20 };
    const across = { x: 100, y: 560, width: 400, height: 40 };
    const expected = planFold(flat, { ...ROOM, taken: [large, other, across] });
    expect(expected).not.toBeNull();
    expect(planFold(flat, { ...ROOM, taken: [across, other, large] })).toEqual(expected);
    expect(planFold(flat, { ...ROOM, taken: [large, inside, other, across] })).toEqual(expected);
  });

  it('is no matter to columns that stand beside it in the middle of the room', () => {
    const corner = { x: 0, y: 520, width: 250, height: 252 };
    let apart = 0;
    for (const count of [14, 16, 18, 19, 20, 21, 22, 24]) {
      const flat = chain(count);
      const free = planFold(flat, ROOM);
      if (free === null || (ROOM.width - free.wide * free.zoom) / 2 < 260) continue;
      apart++;
      expect([count, planFold(flat, { ...ROOM, taken: [corner] })]).toEqual([count, free]);
    }
    expect(apart).toBeGreaterThan(1);
  });

  it('may be as high as the room: columns stand between', () => {
    const taken = [{ x: 0, y: 0, width: 260, height: 772 }, { x: 1100, y: 0, width: 276, height: 772 }];
    const fold = planFold(flat, { ...ROOM, taken })!;
    const folded = foldScene(flat, fold);
    expect(fold.bands).toBeGreaterThan(1);
    for (const [left, , right] of boxes(folded)) {
      expect(left! * fold.zoom).toBeGreaterThanOrEqual(260);
      expect(right! * fold.zoom).toBeLessThanOrEqual(1100);
    }
  });
});
