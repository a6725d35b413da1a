// Where edges leave and enter: at the middle of the node, or beside it in the order they come from.
import type { Blocks } from './align';
import type { Proper } from './proper';
import { GAP } from './types';

/** X of each segment at its upper and at its lower vertex. */
export interface Ports {
  readonly exit: Float64Array;
  readonly entry: Float64Array;
}

export function placePorts(
  graph: Proper,
  blocks: Blocks,
  middle: Float64Array,
  width: Float32Array,
): Ports {
  const { upper, lower, net, above, below, nodes } = graph;
  const exit = Float64Array.from(upper, (vertex) => middle[vertex]);
  const entry = Float64Array.from(lower, (vertex) => middle[vertex]);
  for (let node = 0; node < nodes; node++) {
    const into = Array.from(above.list.subarray(above.start[node], above.start[node + 1]));
    if (into.length > 1) {
      const from = into.map((segment) => middle[upper[segment]]);
      const straight = into.findIndex((segment) => blocks.of[upper[segment]] === blocks.of[node]);
      const offsets =
        into.length > GAP.bundle
          ? sides(from, straight, middle[node])
          : spread(from, straight, middle[node], width[node]);
      into.forEach((segment, at) => (entry[segment] = middle[node] + offsets[at]));
    }
    const out = Array.from(below.list.subarray(below.start[node], below.start[node + 1]));
    const nets = [...new Set(out.map((segment) => net[segment]))];
    if (nets.length > 1) {
      const members = nets.map((which) => out.filter((segment) => net[segment] === which));
      const to = members.map(
        (group) => group.reduce((sum, s) => sum + middle[lower[s]], 0) / group.length,
      );
      const straight = members.findIndex((group) =>
        group.some((segment) => blocks.of[lower[segment]] === blocks.of[node]),
      );
      const offsets = spread(to, straight, middle[node], width[node]);
      members.forEach((group, at) => {
        for (const segment of group) exit[segment] = middle[node] + offsets[at];
      });
    }
  }
  return { exit, entry };
}

/** Offsets for many: one for all that come from the left, one for all from the right. */
function sides(others: number[], straight: number, middle: number): number[] {
  return others.map((x, at) => (at === straight ? 0 : x < middle ? -GAP.port : GAP.port));
}

/**
 * Offsets from the middle, one per other end, in the order of the other ends' x. The straight one
 * (position, or -1) keeps the middle, so that a chain does not drift sideways.
 */
function spread(others: number[], straight: number, middle: number, width: number): number[] {
  const order = others.map((_, at) => at);
  const key = (at: number): number => (at === straight ? middle : others[at]);
  order.sort((a, b) => key(a) - key(b) || a - b);
  const zero = straight >= 0 ? order.indexOf(straight) : (order.length - 1) / 2;
  const widest = Math.max(zero, order.length - 1 - zero);
  const step = Math.min(GAP.port, (width / 2 - 8) / widest);
  const offsets = others.map(() => 0);
  order.forEach((at, position) => (offsets[at] = Math.round((position - zero) * step)));
  return offsets;
}
