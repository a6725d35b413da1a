// What stands along a drawing, step by step, held against all boxes and lines that there are.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from './columns';
import { extent, meanWidth, profileOf, STEP } from './profile';
import { encodeSample, type SampleEdge } from './sample';
import { buildScene, openScene } from './scene';

const NOTE = 'starts = [0] · ends = [max] · axes = [2] · steps = [2]';

describe.each(['down', 'right'] as const)('a drawing that goes %s', (direction) => {
  const nodes = Array.from({ length: 150 }, (_, at) => ({ op: 'Relu', layer: at % 11 === 3, note: at % 17 === 5 ? NOTE : '' }));
  const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
  for (let at = 4; at < 140; at += 7) edges.push({ from: at, to: at + 5, tensor: `s${at}`, port: 1 });
  for (let at = 20; at < 150; at += 13) edges.push({ from: 1, to: at, tensor: 'mask', port: 2 });
  const scene = openScene(buildScene(decodeColumns(encodeSample(nodes, edges)), { direction }));
  const profile = profileOf(scene);
  const down = direction === 'down';

  /** [low, high] along and across of each box, level run and upright piece. */
  interface Piece { readonly along: readonly [number, number]; readonly across: readonly [number, number]; readonly line: boolean }
  const pieces: Piece[] = [];
  const put = (left: number, top: number, right: number, bottom: number, box: boolean): void => {
    const [x, y] = [[left, right] as const, [top, bottom] as const];
    const [across, along] = down ? [x, y] : [y, x];
    pieces.push({ along, across, line: !box && across[0] === across[1] });
  };
  scene.x.forEach((x, at) => put(x, scene.y[at]!, x + scene.nodeWidth[at]!, scene.y[at]! + scene.nodeHeight[at]!, true));
  const { stubs } = scene;
  stubs.x.forEach((x, at) => put(x, stubs.y[at]!, x + stubs.width[at]!, stubs.y[at]! + stubs.height[at]!, true));
  for (const { start, points } of [scene, stubs]) {
    for (let wire = 0; wire + 1 < start.length; wire++) {
      for (let at = start[wire]!; at + 1 < start[wire + 1]!; at++) {
        const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4) as unknown as [number, number, number, number];
        put(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by), false);
      }
    }
  }
  const meets = ({ along }: Piece, from: number, to: number): boolean => along[0] < to && along[1] >= from;

  it('tells where nothing stands, and how many lines pass there', () => {
    expect(stubs.count).toBeGreaterThan(5);
    let free = 0;
    for (let step = 0; step < profile.length; step++) {
      const here = pieces.filter((piece) => meets(piece, step * STEP, (step + 1) * STEP));
      const lines = here.filter((piece) => piece.line);
      // A cut keeps away from level runs: two px are theirs on either side.
      const near = pieces.some((piece) => !piece.line && piece.along[0] === piece.along[1] && piece.along[0] > step * STEP - 1.9 && piece.along[0] < (step + 1) * STEP + 1.9);
      if (lines.length < here.length || near) expect(profile.covered[step]).toBeGreaterThan(0);
      expect(profile.lines[step]).toBe(lines.length);
      if (profile.covered[step] === 0) free++;
    }
    // Level runs and boxes leave something to cut at: a third of the drawing and more.
    expect(free).toBeGreaterThan(profile.length / 3);
  });

  it('tells how far it reaches across between any two places, and little more', () => {
    for (let from = 0; from < profile.length; from += 3) {
      for (const steps of [1, 5, 13, 60]) {
        const to = Math.min(from + steps, profile.length);
        const [left, right] = extent(profile, from, to);
        const reach = (slack: number): [number, number] => {
          const here = pieces.filter((piece) => meets(piece, from * STEP - slack, to * STEP + slack));
          return [Math.min(...here.map(({ across }) => across[0])), Math.max(...here.map(({ across }) => across[1]))];
        };
        const [tight, loose] = [reach(0), reach(36)];
        expect(left <= tight[0] && right >= tight[1]).toBe(true);
        expect(left >= loose[0] && right <= loose[1]).toBe(true);
      }
    }
  });

  it('knows its mean width', () => {
    let [sum, count] = [0, 0];
    for (let at = 0; at < (down ? scene.height : scene.width); at += 32) {
      const here = pieces.filter((piece) => meets(piece, at, at + 32));
      if (here.length === 0) continue;
      sum += Math.max(...here.map(({ across }) => across[1])) - Math.min(...here.map(({ across }) => across[0]));
      count++;
    }
    expect(meanWidth(profile) / (sum / count)).toBeCloseTo(1, 1);
  });
});
