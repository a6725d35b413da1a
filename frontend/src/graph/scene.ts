// The laid-out graph as the canvas reads it: boxes, routes, who is joined to whom, what lies where.
import Flatbush from 'flatbush';
import { boxBetween, grow, type Box, type Point } from '../lib/geometry';
import { rowCounts, type Columns } from './columns';
import { layout } from './layout/layout';
import { group, type Links } from './layout/links';
import { GAP, type LayoutInput, type LayoutResult } from './layout/types';
import { nodeSizes, stubTexts, stubWidths } from './sizes';
import { cutGraph, planStubs, splitDrawing, STUB_HEIGHT, type StubPlan, type Stubs } from './stubs';
import { turnDrawing, type Direction } from './turn';

export { routeOf } from './wires';

/** What crosses from the worker: typed arrays and buffers. */
export interface SceneData extends LayoutResult {
  readonly direction: Direction;
  /** True where the drawing is wrapped into bands; see `foldScene`. */
  readonly folded?: boolean;
  readonly count: number;
  readonly nodeWidth: Float32Array;
  readonly nodeHeight: Float32Array;
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  /** Edges by the node they leave, and by the node they enter. */
  readonly leaving: Links;
  readonly entering: Links;
  /** 1 where an edge is drawn as stubs: its own points lead only from its lower stub to its target. */
  readonly stub: Uint8Array;
  readonly stubs: Stubs & { readonly text: readonly string[] };
  /** Flatbush indexes over nodes, edges and stubs; null where there are none. */
  readonly nodeIndex: ArrayBuffer | null;
  readonly edgeIndex: ArrayBuffer | null;
  readonly stubIndex: ArrayBuffer | null;
}

export interface Scene extends SceneData {
  readonly nodeTree: Flatbush | null;
  readonly edgeTree: Flatbush | null;
  readonly stubTree: Flatbush | null;
}

export interface SceneOptions {
  readonly direction?: Direction;
  /** False draws every edge as a line, however long. */
  readonly stubs?: boolean;
  /** Extra lines of text per node; as many as the columns bring by default. */
  readonly rows?: Uint8Array;
}

const RIGHT_GAP = 100; // between ranks from left to right: room for a shape above its line

/** Lays out the columns. Runs in the worker, works anywhere. */
export function buildScene(columns: Columns, options: SceneOptions = {}): SceneData {
  const { direction = 'down' } = options;
  const sizes = nodeSizes(columns, options.rows ?? rowCounts(columns));
  const input: LayoutInput = {
    count: columns.nodes,
    ...turnSizes(sizes, direction),
    source: columns.edgeSource,
    target: columns.edgeTarget,
    tensor: columns.edgeTensor,
    port: columns.edgePort,
    rankGap: direction === 'down' ? GAP.rank : RIGHT_GAP,
  };
  const plan = options.stubs === false ? noStubs(columns.edges) : planStubs(input);
  const text = stubTexts(columns, plan);
  const stubSizes = {
    width: stubWidths(text),
    height: new Float32Array(text.length).fill(STUB_HEIGHT),
  };
  const cut = cutGraph(input, plan, turnSizes(stubSizes, direction));
  const whole = direction === 'down' ? layout(cut) : turnDrawing(layout(cut));
  const { drawn, stubs } = splitDrawing(whole, input, plan, stubSizes);
  return {
    ...drawn,
    direction,
    count: columns.nodes,
    nodeWidth: sizes.width,
    nodeHeight: sizes.height,
    // Copies: the columns stay whole when the scene is handed over.
    source: columns.edgeSource.slice(),
    target: columns.edgeTarget.slice(),
    leaving: group(columns.nodes, columns.edgeSource),
    entering: group(columns.nodes, columns.edgeTarget),
    stub: Uint8Array.from(plan.of, (at) => (at < 0 ? 0 : 1)),
    stubs: { ...stubs, text },
    nodeIndex: index(columns.nodes, (node) => {
      const left = drawn.x[node];
      const top = drawn.y[node];
      return [left, top, left + sizes.width[node], top + sizes.height[node]];
    }),
    edgeIndex: index(columns.edges, (edge) => wireBox(drawn.start, drawn.points, edge)),
    stubIndex: stubIndexOf(stubs),
  };
}

/** Over the boxes of stubs, each with its line. */
export function stubIndexOf(stubs: Stubs): ArrayBuffer | null {
  return index(stubs.count, (stub) => stubBox(stubs, stub));
}

function stubBox(stubs: Stubs, stub: number): Corners {
  const left = stubs.x[stub];
  const top = stubs.y[stub];
  const line = wireBox(stubs.start, stubs.points, stub);
  const from = stubs.start[stub] < stubs.start[stub + 1] ? line : [left, top, left, top];
  return [
    Math.min(left, from[0]),
    Math.min(top, from[1]),
    Math.max(left + stubs.width[stub], from[2]),
    Math.max(top + stubs.height[stub], from[3]),
  ];
}

interface Sizes {
  readonly width: Float32Array;
  readonly height: Float32Array;
}

/** As the layout sees them: it always draws downwards. */
function turnSizes({ width, height }: Sizes, direction: Direction): Sizes {
  return direction === 'down' ? { width, height } : { width: height, height: width };
}

