// The view of a whole graph beside what floats: nothing of it hides, and it is no smaller than it has to be.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { encodeSample, type SampleEdge, type SampleNode } from '../graph/sample';
import { buildScene, openScene, type Scene } from '../graph/scene';
import type { Box } from '../lib/geometry';
import { Camera, type View } from './camera';
import { fittedView, freeAreas } from './free';

const [WIDTH, HEIGHT] = [1000, 700];

function scene(nodes: readonly SampleNode[], edges: readonly SampleEdge[]): Scene {
  return openScene(buildScene(decodeColumns(encodeSample(nodes, edges))));
}

function fit(drawn: Scene, floats: readonly Box[]): View {
  return fittedView(Object.assign(new Camera(), { width: WIDTH, height: HEIGHT }), drawn, floats);
}

/** Boxes on the screen: of nodes, of names of stubs, of pieces of lines. */
function inked(drawn: Scene, { x, y, zoom }: View): number[][] {
  const to = (left: number, top: number, right: number, bottom: number): number[] => [(left - x) * zoom, (top - y) * zoom, (right - x) * zoom, (bottom - y) * zoom];
  const { stubs } = drawn;
  const found = Array.from(drawn.x, (left, at) => to(left, drawn.y[at]!, left + drawn.nodeWidth[at]!, drawn.y[at]! + drawn.nodeHeight[at]!));
  stubs.x.forEach((left, at) => found.push(to(left, stubs.y[at]!, left + stubs.width[at]!, stubs.y[at]! + stubs.height[at]!)));
  for (let edge = 0; edge < drawn.source.length; edge++) {
    for (let at = drawn.start[edge]!; at + 1 < drawn.start[edge + 1]!; at++) {
      const [ax, ay, bx, by] = drawn.points.subarray(2 * at, 2 * at + 4) as unknown as [number, number, number, number];
      found.push(to(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)));
    }
  }
  return found;
}

function hidden(drawn: Scene, view: View, floats: readonly Box[]): number {
  return inked(drawn, view).filter(([left, top, right, bottom]) =>
    floats.some((float) => left! < float.x + float.width && right! > float.x && top! < float.y + float.height && bottom! > float.y)).length;
}

/** All of it on the canvas. */
function isWhole(drawn: Scene, view: View): boolean {
  return inked(drawn, view).every(([left, top, right, bottom]) => left! >= 0 && top! >= 0 && right! <= WIDTH && bottom! <= HEIGHT);
}

/** Two columns of operators under one, and a long line around the left one. */
const LAMBDA = scene(
  Array.from({ length: 12 }, () => ({ op: 'LayerNormalization' })),
  [
    ...[[0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 11], [0, 6], [6, 7], [7, 8], [8, 9], [9, 10]].map(([from, to]) => ({ from: from!, to: to!, tensor: `t${from}` })),
    { from: 0, to: 11, tensor: 'long', port: 1 },
  ],
);

describe('the whole of a graph', () => {
  it('is in the middle where nothing of it is under a float, also where only a line\'s surroundings are', () => {
    const middle = fit(LAMBDA, []);
    const boxes = inked(LAMBDA, middle);
    let beside = 0;
    for (let x = 0; x < WIDTH; x += 23) {
      for (let y = 0; y < HEIGHT; y += 17) {
        const float = { x, y, width: 12, height: 9 };
        const clear = boxes.every(([left, top, right, bottom]) => left! > x + 12 + 5 || right! < x - 5 || top! > y + 9 + 5 || bottom! < y - 5);
        const view = fit(LAMBDA, [float]);
        if (clear) expect(view).toEqual(middle);
        else expect(hidden(LAMBDA, view, [float])).toBe(0);
        if (clear && x > 0.4 * WIDTH && x < 0.6 * WIDTH && y > 0.3 * HEIGHT && y < 0.7 * HEIGHT) beside++;
      }
    }
    expect(beside).toBeGreaterThan(3);
  });

  it('keeps clear of floats wherever they are, and shows names of stubs too', () => {
    const shared = scene(
      Array.from({ length: 40 }, () => ({ op: 'Add' })),
      [...Array.from({ length: 39 }, (_, at) => ({ from: at, to: at + 1, tensor: `t${at}` })), ...[13, 25, 37].map((to) => ({ from: 0, to, tensor: 'a_long_name_of_a_mask', port: 1 }))],
    );
    expect(shared.stubs.count).toBeGreaterThan(2);
    for (const drawn of [LAMBDA, shared]) {
      for (const floats of [
        [{ x: 0, y: 0, width: 300, height: 60 }], [{ x: 12, y: 560, width: 270, height: 130 }], [{ x: 400, y: 0, width: 200, height: 90 }],
        [{ x: 480, y: 300, width: 40, height: 60 }], [{ x: 420, y: 600, width: 160, height: 100 }, { x: 0, y: 0, width: 200, height: 40 }],
      ]) {
        const view = fit(drawn, floats);
        expect([hidden(drawn, view, floats), isWhole(drawn, view)]).toEqual([0, true]);
        // Of all places beside the floats none would show it larger.
        for (const area of freeAreas(WIDTH, HEIGHT, floats)) {
          expect(view.zoom).toBeGreaterThanOrEqual(Math.min((area.width - 64) / drawn.width, (area.height - 64) / drawn.height, 1) - 1e-9);
        }
      }
    }
    // A name alone may be what is in the way.
    const flat = fit(shared, []);
    const { stubs } = shared;
    const stub = stubs.side.lastIndexOf(1);
    const name = { x: (stubs.x[stub]! + stubs.width[stub]! - 8 - flat.x) * flat.zoom, y: (stubs.y[stub]! + 6 - flat.y) * flat.zoom, width: 2, height: 2 };
    expect(hidden(shared, flat, [name])).toBeGreaterThan(0);
    expect(hidden(shared, fit(shared, [name]), [name])).toBe(0);
  });

  it('keeps its size and goes to the top, or to the left, where that is enough', () => {
    const chain = scene(Array.from({ length: 3 }, () => ({ op: 'Relu' })), [{ from: 0, to: 1 }, { from: 1, to: 2 }]);
    const floats = [{ x: 440, y: 330, width: 120, height: 40 }];
    const view = fit(chain, floats);
    expect([view.zoom, hidden(chain, view, floats)]).toEqual([1, 0]);
    const high = [{ x: 440, y: 0, width: 120, height: 700 }];
    expect([fit(chain, high).zoom, hidden(chain, fit(chain, high), high)]).toEqual([1, 0]);
  });
});
