// Shared and crowding long edges become pairs of stubs: a label at the producer, one at each use.
import { orient } from './layout/acyclic';
import { group } from './layout/links';
import { rankNodes } from './layout/ranks';
import { GAP, type LayoutInput, type LayoutResult } from './layout/types';

/** Uses at most this many ranks further down a trunk are reached by a line. */
const NEAR = 10;
/** A tensor used in this many places further on is drawn to the near ones, and named at the rest. */
const SHARED = 3;
/** More long edges than this side by side: those that go on furthest become stubs. */
const LANES = 12;
export const STUB_HEIGHT = 16;

interface Sizes {
  readonly width: Float32Array;
  readonly height: Float32Array;
}

/** Where edges are cut. `of` is by edge, the other arrays by stub. */
export interface StubPlan {
  /** The stub at the edge's lower end, or -1 where the edge is drawn as a line. */
  readonly of: Int32Array;
  /** An edge of the stub's tensor. */
  readonly edge: Uint32Array;
  /** The node it stands at. */
  readonly node: Uint32Array;
  /** 0 below the producer, 1 above a use. */
  readonly side: Uint8Array;
  /** Number of edges of that tensor that are cut. */
  readonly uses: Uint32Array;
}

/** Decides which edges of a whole graph are cut. */
export function planStubs(input: LayoutInput): StubPlan {
  const { count, source, target } = input;
  const oriented = orient(count, source, target);
  const rank = rankNodes(count, oriented, input.tensor);
  const cut = new Uint8Array(source.length);
  const trunks: number[][] = [];
  const nets = tensors(input);
  const isLong = (edge: number): boolean => rank[target[edge]] - rank[source[edge]] > NEAR;
  const isCut = (edge: number): boolean => cut[edge] === 1;
  for (const edges of nets) {
    if (!edges.some(isLong)) continue;
    const far = beyondReach(
      edges.filter((edge) => oriented.reversed[edge] + oriented.loop[edge] === 0),
      source,
      target,
      rank,
    );
    if (far.length === 0) continue;
    const places = new Set(far.map((edge) => rank[target[edge]]));
    if (places.size >= SHARED) for (const edge of far) cut[edge] = 1;
    else trunks.push(far);
  }
  thin(trunks, source, target, rank, cut);

  const of = new Int32Array(source.length).fill(-1);
  const [edge, node, side, uses]: number[][] = [[], [], [], []];
  for (const edges of nets) {
    if (!edges.some(isCut)) continue;
    const ends = edges.filter(isCut);
    const add = (first: number, at: number, where: number): number => {
      node.push(at);
      side.push(where);
      uses.push(ends.length);
      return edge.push(first) - 1;
    };
    add(ends[0], source[ends[0]], 0);
    ends.sort((a, b) => rank[target[a]] - rank[target[b]] || a - b);
    let last = -Infinity;
    for (const one of ends) {
      // Uses close together share one label.
      if (rank[target[one]] - last > NEAR) add(one, target[one], 1);
      last = rank[target[one]];
      of[one] = edge.length - 1;
    }
  }
  return {
    of,
    edge: Uint32Array.from(edge),
    node: Uint32Array.from(node),
    side: Uint8Array.from(side),
    uses: Uint32Array.from(uses),
  };
}

/** The edges of each tensor, by producer. */
function tensors({ count, source, tensor }: LayoutInput): number[][] {
  const byNode = group(count, source);
  const nets: number[][] = [];
  for (let at = 0; at < count; at++) {
    const first = byNode.start[at];
    if (byNode.start[at + 1] === first + 1) nets.push([byNode.list[first]]);
    if (byNode.start[at + 1] - first < 2) continue;
    const out = Array.from(byNode.list.subarray(first, byNode.start[at + 1]));
    out.sort((a, b) => tensor[a] - tensor[b] || a - b);
    out.forEach((edge, k) => {
      if (k > 0 && tensor[out[k - 1]] === tensor[edge]) nets[nets.length - 1].push(edge);
      else nets.push([edge]);
    });
  }
  return nets;
}

/** The edges of one tensor from its first long way on; sorted by rank. */
function beyondReach(
  edges: number[],
  source: Uint32Array,
  target: Uint32Array,
  rank: Int32Array,
): number[] {
  if (edges.length === 0) return edges;
  edges.sort((a, b) => rank[target[a]] - rank[target[b]] || a - b);
  let tip = rank[source[edges[0]]];
  const first = edges.findIndex((edge) => {
    if (rank[target[edge]] - tip > NEAR) return true;
    tip = rank[target[edge]];
    return false;
  });
  return first < 0 ? [] : edges.slice(first);
}

