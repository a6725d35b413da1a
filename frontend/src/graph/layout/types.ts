// What goes into the layout and what comes out: typed arrays only, so that both cross to a worker.

export interface LayoutInput {
  /** Number of nodes. */
  readonly count: number;
  /** Size of each node, px. */
  readonly width: Float32Array;
  readonly height: Float32Array;
  /** Edges, by node position. Edges of one source and tensor share one trunk. */
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  readonly tensor: Uint32Array;
  /** Which input of its target an edge is: inputs stand in this order where it costs little. */
  readonly port: Uint16Array;
  /** Nodes from this one on are no part of the main path (`count` by default). */
  readonly nodes?: number;
  /** Least distance between ranks, px (GAP.rank by default). */
  readonly rankGap?: number;
}

/**
 * A drawn graph. Wire `e` belongs to edge `e`: its own points are
 * `points[2 * start[e] .. 2 * start[e + 1])`, x and y in turn, joined by straight lines that are
 * vertical or horizontal. Where a tensor's trunk is shared, the route of `e` is the first
 * `join[e]` points of the route of `parent[e]`, then its own points.
 */
export interface LayoutResult {
  /** Top left corner of each node, px, from 0. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly start: Uint32Array;
  readonly points: Float32Array;
  /** Edge whose route this one leaves, or -1. */
  readonly parent: Int32Array;
  /** Number of `parent`'s own points that come before this wire's own. */
  readonly join: Uint32Array;
  /** Where the tensor's text stands (left end, middle), px; NaN on all but one of its edges. */
  readonly labelX: Float32Array;
  readonly labelY: Float32Array;
}

/** Distances between what is drawn, px. */
export const GAP = {
  /** Between ranks, where every edge runs straight. */
  rank: 28,
  /** Between two nodes of a rank; between a node and a passing edge; between two passing edges. */
  node: 24,
  lane: 16,
  lanes: 10,
  /** Between disconnected parts. */
  part: 56,
  /** Between two edges that enter or leave one node. */
  port: 14,
  /** More inputs than this enter a node as one bundle on each side of the straight one. */
  bundle: 10,
  /** From a line to the text right of it, and from the gap's top to the text's middle. */
  textRight: 8,
  textDown: 12,
} as const;
