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
