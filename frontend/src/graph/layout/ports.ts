// Where edges leave and enter: at the middle of the node, or beside it, inputs in their order.
import { taken } from './links';
import type { Order } from './order';
import type { Proper } from './proper';
import { GAP } from './types';

/** X of each segment at its upper and at its lower vertex. */
export interface Ports {
  readonly exit: Float64Array;
  readonly entry: Float64Array;
  /** 1 for nodes whose inputs are too many for places of their own: they enter in bundles. */
  readonly bundled: Uint8Array;
}

/**
 * Lines that come in another order than their inputs cross right above the node. All such crossings
 * together are at most this share of the others: nodes where it takes more keep the lines' order.
 */
const SWAPS = 0.12;
/** Two lines closer than this, px, are not told apart. */
const CLOSE = 5;

export function placePorts(
  graph: Proper,
  order: Order,
  middle: Float64Array,
  width: Float32Array,
): Ports {
  const { upper, lower, net, above, below, nodes } = graph;
  const exit = taken(new Float64Array(upper.length), middle, upper);
  const entry = taken(new Float64Array(lower.length), middle, lower);
  const bundled = new Uint8Array(nodes);
  const entering: Entering[] = [];
  for (let node = 0; node < nodes; node++) {
    if (above.start[node + 1] - above.start[node] > 1) {
      entering.push(enter(graph, middle, width[node], node));
    }
    if (below.start[node + 1] - below.start[node] < 2) continue;
    const out = Array.from(below.list.subarray(below.start[node], below.start[node + 1]));
    const nets = [...new Set(out.map((segment) => net[segment]))];
    if (nets.length < 2) continue;
    const members = nets.map((which) => out.filter((segment) => net[segment] === which));
    const to = members.map(
      (group) => group.reduce((sum, s) => sum + middle[lower[s]], 0) / group.length,
    );
    const straight = members.findIndex((group) =>
      group.some((segment) => middle[lower[segment]] === middle[node]),
    );
    const key = (at: number): number => (at === straight ? middle[node] : to[at]);
    const sorted = nets.map((_, at) => at).sort((a, b) => key(a) - key(b) || a - b);
    const offsets = spread(sorted, straight, width[node]);
    members.forEach((group, at) => {
      for (const segment of group) exit[segment] = middle[node] + offsets[at];
    });
  }

  const most = dearest(entering, SWAPS * order.crossings);
  for (const { node, into, straight, bundle, byPlace, byPort, swaps } of entering) {
    const own = swaps <= most ? byPort : byPlace;
    const offsets = bundle ? bundles(own, straight) : spread(own, straight, width[node]);
    into.forEach((segment, at) => (entry[segment] = middle[node] + offsets[at]));
    if (bundle) bundled[node] = 1;
  }
  return { exit, entry, bundled };
}

/** The inputs of a node: positions in `into` by where they come from, and by their port. */
interface Entering {
  readonly node: number;
  readonly into: readonly number[];
  /** Position of the one that comes straight down, or -1. */
  readonly straight: number;
  readonly bundle: boolean;
  readonly byPlace: readonly number[];
  readonly byPort: readonly number[];
  /** Crossings that it takes to enter by port. */
  readonly swaps: number;
}

function enter(
  { upper, above, port }: Proper,
  middle: Float64Array,
  width: number,
  node: number,
): Entering {
  const into = Array.from(above.list.subarray(above.start[node], above.start[node + 1]));
  const straight = into.findIndex((segment) => middle[upper[segment]] === middle[node]);
  const key = (at: number): number => (at === straight ? middle[node] : middle[upper[into[at]]]);
  const all = into.map((_, at) => at);
  const byPlace = all.toSorted((a, b) => key(a) - key(b) || a - b);
  const byPort = all.toSorted((a, b) => port[into[a]] - port[into[b]] || key(a) - key(b) || a - b);
  const bundle = into.length > GAP.bundle || pitch(byPort, straight, width) < CLOSE;
  const rank = all.map(() => 0);
  byPort.forEach((at, position) => (rank[at] = position));
  const main = straight < 0 ? -1 : rank[straight];
  // Within a bundle lines lie on each other: no order, no crossings.
  const place = bundle ? rank.map((position) => (main < 0 ? 0 : Math.sign(position - main))) : rank;
  return { node, into, straight, bundle, byPlace, byPort, swaps: inversions(byPlace.map((at) => place[at])) };
}

function inversions(values: readonly number[]): number {
  let found = 0;
  for (let a = 0; a < values.length; a++) {
    for (let b = a + 1; b < values.length; b++) if (values[b] < values[a]) found++;
  }
  return found;
}

/** The most swaps per node such that all nodes with no more take `budget` together at most. */
function dearest(entering: readonly Entering[], budget: number): number {
  const counts = new Map<number, number>();
  for (const { swaps } of entering) counts.set(swaps, (counts.get(swaps) ?? 0) + 1);
  let most = 0;
  let sum = 0;
  for (const [swaps, count] of [...counts].sort((a, b) => a[0] - b[0])) {
    sum += swaps * count;
    if (sum > budget) break;
    most = swaps;
  }
  return most;
}

/** Offsets for many: one for all that come before the straight one, one for all after it. */
function bundles(sorted: readonly number[], straight: number): number[] {
  const offsets = sorted.map(() => 0);
  const main = sorted.indexOf(straight);
  if (main < 0) return offsets;
  sorted.forEach((at, position) => (offsets[at] = Math.sign(position - main) * GAP.port));
  return offsets;
}

/** Distance between neighbours; the straight one stays in the middle. */
function pitch(sorted: readonly number[], straight: number, width: number): number {
  const zero = straight >= 0 ? sorted.indexOf(straight) : (sorted.length - 1) / 2;
  return Math.min(GAP.port, (width / 2 - 8) / Math.max(zero, sorted.length - 1 - zero));
}

/**
 * Offsets from the middle, in the order of `sorted`. The straight one (position, or -1) keeps the
 * middle, so that a chain does not drift sideways.
 */
function spread(sorted: readonly number[], straight: number, width: number): number[] {
  const zero = straight >= 0 ? sorted.indexOf(straight) : (sorted.length - 1) / 2;
  const step = pitch(sorted, straight, width);
  const offsets = sorted.map(() => 0);
  sorted.forEach((at, position) => (offsets[at] = Math.round((position - zero) * step)));
  return offsets;
}