function noStubs(edges: number): StubPlan {
  const none = new Uint32Array(0);
  const of = new Int32Array(edges).fill(-1);
  return { of, edge: none, node: none, side: new Uint8Array(0), uses: none };
}

type Corners = readonly [left: number, top: number, right: number, bottom: number];

/** So few boxes are looked through one by one: sorting them would take longer than that ever does. */
const FLAT = 4096;

/** A search tree over boxes, as a buffer. */
export function index(count: number, boxOf: (at: number) => Corners): ArrayBuffer | null {
  if (count === 0) return null;
  const tree = new Flatbush(count, count <= FLAT ? FLAT : 16, Float32Array);
  for (let at = 0; at < count; at++) {
    const box = boxOf(at);
    tree.add(box[0], box[1], box[2], box[3]);
  }
  tree.finish();
  return tree.data as ArrayBuffer;
}

/** Box around an edge's own points, with the point where it leaves its trunk. */
export function wireBox(start: Uint32Array, points: Float32Array, edge: number): Corners {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (let at = start[edge]; at < start[edge + 1]; at++) {
    const x = points[2 * at];
    const y = points[2 * at + 1];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return left <= right ? [left, top, right, bottom] : [0, 0, 0, 0];
}

export function openScene(data: SceneData): Scene {
  const open = (index: ArrayBuffer | null): Flatbush | null =>
    index === null ? null : Flatbush.from(index);
  return {
    ...data,
    nodeTree: open(data.nodeIndex),
    edgeTree: open(data.edgeIndex),
    stubTree: open(data.stubIndex),
  };
}

/** The buffers to hand over with `postMessage`. */
export function sceneBuffers(data: SceneData): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const part of [data, data.leaving, data.entering, data.stubs]) {
    for (const value of Object.values(part) as unknown[]) {
      if (value instanceof ArrayBuffer) buffers.add(value);
      else if (ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer) {
        buffers.add(value.buffer);
      }
    }
  }
  return [...buffers];
}

/** Nodes that touch the box, in rising order. */
export function nodesIn(scene: Scene, box: Box): number[] {
  const { x, y, nodeWidth, nodeHeight } = scene;
  return search(scene.nodeTree, box, (at) => [x[at], y[at], x[at] + nodeWidth[at], y[at] + nodeHeight[at]]);
}

/** Edges whose own line may touch the box, in rising order. */
export function edgesIn(scene: Scene, box: Box): number[] {
  return search(scene.edgeTree, box, (at) => wireBox(scene.start, scene.points, at));
}

/** Stubs whose text or line touches the box, in rising order. */
export function stubsIn(scene: Scene, box: Box): number[] {
  return search(scene.stubTree, box, (at) => stubBox(scene.stubs, at));
}

/** Of a look at more than this share of all, most is found: one by one that takes a tenth of the time. */
const WIDE = 1 / 16;

function search(tree: Flatbush | null, box: Box, boxOf: (at: number) => Corners): number[] {
  if (tree === null) return [];
  const right = box.x + box.width;
  const bottom = box.y + box.height;
  if (box.x <= tree.minX && box.y <= tree.minY && right >= tree.maxX && bottom >= tree.maxY) {
    return everything(tree);
  }
  const across = Math.min(right, tree.maxX) - Math.max(box.x, tree.minX);
  const along = Math.min(bottom, tree.maxY) - Math.max(box.y, tree.minY);
  const whole = (tree.maxX - tree.minX) * (tree.maxY - tree.minY);
  if (across > 0 && along > 0 && across * along > whole * WIDE) return scan(cornersOf(tree, boxOf), box);
  // Typed arrays sort by number without a comparison function, several times faster.
  return Array.from(Uint32Array.from(tree.search(box.x, box.y, right, bottom)).sort());
}

function scan(corners: Float32Array, { x, y, width, height }: Box): number[] {
  const [right, bottom] = [x + width, y + height];
  const found: number[] = [];
  for (let at = 0; at < corners.length; at += 4) {
    if (corners[at] <= right && corners[at + 1] <= bottom && corners[at + 2] >= x && corners[at + 3] >= y) found.push(at >> 2);
  }
  return found;
}

const known = new WeakMap<Flatbush, Float32Array>();

/** Left, top, right, bottom of all that a tree holds, as the tree has them. */
function cornersOf(tree: Flatbush, boxOf: (at: number) => Corners): Float32Array {
  let corners = known.get(tree);
  if (corners === undefined) {
    corners = new Float32Array(4 * tree.numItems);
    for (let at = 0; at < tree.numItems; at++) corners.set(boxOf(at), 4 * at);
    known.set(tree, corners);
  }
  return corners;
}

const wholes = new WeakMap<Flatbush, number[]>();

/** All there is, without a search: what a look at the whole graph asks for in every frame. */
function everything(tree: Flatbush): number[] {
  let whole = wholes.get(tree);
  if (whole === undefined) {
    whole = Array.from({ length: tree.numItems }, (_, at) => at);
    wholes.set(tree, whole);
  }
  return whole;
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

export function middleOf(scene: Scene, node: number): Point {
  return { x: scene.x[node] + scene.nodeWidth[node] / 2, y: scene.y[node] + scene.nodeHeight[node] / 2 };
}
