// The gap between two ranks: which level each trunk runs on, and that many of them take no time.
import { expect, it } from 'vitest';
import { orient } from './acyclic';
import { spaceGaps } from './gaps';
import type { Ports } from './ports';
import { makeProper, type Proper } from './proper';

/** Nodes at `from`, px, over nodes at `to`; each edge by position in both. */
function gap(from: readonly number[], to: readonly number[], edges: readonly (readonly [number, number])[]): { graph: Proper; ports: Ports; rows: Uint32Array[] } {
  const count = from.length + to.length;
  const source = Uint32Array.from(edges, ([a]) => a);
  const target = Uint32Array.from(edges, ([, b]) => from.length + b);
  const rank = Int32Array.from({ length: count }, (_, node) => (node < from.length ? 0 : 1));
  const graph = makeProper(count, rank, orient(count, source, target), source, new Uint16Array(edges.length));
  const x = [...from, ...to];
  const ports = {
    exit: Float64Array.from(graph.upper, (node) => x[node]!),
    entry: Float64Array.from(graph.lower, (node) => x[node]!),
    bundled: new Uint8Array(count),
  };
  const all = Uint32Array.from({ length: count }, (_, node) => node);
  return { graph, ports, rows: [all.slice(0, from.length), all.slice(from.length)] };
}

/** Distance of each source's level run from the top of the gap. */
function levels({ graph, ports, rows }: ReturnType<typeof gap>): number[] {
  const { level } = spaceGaps(graph, { rows }, ports, 28);
  const found: number[] = [];
  graph.upper.forEach((node, segment) => {
    if (level[segment]! >= 0) found[node] = level[segment]!;
  });
  return found;
}

it('lays no line on another one, though one of the trunks branches', () => {
  // One of the first's branches ends under the exit of the second: the second has to turn above it.
  const [first, second] = levels(gap([100, 150], [0, 20, 60, 150], [[0, 0], [0, 3], [1, 1], [1, 2]]));
  expect(first).toBeGreaterThan(second!);
});

it('comes to an end where a few tensors are read by very many', () => {
  const readers = Array.from({ length: 120_000 }, (_, at) => 70 * at);
  const three = [2_000_003, 4_000_003, 6_000_003];
  const found = levels(gap(three, readers, readers.map((_, at) => [at % 3, at])));
  expect(new Set(found).size).toBe(3);
});
