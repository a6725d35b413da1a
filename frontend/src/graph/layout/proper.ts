// The layered graph: long edges become chains of bends, one chain shared by all edges of a tensor.
import { group, type Links } from './links';
import type { Oriented } from './acyclic';

/**
 * Vertices 0..nodes are the nodes, then come bends. Segments join vertices of neighbouring ranks.
 * `net` tells which tensor a segment carries, so that segments of one net leave as one line.
 */
export interface Proper {
  readonly nodes: number;
  readonly vertices: number;
  readonly ranks: number;
  readonly rank: Int32Array;
  readonly upper: Uint32Array;
  readonly lower: Uint32Array;
  readonly net: Uint32Array;
  /** Number of edges that a segment carries: a crossing with a trunk is one with each of them. */
  readonly load: Float64Array;
  /** Which input of its lower node a segment is; 0 for those into bends. */
  readonly port: Uint16Array;
  /** Segments by their lower, and by their upper vertex. */
  readonly above: Links;
  readonly below: Links;
  /** Last segment of each edge's route (into its lower node), or -1 for a loop. */
  readonly last: Int32Array;
  /** Edge whose chain this edge leaves, or -1. */
  readonly parent: Int32Array;
  /** Segment that leads into each bend, or -1 for nodes. */
  readonly into: Int32Array;
}

export function makeProper(
  nodes: number,
  nodeRank: Int32Array,
  oriented: Oriented,
  tensor: Uint32Array,
  port: Uint16Array,
): Proper {
  const { from, to, reversed, loop } = oriented;
  const edges = from.length;
  const order: number[] = [];
  for (let edge = 0; edge < edges; edge++) if (loop[edge] === 0) order.push(edge);
  order.sort(
    (a, b) =>
      from[a] - from[b] ||
      tensor[a] - tensor[b] ||
      reversed[a] - reversed[b] ||
      nodeRank[to[a]] - nodeRank[to[b]] ||
      a - b,
  );

  const rank: number[] = Array.from(nodeRank);
  const upper: number[] = [];
  const lower: number[] = [];
  const net: number[] = [];
  const into: number[] = Array.from({ length: nodes }, () => -1);
  const last = new Int32Array(edges).fill(-1);
  const parent = new Int32Array(edges).fill(-1);
  let nets = -1;
  let tip = -1; // the vertex where the current net's chain ends
  let owner = -1; // the edge that drew the chain up to there
  order.forEach((edge, at) => {
    const before = at > 0 ? order[at - 1] : -1;
    const same =
      before >= 0 &&
      from[before] === from[edge] &&
      tensor[before] === tensor[edge] &&
      reversed[before] + reversed[edge] === 0; // a turned edge is drawn backwards: on its own
    if (!same) {
      nets++;
      tip = from[edge];
      owner = -1;
    }
    if (tip >= nodes) parent[edge] = owner;
    while (rank[tip] < nodeRank[to[edge]] - 1) {
      const bend = rank.length;
      rank.push(rank[tip] + 1);
      into.push(upper.length);
      upper.push(tip);
      lower.push(bend);
      net.push(nets);
      tip = bend;
      owner = edge;
    }
    last[edge] = upper.length;
    upper.push(tip);
    lower.push(to[edge]);
    net.push(nets);
  });

  const portOf = new Uint16Array(upper.length);
  last.forEach((segment, edge) => {
    if (segment >= 0 && reversed[edge] === 0) portOf[segment] = port[edge];
  });
  let ranks = 0;
  for (let at = 0; at < rank.length; at++) if (rank[at] >= ranks) ranks = rank[at] + 1;
  const vertices = rank.length;
  const upperArray = Uint32Array.from(upper);
  const lowerArray = Uint32Array.from(lower);
  return {
    nodes,
    vertices,
    ranks,
    rank: Int32Array.from(rank),
    upper: upperArray,
    lower: lowerArray,
    net: Uint32Array.from(net),
    port: portOf,
    load: loads(upper, into, last, nodes),
    above: group(vertices, lowerArray),
    below: group(vertices, upperArray),
    last,
    parent,
    into: Int32Array.from(into),
  };
}

function loads(
  upper: readonly number[],
  into: readonly number[],
  last: Int32Array,
  nodes: number,
): Float64Array {
  const load = new Float64Array(upper.length);
  for (let edge = 0; edge < last.length; edge++) if (last[edge] >= 0) load[last[edge]]++;
  // A segment comes after the one that leads to it.
  for (let segment = upper.length - 1; segment >= 0; segment--) {
    const bend = upper[segment];
    if (bend >= nodes) load[into[bend]] += load[segment];
  }
  return load;
}
