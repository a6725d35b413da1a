// The laid-out graph as the canvas reads it: boxes, routes, who is joined to whom, what lies where.
import Flatbush from 'flatbush';
import { boxBetween, grow, type Box, type Point } from '../lib/geometry';
import type { Columns } from './columns';
import { layout } from './layout/layout';
import { group, type Links } from './layout/links';
import type { LayoutResult } from './layout/types';
import { nodeSizes } from './sizes';

/** What crosses from the worker: typed arrays and buffers. */
export interface SceneData extends LayoutResult {
  readonly count: number;
  readonly nodeWidth: Float32Array;
  readonly nodeHeight: Float32Array;
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Edges by the node they leave, and by the node they enter. */
  readonly leaving: Links;
  readonly entering: Links;
  /** Flatbush indexes over nodes and over edges; null where there are none. */
  readonly nodeIndex: ArrayBuffer | null;
  readonly edgeIndex: ArrayBuffer | null;
}

export interface Scene extends SceneData {
  readonly nodeTree: Flatbush | null;
  readonly edgeTree: Flatbush | null;
}

/** Lays out the columns. Runs in the worker, works anywhere. */
export function buildScene(columns: Columns): SceneData {
  const sizes = nodeSizes(columns);
  const drawn = layout({
    count: columns.nodes,
    width: sizes.width,
    height: sizes.height,
    source: columns.edgeSource,
    target: columns.edgeTarget,
    tensor: columns.edgeTensor,
    port: columns.edgePort,
  });
  const nodes = new Flatbush(Math.max(columns.nodes, 1), 16, Float32Array);
  for (let node = 0; node < columns.nodes; node++) {
    const [left, top] = [drawn.x[node], drawn.y[node]];
    nodes.add(left, top, left + sizes.width[node], top + sizes.height[node]);
  }
  if (columns.nodes > 0) nodes.finish();
  const edges = new Flatbush(Math.max(columns.edges, 1), 16, Float32Array);
  for (let edge = 0; edge < columns.edges; edge++) {
    const box = wireBox(drawn, edge);
    edges.add(box[0], box[1], box[2], box[3]);
  }
  if (columns.edges > 0) edges.finish();
  return {
    ...drawn,
    count: columns.nodes,
    nodeWidth: sizes.width,
    nodeHeight: sizes.height,
    // Copies: the columns stay whole when the scene is handed over.
    source: columns.edgeSource.slice(),
    target: columns.edgeTarget.slice(),
    leaving: group(columns.nodes, columns.edgeSource),
    entering: group(columns.nodes, columns.edgeTarget),
    nodeIndex: columns.nodes > 0 ? (nodes.data as ArrayBuffer) : null,
    edgeIndex: columns.edges > 0 ? (edges.data as ArrayBuffer) : null,
  };
}

/** Box around an edge's own points, with the point where it leaves its trunk. */
function wireBox(drawn: LayoutResult, edge: number): [number, number, number, number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = drawn.start[edge]; at < drawn.start[edge + 1]; at++) {
    const [x, y] = [drawn.points[2 * at], drawn.points[2 * at + 1]];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return left <= right ? [left, top, right, bottom] : [0, 0, 0, 0];
}

export function openScene(data: SceneData): Scene {
  return {
    ...data,
    nodeTree: data.nodeIndex === null ? null : Flatbush.from(data.nodeIndex),
    edgeTree: data.edgeIndex === null ? null : Flatbush.from(data.edgeIndex),
  };
}

/** The buffers to hand over with `postMessage`. */
export function sceneBuffers(data: SceneData): ArrayBuffer[] {
  const values = [...Object.values(data), ...Object.values(data.leaving), ...Object.values(data.entering)];
  const buffers = new Set<ArrayBuffer>();
  for (const value of values) {
    if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
  }
  if (data.nodeIndex !== null) buffers.add(data.nodeIndex);
  if (data.edgeIndex !== null) buffers.add(data.edgeIndex);
  return [...buffers];
}

/** Nodes that touch the box, in rising order. */
export function nodesIn(scene: Scene, box: Box): number[] {
  return search(scene.nodeTree, box);
}

/** Edges whose own line may touch the box, in rising order. */
export function edgesIn(scene: Scene, box: Box): number[] {
  return search(scene.edgeTree, box);
}

function search(tree: Flatbush | null, box: Box): number[] {
  if (tree === null) return [];
  const found = tree.search(box.x, box.y, box.x + box.width, box.y + box.height);
  return found.sort((a, b) => a - b);
}

/** The node under the point, at most `reach` px away from it, or -1. The nearest one wins. */
export function nodeAt(scene: Scene, point: Point, reach = 0): number {
  let best = -1;
  let least = Infinity;
  for (const node of nodesIn(scene, grow(boxBetween(point, point), reach))) {
    const dx = Math.abs(point.x - scene.x[node] - scene.nodeWidth[node] / 2);
    const dy = Math.abs(point.y - scene.y[node] - scene.nodeHeight[node] / 2);
    const outside = Math.hypot(
      Math.max(dx - scene.nodeWidth[node] / 2, 0),
      Math.max(dy - scene.nodeHeight[node] / 2, 0),
    );
    if (outside < least) {
      least = outside;
      best = node;
    }
  }
  return best;
}

export function nodeBox(scene: Scene, node: number): Box {
  return {
    x: scene.x[node],
    y: scene.y[node],
    width: scene.nodeWidth[node],
    height: scene.nodeHeight[node],
  };
}

/** All points of an edge from producer to consumer, x and y in turn. */
export function routeOf(scene: Scene, edge: number): number[] {
  const pieces: Float32Array[] = [];
  let [at, count] = [edge, scene.start[edge + 1] - scene.start[edge]];
  for (;;) {
    const first = scene.start[at];
    pieces.push(scene.points.subarray(2 * first, 2 * (first + count)));
    if (scene.parent[at] < 0) break;
    count = scene.join[at];
    at = scene.parent[at];
  }
  return pieces.reverse().flatMap((piece) => Array.from(piece));
}
