// The whole way of an edge, also of one that is drawn as two stubs: along its trunk, or a free lane.
import { nodesIn, type Scene } from './scene';

/** From a box to a line that passes it, px. */
const CLEAR = 8;
/** Rows that a line may have to give way to. */
const TRIES = 12;

/** All points of an edge from producer to consumer, x and y in turn. */
export function routeOf(scene: Scene, edge: number): number[] {
  if (scene.stub[edge] === 1) return scene.wrapped !== undefined ? beeline(scene, edge) : stubRoute(scene, edge);
  const pieces: Float32Array[] = [];
  let at = edge;
  let count = scene.start[edge + 1] - scene.start[edge];
  for (;;) {
    const first = scene.start[at];
    pieces.push(scene.points.subarray(2 * first, 2 * (first + count)));
    if (scene.parent[at] < 0) break;
    count = scene.join[at];
    at = scene.parent[at];
  }
  return pieces.reverse().flatMap((piece) => Array.from(piece));
}

/** Straight from producer to consumer: in a folded drawing no lane leads from band to band. */
function beeline(scene: Scene, edge: number): number[] {
  const [from, to] = [scene.source[edge], scene.target[edge]];
  const [wide, high] = [scene.nodeWidth[from] / 2, scene.nodeHeight[from] / 2];
  const last = 2 * scene.start[edge + 1] - 2;
  const down = scene.direction === 'down';
  return [
    scene.x[from] + (down ? wide : 2 * wide),
    scene.y[from] + (down ? 2 * high : high),
    scene.points[last] ?? scene.x[to],
    scene.points[last + 1] ?? scene.y[to],
  ];
}

/** "Across" is x and "along" y in a drawing that goes down, the other way round to the right. */
interface Boxes {
  /** How far the drawing reaches across, from 0. */
  readonly across: number;
  /** [across, along, across end, along end] of the nodes that touch a stretch. */
  within(across: number, along: number, acrossEnd: number, alongEnd: number): number[][];
}

function boxesOf(scene: Scene): Boxes {
  const down = scene.direction === 'down';
  return {
    across: down ? scene.width : scene.height,
    within(a, b, c, d) {
      const left = Math.min(a, c);
      const right = Math.max(a, c);
      const top = Math.min(b, d);
      const bottom = Math.max(b, d);
      const box = down
        ? { x: left, y: top, width: right - left, height: bottom - top }
        : { x: top, y: left, width: bottom - top, height: right - left };
      return nodesIn(scene, box).map((node) => {
        const x = scene.x[node];
        const y = scene.y[node];
        const wide = scene.nodeWidth[node];
        const high = scene.nodeHeight[node];
        return down ? [x, y, x + wide, y + high] : [y, x, y + high, x + wide];
      });
    },
  };
}

/** Out of the producer, over to a lane that is free all the way, down, and into the consumer. */
function stubRoute(scene: Scene, edge: number): number[] {
  const boxes = boxesOf(scene);
  const down = scene.direction === 'down';
  const turned = (x: number, y: number): [number, number] => (down ? [x, y] : [y, x]);
  const from = scene.source[edge];
  const [left, top] = turned(scene.x[from], scene.y[from]);
  const [wide, high] = turned(scene.nodeWidth[from], scene.nodeHeight[from]);
  const last = 2 * scene.start[edge + 1] - 2;
  const [into, end] = turned(scene.points[last], scene.points[last + 1]);
  const out = left + wide / 2;
  const lane = freeLane(boxes, out, into, top + high + CLEAR, end - CLEAR);
  const leave = freeLevel(boxes, out, lane, top + high + CLEAR, 1);
  const enter = freeLevel(boxes, into, lane, end - CLEAR, -1);
  const way: [number, number][] = [
    [out, top + high],
    [out, leave],
    [lane, leave],
    [lane, enter],
    [into, enter],
    [into, end],
  ];
  return way.flatMap(([across, along]) => turned(across, along));
}

/** The place nearest to `wish` and `other` where nothing stands between two heights. */
function freeLane(boxes: Boxes, wish: number, other: number, from: number, to: number): number {
  const taken = boxes
    .within(0, from, boxes.across, to)
    .map(([low, , high]): [number, number] => [low - CLEAR, high + CLEAR])
    .sort((a, b) => a[0] - b[0]);
  const ends: number[] = [];
  let reach = -Infinity;
  for (const [low, high] of taken) {
    if (low > reach) {
      if (reach > -Infinity) ends.push(reach);
      ends.push(low);
    }
    reach = Math.max(reach, high);
  }
  if (reach > -Infinity) ends.push(reach);
  const far = (x: number): number => Math.abs(x - wish) + Math.abs(x - other);
  return ends.reduce((best, x) => (far(x) < far(best) ? x : best), ends[0] ?? wish);
}

/** A height where a level line from `a` to `b` meets no box, from `start` on in one direction. */
function freeLevel(boxes: Boxes, a: number, b: number, start: number, step: 1 | -1): number {
  let level = start;
  for (let tries = 0; tries < TRIES; tries++) {
    const hit = boxes.within(a, level, b, level);
    if (hit.length === 0) break;
    level =
      step > 0
        ? Math.max(...hit.map((box) => box[3])) + CLEAR
        : Math.min(...hit.map((box) => box[1])) - CLEAR;
  }
  return level;
}
