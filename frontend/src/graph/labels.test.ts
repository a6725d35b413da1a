// Where shapes are written: never on a box, never on each other, repeated ones only where free.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { LabelPlaces, placeLabels, type Labels } from './labels';
import { encodeSample, randomStream, type SampleEdge } from './sample';
import { buildScene, openScene, type Scene } from './scene';
import { labelWidth } from './sizes';

function scene(count: number, edges: SampleEdge[]): Scene {
  const nodes = Array.from({ length: count }, (_, i) => ({ op: 'Relu', layer: i % 3 === 0 }));
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
}

function boxes(labels: Labels): { x: number; y: number; right: number }[] {
  return labels.text.flatMap((text, edge) => {
    const [x, y] = [labels.x[edge], labels.y[edge]];
    // 5 px per letter: less than any of them takes.
    return Number.isNaN(x) ? [] : [{ x, y, right: x + 5 * text.length }];
  });
}

describe('placeLabels', () => {
  it('writes one shape per tensor, beside its line', () => {
    const drawn = scene(3, [
      { from: 0, to: 1 },
      { from: 0, to: 2 },
      { from: 1, to: 2 },
    ]);
    const labels = placeLabels(drawn, ['1×8', '1×8', '']);
    const placed = boxes(labels);
    expect(placed).toHaveLength(1);
    expect(placed[0].x - drawn.points[2 * drawn.start[0]]).toBe(8);
  });

  it('keeps off boxes and other labels in a dense graph', () => {
    const random = randomStream(5);
    const edges: SampleEdge[] = [];
    for (let node = 1; node < 150; node++) {
      for (let k = 0; k < 2; k++) edges.push({ from: Math.floor(random() * node), to: node });
    }
    const drawn = scene(150, edges);
    const placed = boxes(placeLabels(drawn, edges.map((_, i) => `${i}×${i}×64`)));
    expect(placed.length).toBeGreaterThan(30);
    placed.forEach((a, at) => {
      for (const b of placed.slice(at + 1)) {
        expect(Math.abs(a.y - b.y) >= 12 || a.right <= b.x || b.right <= a.x).toBe(true);
      }
      for (let node = 0; node < 150; node++) {
        const apart =
          a.right <= drawn.x[node] ||
          a.x >= drawn.x[node] + drawn.nodeWidth[node] ||
          a.y + 6 <= drawn.y[node] ||
          a.y - 6 >= drawn.y[node] + drawn.nodeHeight[node];
        expect(apart).toBe(true);
      }
    });
  });

  it('leaves out a repeated shape that would lie on a line, not a new one', () => {
    // The lane from 1 to 4, its second input, passes right of the line from 1 to 2.
    const edges = [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: 2, to: 4 },
      { from: 1, to: 4, port: 1 },
    ];
    const drawn = scene(5, edges);
    const wide = '1×128×1024×1024';
    const repeated = placeLabels(drawn, [wide, wide, wide, wide]);
    const fresh = placeLabels(drawn, ['1', wide, `${wide}7`, wide]);
    expect(Number.isNaN(repeated.x[2])).toBe(true);
    expect(Number.isNaN(fresh.x[2])).toBe(false);
  });
});

it('keeps a repeated shape off every line, those of stubs too', () => {
  const nodes = Array.from({ length: 60 }, () => ({ op: 'Add' }));
  const chain = Array.from({ length: 59 }, (_, i) => ({ from: i, to: i + 1, tensor: `t${i}` }));
  const uses = [20, 31, 42, 53].map((to) => ({ from: 6, to, tensor: 'mask', port: 1 }));
  const random = randomStream(8);
  const skips = Array.from({ length: 25 }, (_, i) => {
    const from = 1 + Math.floor(random() * 50);
    return { from, to: from + 2 + Math.floor(random() * 4), tensor: `s${i}`, port: 2 };
  });
  const edges = [...chain, ...uses, ...skips];
  const drawn = openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
  expect(drawn.stubs.count).toBeGreaterThan(3);
  const labels = placeLabels(drawn, edges.map(() => '8×512'));
  let seen = 0;
  edges.forEach(({ from }, edge) => {
    const [left, y] = [labels.x[edge]!, labels.y[edge]!];
    if (from === 0 || Number.isNaN(left)) return;
    seen++;
    for (const { points, start } of [drawn, drawn.stubs]) {
      for (let wire = 0; wire + 1 < start.length; wire++) {
        for (let at = start[wire]!; at + 1 < start[wire + 1]!; at++) {
          const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4) as unknown as [number, number, number, number];
          const apart = Math.max(ax, bx) < left || Math.min(ax, bx) > left + 30 || Math.max(ay, by) < y - 5 || Math.min(ay, by) > y + 5;
          expect(apart).toBe(true);
        }
      }
    }
  });
  expect(seen).toBeGreaterThan(20);
});