/** Cuts trunks wherever more than LANES of them pass one rank. */
function thin(
  trunks: readonly number[][],
  source: Uint32Array,
  target: Uint32Array,
  rank: Int32Array,
  cut: Uint8Array,
): void {
  const top = trunks.map((edges) => rank[source[edges[0]]]);
  const bottom = trunks.map((edges) => rank[target[edges[edges.length - 1]]]);
  const order = trunks.map((_, at) => at).sort((a, b) => top[a] - top[b] || a - b);
  let open: number[] = [];
  for (const at of order) {
    open = open.filter((other) => bottom[other] > top[at] + 1);
    open.push(at);
    if (open.length <= LANES) continue;
    const longest = open.reduce((a, b) => (bottom[b] > bottom[a] ? b : a));
    for (const edge of trunks[longest]) cut[edge] = 1;
    open = open.filter((other) => other !== longest);
  }
}

/**
 * The graph to lay out: each stub is a small node `count + stub` of the size that `sizes` tells;
 * edge `e` keeps its number and comes from its stub; after the edges come the lines to the stubs
 * below producers.
 */
export function cutGraph(input: LayoutInput, plan: StubPlan, sizes: Sizes): LayoutInput {
  const { count } = input;
  const edges = input.source.length;
  const leaving: number[] = [];
  plan.side.forEach((side, stub) => {
    if (side === 0) leaving.push(stub);
  });
  let free = 0;
  for (let edge = 0; edge < edges; edge++) if (input.tensor[edge] >= free) free = input.tensor[edge] + 1;
  const stretch = <T extends Uint8Array | Uint16Array | Uint32Array | Float32Array>(
    values: T,
    by: number,
  ): T => {
    const longer = new (values.constructor as new (length: number) => T)(values.length + by);
    longer.set(values);
    return longer;
  };
  const cut = {
    count: count + plan.edge.length,
    width: stretch(input.width, plan.edge.length),
    height: stretch(input.height, plan.edge.length),
    source: stretch(input.source, leaving.length),
    target: stretch(input.target, leaving.length),
    tensor: stretch(input.tensor, leaving.length),
    port: stretch(input.port, leaving.length),
    nodes: count,
    rankGap: input.rankGap ?? GAP.rank,
  };
  cut.width.set(sizes.width, count);
  cut.height.set(sizes.height, count);
  plan.of.forEach((stub, edge) => {
    if (stub < 0) return;
    cut.source[edge] = count + stub;
    cut.tensor[edge] = free + stub;
  });
  leaving.forEach((stub, at) => {
    cut.source[edges + at] = plan.node[stub];
    cut.target[edges + at] = count + stub;
    cut.tensor[edges + at] = free + stub;
  });
  return cut;
}

/** Stubs as they are drawn; see `Scene`. */
export interface Stubs {
  readonly count: number;
  /** Box of the text, px. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: Float32Array;
  readonly height: Float32Array;
  readonly edge: Uint32Array;
  readonly node: Uint32Array;
  readonly side: Uint8Array;
  readonly uses: Uint32Array;
  /** Line from the producer to a stub of side 0: `points[2 * start[i] .. 2 * start[i + 1])`. */
  readonly start: Uint32Array;
  readonly points: Float32Array;
}

/** Takes what `cutGraph` has added out of a drawing again. */
export function splitDrawing(
  drawn: LayoutResult,
  input: LayoutInput,
  plan: StubPlan,
  sizes: Sizes,
): { drawn: LayoutResult; stubs: Stubs } {
  const { count } = input;
  const edges = input.source.length;
  const stubs = plan.edge.length;
  const start = new Uint32Array(stubs + 1);
  const first = drawn.start[edges];
  let line = edges;
  for (let stub = 0; stub < stubs; stub++) {
    if (plan.side[stub] === 0) line++;
    start[stub + 1] = drawn.start[line] - first;
  }
  return {
    drawn: {
      ...drawn,
      x: drawn.x.slice(0, count),
      y: drawn.y.slice(0, count),
      start: drawn.start.slice(0, edges + 1),
      points: drawn.points.slice(0, 2 * first),
      parent: drawn.parent.slice(0, edges),
      join: drawn.join.slice(0, edges),
      labelX: drawn.labelX.slice(0, edges),
      labelY: drawn.labelY.slice(0, edges),
    },
    stubs: {
      count: stubs,
      x: drawn.x.slice(count),
      y: drawn.y.slice(count),
      ...sizes,
      edge: plan.edge,
      node: plan.node,
      side: plan.side,
      uses: plan.uses,
      start,
      points: drawn.points.slice(2 * first),
    },
  };
}
