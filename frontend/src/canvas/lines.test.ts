// Wires are sharp: every point on the pixel grid, whatever zoom, density and place; level stays level.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../graph/sample';
import type { Frame } from './frame';
import { arrow, dashOf, penOf, trace, usePen, wirePen } from './lines';
import { recorder, type Call } from './recorder';

const frame = (zoom: number, ratio: number, originX = 0, originY = 0): Frame =>
  ({ zoom, ratio, originX, originY, level: zoom < 0.35 ? 'far' : 'full' }) as Frame;

/** A staircase: down, right, down, left and so on, by amounts that no grid knows. */
function stairs(seed: number): Float32Array {
  const random = randomStream(seed);
  const points = [random() * 50, random() * 50];
  for (let step = 0; step < 6; step++) {
    const [x, y] = points.slice(-2) as [number, number];
    points.push(step % 2 === 0 ? x : x + random() * 200 - 100, step % 2 === 0 ? y + 20 + random() * 30 : y);
  }
  return Float32Array.from(points);
}

const corners = (calls: readonly Call[]): number[][] => calls.filter((call) => /^(moveTo|lineTo|arcTo)$/.test(call.name)).map((call) => call.args as number[]);

describe('wires', () => {
  it('lie on whole or half device pixels, as their width asks for', () => {
    for (const ratio of [1, 1.25, 1.5, 2, 3]) {
      for (const zoom of [0.07, 0.19, 0.46, 0.83, 1, 1.37, 3.2]) {
        for (const css of [1, 1.25, 2]) {
          const shot = recorder();
          const pen = penOf(frame(zoom, ratio, 11 / ratio, 7 / ratio), css);
          expect(Number.isInteger(pen.width)).toBe(true);
          expect(Math.abs(pen.width - css * ratio)).toBeLessThanOrEqual(0.75);
          const points = stairs(Math.round(zoom * 100));
          trace(shot.context, pen, points, 0, points.length);
          for (const args of corners(shot.calls)) {
            for (const at of args.slice(0, 4)) expect(Math.abs(at % 1)).toBe((pen.width % 2) / 2);
          }
        }
      }
    }
  });

  it('keep their place within half a pixel, and their pieces level or upright', () => {
    const points = stairs(4);
    const shot = recorder();
    trace(shot.context, wirePen(frame(0.61, 1, 40, 30)), points, 0, points.length);
    const made = corners(shot.calls).map(([x, y]) => [x!, y!] as const);
    expect(made).toHaveLength(points.length / 2);
    made.forEach(([x, y], at) => {
      expect(Math.abs(x - 0.5 - (40 + points[2 * at]! * 0.61))).toBeLessThanOrEqual(0.5);
      expect(Math.abs(y - 0.5 - (30 + points[2 * at + 1]! * 0.61))).toBeLessThanOrEqual(0.5);
      const before = made[at - 1];
      if (before !== undefined) expect(x === before[0] || y === before[1]).toBe(true);
    });
  });

  it('turn with corners that fit between their neighbours', () => {
    const points = stairs(9);
    const shot = recorder();
    trace(shot.context, wirePen(frame(2, 2)), points, 0, points.length);
    const made = corners(shot.calls);
    const turns = shot.calls.filter((call) => call.name === 'arcTo');
    expect(turns).toHaveLength(points.length / 2 - 2);
    turns.forEach((turn, k) => {
      const [x, y, nextX, nextY, radius] = turn.args as [number, number, number, number, number];
      const [lastX, lastY] = made[k] as [number, number];
      expect(radius).toBeLessThanOrEqual(40);
      expect(radius).toBeLessThanOrEqual(Math.abs(x - lastX) + Math.abs(y - lastY));
      expect(radius).toBeLessThanOrEqual(Math.abs(x - nextX) + Math.abs(y - nextY));
    });
  });

  it('turn twice on a short side in two equal parts of it, at its ends as far as there is room', () => {
    const shot = recorder();
    const points = [0, 0, 0, 12, 13, 12, 13, 26, 60, 26, 60, 90];
    trace(shot.context, wirePen(frame(1, 1)), points, 0, points.length);
    const radii = shot.calls.filter((call) => call.name === 'arcTo').map((call) => call.args[4] as number);
    const sides = [12, 13, 14, 47, 64];
    radii.slice(1).forEach((radius, at) => expect(radii[at]! + radius).toBeLessThanOrEqual(sides[at + 1]!));
    expect(radii).toEqual([6.5, 6.5, 7, 10]);
  });

  it('are thicker near by, as what they join', () => {
    expect([1, 2.5, 4].map((zoom) => wirePen(frame(zoom, 1)).width)).toEqual([1, 2, 2]);
  });

  it('have no corners far away', () => {
    const shot = recorder();
    const points = stairs(2);
    trace(shot.context, wirePen(frame(0.2, 1)), points, 0, points.length);
    expect(shot.calls.some((call) => call.name === 'arcTo')).toBe(false);
  });

  it('are drawn in device pixels, with dashes that are seen at any zoom', () => {
    const shot = recorder();
    const pen = wirePen(frame(0.1, 2));
    usePen(shot.context, pen);
    expect(shot.calls[0]!.args).toEqual([1, 0, 0, 1, 0, 0]);
    expect(dashOf(pen)).toEqual([8, 6]);
    expect(dashOf(wirePen(frame(2, 1)))).toEqual([8, 6]);
  });

  it('have heads that are seen as such, however small the drawing', () => {
    for (const [zoom, ratio] of [[0.36, 1], [0.5, 2], [1, 1], [3, 1]] as const) {
      const shot = recorder();
      arrow(shot.context, wirePen(frame(zoom, ratio)), [5, 5, 5, 40], 4);
      const [first, second, tip] = corners(shot.calls) as [number[], number[], number[]];
      const [length, width] = [(tip[1]! - first[1]!) / ratio, (second[0]! - first[0]!) / ratio];
      expect(length).toBeGreaterThan(4);
      expect(length).toBeLessThanOrEqual(6 * Math.max(zoom, 0.75));
      expect(width).toBeGreaterThan(length);
    }
  });

  it('end in an arrow that points where they lead', () => {
    for (const [points, tip] of [[[5, 5, 5, 40], [5.5, 40.5]], [[5, 5, 60, 5], [60.5, 5.5]], [[60, 5, 5, 5], [5.5, 5.5]]] as const) {
      const shot = recorder();
      arrow(shot.context, wirePen(frame(1, 1)), points, points.length);
      const [first, second, last] = corners(shot.calls) as [number[], number[], number[]];
      expect(last).toEqual(tip);
      for (const base of [first, second]) {
        // The base lies towards the line's beginning.
        const [dx, dy] = [base[0]! - tip[0], base[1]! - tip[1]];
        expect(dx * (points[0] - points[2]) + dy * (points[1] - points[3])).toBeGreaterThan(0);
      }
    }
  });
});
