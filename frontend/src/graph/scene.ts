// The laid-out graph as the canvas reads it: boxes, routes, who is joined to whom, what lies where.
import { boxBetween, grow, type Box, type Point } from '../lib/geometry';
import { Boxes, treeOf, type Corners, type Search } from './boxes';
import type { Fold } from './fold';
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
  /** Trees over nodes, edges and stubs, see `treeOf`; null where they are made when one is needed, or never. */
  readonly nodeIndex: ArrayBuffer | null;
  readonly edgeIndex: ArrayBuffer | null;
  readonly stubIndex: ArrayBuffer | null;
}

export interface Scene extends SceneData {
  /** Where the drawing is wrapped into bands: what was wrapped, and how; see `foldScene`. */
  readonly wrapped?: { readonly flat: Scene; readonly fold: Fold };
  readonly nodes: Boxes;
  /** Each edge's own line. */
  readonly edges: Boxes;
  /** Each stub's text, with its line. */
  readonly stubTexts: Boxes;
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
  const data = {
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
  };
  return {
    ...data,
    nodeIndex: treeOf(nodeCorners(data)),
    edgeIndex: treeOf(wireCorners(data)),
    stubIndex: treeOf(stubCorners(data.stubs)),
  };
}

type Placed = Pick<SceneData, 'x' | 'y' | 'nodeWidth' | 'nodeHeight'>;

function nodeCorners({ x, y, nodeWidth, nodeHeight }: Placed): Corners {
  const corners = new Float32Array(4 * x.length);
  for (let node = 0; node < x.length; node++) {
    corners[4 * node] = x[node];
    corners[4 * node + 1] = y[node];
    corners[4 * node + 2] = x[node] + nodeWidth[node];
    corners[4 * node + 3] = y[node] + nodeHeight[node];
  }
  return corners;
}

/** Around each line's own points, with the point where it leaves its trunk; 0 where there are none. */
function wireCorners({ start, points }: Pick<SceneData, 'start' | 'points'>): Corners {
  const count = Math.max(start.length - 1, 0);
  const corners = new Float32Array(4 * count);
  for (let wire = 0; wire < count; wire++) {
    if (start[wire] === start[wire + 1]) continue;
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 2 * start[wire]; at < 2 * start[wire + 1]; at += 2) {
      const x = points[at];
      const y = points[at + 1];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    corners[4 * wire] = left;
    corners[4 * wire + 1] = top;
    corners[4 * wire + 2] = right;
    corners[4 * wire + 3] = bottom;
  }
  return corners;
}

function stubCorners(stubs: Stubs): Corners {
  const { x, y, width, height, start, count } = stubs;
  const corners = wireCorners(stubs).slice(0, 4 * count);
  for (let stub = 0; stub < count; stub++) {
    const bare = start[stub] === start[stub + 1];
    const at = 4 * stub;
    corners[at] = bare ? x[stub] : Math.min(x[stub], corners[at]);
    corners[at + 1] = bare ? y[stub] : Math.min(y[stub], corners[at + 1]);
    corners[at + 2] = Math.max(x[stub] + width[stub], bare ? -Infinity : corners[at + 2]);
    corners[at + 3] = Math.max(y[stub] + height[stub], bare ? -Infinity : corners[at + 3]);
  }
  return corners;
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

/** What stands in for trees. */
export interface Searches {
  readonly nodes: Search;
  readonly edges: Search;
  readonly stubs: Search;
}

export function openScene(data: SceneData, searches: Searches | null = null): Scene {
  return {
    ...data,
    nodes: new Boxes(data.count, () => nodeCorners(data), data.nodeIndex, searches?.nodes),
    edges: new Boxes(data.source.length, () => wireCorners(data), data.edgeIndex, searches?.edges),
    stubTexts: new Boxes(data.stubs.count, () => stubCorners(data.stubs), data.stubIndex, searches?.stubs),
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
  return scene.nodes.within(box);
}

/** Edges whose own line may touch the box, in rising order. */
export function edgesIn(scene: Scene, box: Box): number[] {
  return scene.edges.within(box);
}

/** Stubs whose text or line touches the box, in rising order. */
export function stubsIn(scene: Scene, box: Box): number[] {
  return scene.stubTexts.within(box);
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
