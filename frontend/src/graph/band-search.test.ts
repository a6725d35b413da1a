// What touches a box of a large folded drawing, held against a look at every box there is.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { planFold } from './fold';
import { foldScene } from './folded';
import { encodeSample, randomStream, type SampleEdge } from './sample';
import { buildScene, edgesIn, nodesIn, openScene } from './scene';

/** More than are looked through one by one. */
const COUNT = 5200;

const nodes = Array.from({ length: COUNT }, (_, at) => ({ op: 'Relu', layer: at % 4 === 0 }));
const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
for (let at = 0; at + 6 < COUNT; at += 9) edges.push({ from: at, to: at + 6, tensor: `skip ${at}`, port: 1 });
// Lines over several columns.
for (let at = 40; at < COUNT; at += 700) edges.push({ from: 3, to: at, tensor: 'far', port: 2 });

describe.each(['down', 'right'] as const)('a folded drawing, %s,', (direction) => {
  const flat = openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction, stubs: false }));
  const fold = planFold(flat, direction === 'down' ? { width: 1376, height: 772 } : { width: 772, height: 1376 })!;
  const folded = foldScene(flat, fold);
  const random = randomStream(11);
  const boxes = Array.from({ length: 120 }, () => {
    const size = 10 ** (1 + 2.4 * random());
    return { x: random() * folded.width - size / 2, y: random() * folded.height - size / 2, width: size, height: size * (0.3 + random()) };
  });

  it('finds the nodes and the lines that touch a box, in rising order', () => {
    expect(fold.bands).toBeGreaterThan(4);
    const { x, y, nodeWidth, nodeHeight, start, points } = folded;
    const around = edges.map((_, wire) => {
      const own = Array.from(points.subarray(2 * start[wire]!, 2 * start[wire + 1]!));
      const [xs, ys] = [own.filter((__, at) => at % 2 === 0), own.filter((__, at) => at % 2 === 1)];
      return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
    });
    let [some, none] = [0, 0];
    for (const box of boxes) {
      const touches = (left: number, top: number, right: number, bottom: number): boolean =>
        left <= box.x + box.width && top <= box.y + box.height && right >= box.x && bottom >= box.y;
      const wanted = nodes.map((_, at) => at).filter((at) => touches(x[at]!, y[at]!, x[at]! + nodeWidth[at]!, y[at]! + nodeHeight[at]!));
      expect(nodesIn(folded, box)).toEqual(wanted);
      expect(edgesIn(folded, box)).toEqual(edges.map((_, wire) => wire).filter((wire) => touches(...around[wire]!)));
      if (wanted.length > 0) some++;
      else none++;
    }
    expect([some > 20, none > 0]).toEqual([true, true]);
  });

  it('finds a line where it leads over a gutter', () => {
    const cut = edges.map((_, wire) => wire).filter((wire) => {
      const band = (at: number): number => {
        const along = flat.points[2 * at + (direction === 'down' ? 1 : 0)]!;
        return fold.cuts.findLastIndex((begin) => begin <= along);
      };
      return flat.start[wire]! < flat.start[wire + 1]! && band(flat.start[wire]!) !== band(flat.start[wire + 1]! - 1);
    });
    expect(cut.length).toBeGreaterThan(2);
    for (const wire of cut) {
      for (let at = 2 * folded.start[wire]!; at < 2 * folded.start[wire + 1]!; at += 2) {
        const [x, y] = [folded.points[at]!, folded.points[at + 1]!];
        expect(edgesIn(folded, { x: x - 3, y: y - 3, width: 6, height: 6 })).toContain(wire);
      }
    }
  });
});
