// Where the first look at a graph goes.
import { expect, it } from 'vitest';
import { Camera, homeOf } from './camera';

function world(nodes: [x: number, y: number][], direction: 'down' | 'right' = 'down') {
  const of = (values: number[]) => Float32Array.from(values);
  return {
    count: nodes.length, direction, width: 20_000, height: 20_000,
    x: of(nodes.map(([x]) => x)), y: of(nodes.map(([, y]) => y)),
    nodeWidth: of(nodes.map(() => 100)), nodeHeight: of(nodes.map(() => 20)),
  };
}

function camera(): Camera {
  const made = new Camera();
  [made.width, made.height] = [1000, 600];
  return made;
}

it('begins with the first node at the top, in the middle of the width', () => {
  const view = homeOf(camera(), world([[5000, 100], [5000, 0], [5000, 200]]), 0.5);
  expect(view).toEqual({ x: 5050 - 500, y: -32, zoom: 1 });
});

it('begins at the left, in the middle of the height, where the graph goes right', () => {
  const view = homeOf(camera(), world([[0, 700], [200, 700]], 'right'), 0.5);
  expect(view).toEqual({ x: -32, y: 710 - 300, zoom: 1 });
});

it('does not begin at a lone input far from all others', () => {
  const crowd = [1, 2, 3, 4].map((at): [number, number] => [400, 60 * at]);
  const view = homeOf(camera(), world([[5000, 0], ...crowd]), 0.5);
  expect(view.x).toBe(450 - 500);
  // Two beginnings with much the same around them: the first one stays.
  expect(homeOf(camera(), world([[5000, 0], [5000, 60], ...crowd]), 0.5).x).toBe(5050 - 500);
});
