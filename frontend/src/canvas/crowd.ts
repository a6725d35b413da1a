// A crowd as its frames need it: boxes of nodes in the order of drawing, pieces of lines, the longest lines first.
import { OPERATOR, type GraphDocument } from '../graph/document';
import type { Scene } from '../graph/scene';
import { spareAt, TICK } from './spread';

/** By place in the order of drawing: operators without weights, then layers. */
export interface CrowdNodes {
  readonly node: Uint32Array;
  /** The first layer. */
  readonly layers: number;
  /** Left, top, right and bottom in the world, px; ticks are no wider than TICK. */
  readonly boxes: Float32Array;
  /** How far each may grow to each side, px of the world. */
  readonly spare: Float32Array;
}

const nodesBy = new WeakMap<Scene, CrowdNodes>();

export function crowdNodes(scene: Scene, document: GraphDocument): CrowdNodes {
  let made = nodesBy.get(scene);
  if (made === undefined) nodesBy.set(scene, (made = prepare(scene, document)));
  return made;
}

function prepare(scene: Scene, document: GraphDocument): CrowdNodes {
  const { count, x, y, nodeWidth, nodeHeight } = scene;
  const order = new Uint32Array(count);
  const boxes = new Float32Array(4 * count);
  const spare = new Float32Array(count);
  let at = 0;
  let first = 0;
  for (const layers of [false, true]) {
    if (layers) first = at;
    for (let node = 0; node < count; node++) {
      if ((document.layer[node] === 1 && document.kind[node] === OPERATOR) !== layers) continue;
      const inset = layers ? 0 : Math.max((nodeWidth[node] - TICK) / 2, 0);
      order[at] = node;
      boxes[4 * at] = x[node] + inset;
      boxes[4 * at + 1] = y[node];
      boxes[4 * at + 2] = x[node] + nodeWidth[node] - inset;
      boxes[4 * at + 3] = y[node] + nodeHeight[node];
      if (layers) spare[at] = spareAt(scene, document, node);
      at++;
    }
  }
  return { node: order, layers: first, boxes, spare };
}

/** Level and upright pieces of lines. */
export interface Pieces {
  /** Left, top, right and bottom of each in the world, px; one of its sides is 0. */
  readonly ends: Float32Array;
  /** How far apart the ends of each piece's line are, px of the world. */
  readonly span: Float32Array;
  /** Where the pieces of each class of lines begin, the longest class first. */
  readonly first: Uint32Array;
}

interface Wires {
  readonly start: Uint32Array;
  readonly points: Float32Array;
}

/** Classes of lines: each leads at most twice as far as the next one's. */
const CLASSES = 32;

const piecesBy = new WeakMap<Wires, Pieces>();

export function piecesOf(wires: Wires): Pieces {
  let made = piecesBy.get(wires);
  if (made === undefined) piecesBy.set(wires, (made = cut(wires)));
  return made;
}

/** 0 for the farthest; a line's class. */
function classOf(span: number): number {
  return CLASSES - 1 - Math.min(Math.max(Math.floor(Math.log2(Math.max(span, 1))), 0), CLASSES - 1);
}

/** How many pieces, from the first on, hold all of lines that lead at least so far; some lead less far. */
export function piecesFrom({ first }: Pieces, least: number): number {
  return first[classOf(least) + 1];
}

function cut({ start, points }: Wires): Pieces {
  const wires = Math.max(start.length - 1, 0);
  const first = new Uint32Array(CLASSES + 1);
  const spans = new Float32Array(wires);
  for (let wire = 0; wire < wires; wire++) {
    const [from, end] = [2 * start[wire], 2 * start[wire + 1] - 2];
    if (end <= from) continue;
    spans[wire] = Math.abs(points[end] - points[from]) + Math.abs(points[end + 1] - points[from + 1]);
    first[classOf(spans[wire]) + 1] += (end - from) / 2;
  }
  for (let at = 1; at <= CLASSES; at++) first[at] += first[at - 1];
  const next = first.slice();
  const ends = new Float32Array(4 * first[CLASSES]);
  const span = new Float32Array(first[CLASSES]);
  for (let wire = 0; wire < wires; wire++) {
    const kind = classOf(spans[wire]);
    for (let at = 2 * start[wire] + 2; at < 2 * start[wire + 1]; at += 2) {
      const piece = next[kind]++;
      ends[4 * piece] = Math.min(points[at - 2], points[at]);
      ends[4 * piece + 1] = Math.min(points[at - 1], points[at + 1]);
      ends[4 * piece + 2] = Math.max(points[at - 2], points[at]);
      ends[4 * piece + 3] = Math.max(points[at - 1], points[at + 1]);
      span[piece] = spans[wire];
    }
  }
  return { ends, span, first };
}
