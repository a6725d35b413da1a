// The whole way of each edge in a folded drawing: level and upright all along, and apart from other tensors' ways.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { planFold } from './fold';
import { foldScene } from './folded';
import { encodeSample, type SampleEdge } from './sample';
import { buildScene, openScene, routeOf, type Scene } from './scene';
import type { Direction } from './turn';

const LENGTH = 160;
/** Where the shared tensors are used: again and again, in every column. */
const STRIDE = 11;

/** A chain, three tensors of its first nodes used all along it, and one long skip; nothing is cut into stubs. */
function model(direction: Direction): Scene {
  const nodes = Array.from({ length: LENGTH }, () => ({ op: 'Relu' }));
  const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
  for (let at = 8; at < LENGTH; at += STRIDE) {
    for (const shared of [0, 1, 2]) edges.push({ from: shared, to: at + shared, tensor: `shared ${shared}`, port: shared + 1 });
  }
  edges.push({ from: 4, to: LENGTH - 2, tensor: 'skip', port: 4 });
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction, stubs: false }));
}

type Piece = readonly [ax: number, ay: number, bx: number, by: number];

function pieces(way: readonly number[]): Piece[] {
  const all: Piece[] = [];
  for (let at = 0; at + 3 < way.length; at += 2) all.push([way[at]!, way[at + 1]!, way[at + 2]!, way[at + 3]!]);
  return all;
}

/** Two pieces that lie on one another for more than a point. */
function together([ax, ay, bx, by]: Piece, [cx, cy, dx, dy]: Piece): boolean {
  const shared = (a: number, b: number, c: number, d: number): number =>
    Math.min(Math.max(a, b), Math.max(c, d)) - Math.max(Math.min(a, b), Math.min(c, d));
  const upright = ax === bx && cx === dx && ax === cx && shared(ay, by, cy, dy) > 0.5;
  const level = ay === by && cy === dy && ay === cy && shared(ax, bx, cx, dx) > 0.5;
  return upright || level;
}

describe.each(['down', 'right'] as const)('in a folded drawing, %s,', (direction) => {
  const flat = model(direction);
  const fold = planFold(flat, direction === 'down' ? { width: 1376, height: 772 } : { width: 772, height: 1376 })!;
  const folded = foldScene(flat, fold);
  const ways = Array.from(folded.source, (_, edge) => routeOf(folded, edge));

  it('every way is level or upright, also where it leaves a shared line behind a cut', () => {
    expect(fold.bands).toBeGreaterThan(2);
    const trunks = new Set(Array.from(folded.parent).filter((parent) => parent >= 0));
    expect(trunks.size).toBeGreaterThan(0);
    ways.forEach((way, edge) => {
      for (const [ax, ay, bx, by] of pieces(way)) expect([edge, ax === bx || ay === by]).toEqual([edge, true]);
    });
  });

  it('every way is as much longer as its turns are: nothing of it is told twice', () => {
    ways.forEach((way, edge) => {
      const turns = new Set(pieces(way).map((piece) => piece.join()));
      expect([edge, turns.size]).toEqual([edge, pieces(way).length]);
    });
  });

  it('ways of different tensors lie nowhere on one another, and cross no more than flat', () => {
    const [before, after] = [meetings(flat), meetings(folded)];
    expect(after.shared).toEqual([]);
    expect(after.crossings).toBeLessThanOrEqual(before.crossings);
  });
});

/** Where ways of different producers meet: pairs that lie on one another, and points where two cross. */
function meetings(scene: Scene): { shared: string[]; crossings: number } {
  const shared: string[] = [];
  const points = new Set<string>();
  const all = Array.from(scene.source, (_, edge) => pieces(routeOf(scene, edge)));
  for (let a = 0; a < all.length; a++) {
    for (let b = 0; b < a; b++) {
      const pair = [scene.source[a]!, scene.source[b]!].toSorted();
      if (pair[0] === pair[1]) continue;
      for (const p of all[a]!) for (const q of all[b]!) {
        if (together(p, q)) shared.push(`${a} ${b}`);
        const [level, upright] = p[1] === p[3] ? [p, q] : [q, p];
        if (level[1] !== level[3] || upright[0] !== upright[2]) continue;
        const within = (x: number, from: number, to: number) => Math.min(from, to) < x && x < Math.max(from, to);
        if (!within(upright[0], level[0], level[2]) || !within(level[1], upright[1], upright[3])) continue;
        points.add(`${pair.join()} ${Math.round(upright[0])} ${Math.round(level[1])}`);
      }
    }
  }
  return { shared, crossings: points.size };
}