describe('from left to right', () => {
  it('writes below the line where another one rises through the place above it', () => {
    const nodes = Array.from({ length: 5 }, () => ({ op: 'Relu' }));
    const edges = [{ from: 0, to: 1 }, { from: 1, to: 2 }, { from: 2, to: 3 }, { from: 3, to: 4, port: 1 }, { from: 0, to: 4 }];
    const drawn = openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction: 'right' }));
    const line = drawn.points[2 * drawn.start[0]! + 1]!;
    const branch = drawn.points.subarray(2 * drawn.start[4]!, 2 * drawn.start[5]!);
    expect(branch.filter((_, at) => at % 2 === 1).some((y) => y < line)).toBe(true);
    const labels = placeLabels(drawn, ['1×3×224×224', '', '', '', '']);
    expect(labels.y[0]).toBeGreaterThan(line);
    // Alone it stands above.
    const alone = openScene(buildScene(decodeColumns(encodeSample(nodes, edges.slice(0, 4))), { direction: 'right' }));
    expect(placeLabels(alone, ['1×3×224×224', '', '', '']).y[0]).toBeLessThan(alone.points[2 * alone.start[0]! + 1]!);
  });
});

describe('a shape with named dimensions', () => {
  // As above: the lane of the second input passes right of the line from 1 to 2.
  const drawn = scene(5, [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
    { from: 2, to: 4 },
    { from: 1, to: 4, port: 1 },
  ]);

  it('cuts its names where a line passes, and keeps its figures', () => {
    const text = ['1', '2', 'sequence_length', ''];
    const labels = placeLabels(drawn, text);
    const short = labels.text[2]!;
    expect(short).toMatch(/^seq\w*…$/);
    const lane = Array.from(drawn.points.subarray(2 * drawn.start[3]!, 2 * drawn.start[4]!)).filter((_, at) => at % 2 === 0);
    expect(labels.x[2]! + labelWidth(short)).toBeLessThan(Math.max(...lane));
    expect(text[2]).toBe('sequence_length');
    // With nothing in the way it is whole.
    expect(placeLabels(drawn, ['sequence_length', '', '', '']).text[0]).toBe('sequence_length');
  });

  it('is left out where it repeats one, however it was shortened', () => {
    const wide = 'batch_size×sequence_length×384';
    expect(Number.isNaN(placeLabels(drawn, [wide, wide, wide, wide]).x[2])).toBe(true);
  });
});

describe('LabelPlaces', () => {
  it('places what is looked at, and all of it when all is', () => {
    const edges = Array.from({ length: 399 }, (_, i): SampleEdge => ({ from: i, to: i + 1 }));
    const drawn = scene(400, edges);
    const text = edges.map((_, i) => `${i}×8`);
    const places = new LabelPlaces(drawn, text);
    const placed = (): number => places.x.filter((x) => !Number.isNaN(x)).length;
    expect(placed()).toBe(0);
    places.reach({ x: 0, y: 0, width: 800, height: 600 });
    expect(placed()).toBeGreaterThan(10);
    expect(placed()).toBeLessThan(200);
    expect(Number.isNaN(places.x[0])).toBe(false);
    places.reach({ x: 0, y: 0, width: drawn.width, height: drawn.height });
    expect(places.x).toEqual(placeLabels(drawn, text).x);
  });
});

