// Lines from corner to corner: each edge's own points, on from where it leaves a shared trunk.
import type { Gaps } from './gaps';
import type { Ports } from './ports';
import type { Proper } from './proper';
import { GAP } from './types';

/** The wires of one part, in the order of its edges; see `LayoutResult`. */
export interface Routes {
  readonly points: number[][];
  readonly join: Uint32Array;
  readonly labelX: Float64Array;
  readonly labelY: Float64Array;
}

export interface Rows {
  /** Top and bottom of each rank, px. */
  readonly top: Float64Array;
  readonly bottom: Float64Array;
}

export function placeRows(graph: Proper, height: Float32Array, gaps: Gaps): Rows {
  const tallest = new Float64Array(graph.ranks);
  for (let node = 0; node < graph.nodes; node++) {
    const rank = graph.rank[node];
    tallest[rank] = Math.max(tallest[rank], height[node]);
  }
  const top = new Float64Array(graph.ranks);
  const bottom = new Float64Array(graph.ranks);
  let y = 0;
  for (let rank = 0; rank < graph.ranks; rank++) {
    top[rank] = y;
    bottom[rank] = y + tallest[rank];
    y = bottom[rank] + gaps.height[rank];
  }
  return { top, bottom };
}

/** `y` is the top of each node. */
export function drawRoutes(
  graph: Proper,
  ports: Ports,
  gaps: Gaps,
  rows: Rows,
  y: Float64Array,
  height: Float32Array,
): Routes {
  const { upper, lower, net, into, last, parent, rank, nodes } = graph;
  const edges = last.length;
  const points: number[][] = Array.from({ length: edges }, () => []);
  const join = new Uint32Array(edges);
  /** Number of its owner's points when a wire reaches a bend. */
  const reached = new Uint32Array(graph.vertices);
  const drawn = new Uint8Array(graph.vertices);
  const way: number[] = [];
  const labelX = new Float64Array(edges).fill(NaN);
  const labelY = new Float64Array(edges).fill(NaN);
  const labelled = new Set<number>();

  // Owners come before those that leave their trunk, because their target's rank is higher up.
  const order = Array.from({ length: edges }, (_, edge) => edge).filter((edge) => last[edge] >= 0);
  order.sort((a, b) => rank[lower[last[a]]] - rank[lower[last[b]]] || a - b);
  for (let k = 0; k < order.length; k++) {
    const edge = order[k];
    way.length = 0;
    let first = last[edge];
    way.push(first);
    while (upper[first] >= nodes && drawn[upper[first]] === 0) {
      first = into[upper[first]];
      way.push(first);
    }
    const line = points[edge];
    const from = upper[first];
    if (from < nodes) {
      line.push(ports.exit[first], y[from] + height[from]);
      if (!labelled.has(net[first])) {
        // At the gap's top only lines that leave are near: level runs come further down.
        labelled.add(net[first]);
        labelX[edge] = ports.exit[first] + GAP.textRight;
        labelY[edge] = rows.bottom[rank[from]] + GAP.textDown;
      }
    } else {
      join[edge] = reached[from];
      line.push(ports.exit[first], rows.bottom[rank[from]]);
    }
    for (let at = way.length - 1; at >= 0; at--) {
      const segment = way[at];
      const gapTop = rows.bottom[rank[upper[segment]]];
      if (gaps.level[segment] >= 0) {
        const level = gapTop + gaps.level[segment];
        line.push(ports.exit[segment], level, ports.entry[segment], level);
      }
      const to = lower[segment];
      if (to >= nodes) {
        drawn[to] = 1;
        reached[to] = line.length / 2;
      } else {
        line.push(ports.entry[segment], y[to]);
      }
    }
    if (from >= nodes && parent[edge] < 0) throw new Error(`Edge ${edge} leaves no trunk.`);
  }
  return { points, join, labelX, labelY };
}