describe.each(['down', 'right'] as const)('shapes in a graph without order, drawn %s', (direction) => {
  const random = randomStream(21);
  const nodes = Array.from({ length: 220 }, () => ({ op: 'Relu', layer: random() < 0.3 }));
  const edges: SampleEdge[] = [];
  for (let at = 1; at < 220; at++) {
    edges.push({ from: Math.max(0, at - 1 - Math.floor(random() * 4)), to: at });
    if (random() < 0.4) edges.push({ from: Math.floor(random() * at), to: at, tensor: `m${at % 9}`, port: 1 });
  }
  const drawn = openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
  // New shapes, each its own: they may cross a line, but nothing else.
  const text = edges.map((_, at) => `${at}×${at % 5 === 0 ? 'sequence_length×' : ''}64`);
  const labels = placeLabels(drawn, text);
  const placed = edges.map((_, at) => at).filter((at) => !Number.isNaN(labels.x[at]));
  const boxOf = (at: number): number[] => [labels.x[at]!, labels.y[at]! - 6, labels.x[at]! + Math.min(labelWidth(labels.text[at]!), 220), labels.y[at]! + 6];
  const meet = (a: readonly number[], b: readonly number[]): boolean => a[0]! < b[2]! - 0.1 && a[2]! > b[0]! + 0.1 && a[1]! < b[3]! - 0.1 && a[3]! > b[1]! + 0.1;

  it('lie on no node, no name of a stub and no other shape', () => {
    expect(placed.length).toBeGreaterThan(100);
    expect(drawn.stubs.count).toBeGreaterThan(10);
    const { x, y, nodeWidth, nodeHeight, stubs } = drawn;
    const solid = [
      ...Array.from(x, (left, at) => [left, y[at]!, left + nodeWidth[at]!, y[at]! + nodeHeight[at]!]),
      ...Array.from(stubs.x, (left, at) => [left, stubs.y[at]!, left + stubs.width[at]!, stubs.y[at]! + stubs.height[at]!]),
    ];
    const own = placed.map(boxOf);
    const wrong = own.flatMap((box, at) => [...solid, ...own.slice(at + 1)].filter((other) => meet(box, other)));
    expect(wrong).toEqual([]);
  });

  it('stand beside their own line: above its end, or where it begins', () => {
    for (const at of placed) {
      const own = drawn.points.subarray(2 * drawn.start[at]!, 2 * drawn.start[at + 1]!);
      const [x, y] = [labels.x[at]!, labels.y[at]!];
      const near = [own.subarray(0, 2), own.subarray(-2)].some(([left, top]) => Math.abs(x - left!) <= (direction === 'down' ? 10 : 260) && Math.abs(y - top!) <= (direction === 'down' ? 60 : 14));
      expect([at, near]).toEqual([at, true]);
    }
  });

  it('are placed where one looks, and once', () => {
    const places = new LabelPlaces(drawn, text);
    const box = direction === 'down' ? { x: 0, y: 4300, width: drawn.width, height: 700 } : { x: 4300, y: 0, width: 700, height: drawn.height };
    places.reach(box);
    const seen = Array.from(places.x);
    const along = direction === 'down' ? places.y : places.x;
    const inside = Array.from(along).filter((at) => at >= 4300 && at <= 5000).length;
    expect(inside).toBeGreaterThan(4);
    expect(inside).toBe(Array.from(direction === 'down' ? labels.y : labels.x).filter((at) => at >= 4300 && at <= 5000).length);
    expect(seen.filter((x) => !Number.isNaN(x)).length).toBeLessThan(placed.length * 0.8);
    places.reach(box);
    places.reach({ ...box, x: box.x + 1, y: box.y + 1 });
    expect(Array.from(places.x)).toEqual(seen);
  });
});

it('begins a little right of the node, above the line, where the graph goes right', () => {
  const drawn = openScene(buildScene(decodeColumns(encodeSample([{}, {}], [{ from: 0, to: 1 }])), { direction: 'right' }));
  const { x, y } = placeLabels(drawn, ['1×8']);
  const [left, line] = drawn.points;
  expect(x[0]! - left!).toBe(8);
  expect(line! - y[0]!).toBeGreaterThan(6);
  expect(line! - y[0]!).toBeLessThan(12);
});

it('cuts the names of a shape that is wider than any label, not its figures', () => {
  const drawn = scene(2, [{ from: 0, to: 1 }]);
  const { text } = placeLabels(drawn, ['batch_size×number_of_attention_heads×sequence_length×total_sequence_length×384']);
  expect(text[0]).toMatch(/…×384$/);
  expect(labelWidth(text[0]!)).toBeLessThanOrEqual(220);
});
