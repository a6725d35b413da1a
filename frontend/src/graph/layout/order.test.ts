// Crossings counted by brute force: the order within ranks, and inputs in the order of their ports.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../sample';
import { orient } from './acyclic';
import { crossings } from './kernel/crossings';
import { chains, covers } from './kernel/lines';
import { Fan, Net } from './kernel/net';
import { Rerouter } from './kernel/reroute';
import { findTangled, misorders } from './kernel/turns';
import { signed } from './links';
import { orderRanks, portPairs } from './order';
import { makeProper, type Proper } from './proper';
import { rankNodes } from './ranks';
import { GAP } from './types';

type Pair = readonly [from: number, to: number];

function proper(count: number, edges: readonly Pair[]): Proper {
  const source = Uint32Array.from(edges, (edge) => edge[0]);
  const target = Uint32Array.from(edges, (edge) => edge[1]);
  const ports = new Map<number, number>();
  const port = Uint16Array.from(target, (to) => {
    const next = ports.get(to) ?? 0;
    ports.set(to, next + 1);
    return next;
  });
  const oriented = orient(count, source, target);
  return makeProper(count, rankNodes(count, oriented, source), oriented, source, port);
}

function randomGraph(seed: number, count = 120, reach = 14): Proper {
  const random = randomStream(seed);
  const edges: Pair[] = [];
  for (let node = 1; node < count; node++) {
    for (let k = 0; k < 1 + Math.floor(random() * 2); k++) {
      edges.push([node - 1 - Math.floor(random() * Math.min(node, reach)), node]);
    }
  }
  return proper(count, edges);
}

function netOf(graph: Proper): Net {
  const fan = ({ start, list }: Proper['above']): Fan => new Fan(signed(start), signed(list));
  const { nodes, vertices, rank, load, port, above, below } = graph;
  const [upper, lower] = [signed(graph.upper), signed(graph.lower)];
  return new Net(nodes, vertices, GAP.bundle, rank, upper, lower, load, Int32Array.from(port), fan(above), fan(below));
}

/** The vertices of each rank as they are numbered, and their places. */
function asNumbered(graph: Proper): { rows: Int32Array[]; place: Int32Array } {
  const place = new Int32Array(graph.vertices);
  const rows = Array.from({ length: graph.ranks }, (_, rank) => {
    const row = Int32Array.from(graph.rank.keys()).filter((vertex) => graph.rank[vertex] === rank);
    row.forEach((vertex, at) => (place[vertex] = at));
    return row;
  });
  return { rows, place };
}

/** Every pair of segments between the same two ranks, each with the edges that it carries. */
function bruteForce({ upper, lower, load, rank }: Proper, place: ArrayLike<number>): number {
  let total = 0;
  for (let a = 0; a < upper.length; a++) {
    for (let b = a + 1; b < upper.length; b++) {
      if (rank[upper[a]] !== rank[upper[b]]) continue;
      const turned = (place[upper[a]] - place[upper[b]]) * (place[lower[a]] - place[lower[b]]);
      if (turned < 0) total += load[a] * load[b];
    }
  }
  return total;
}

/** Crossings with misordered inputs, as the rerouter weighs them. */
function weight(graph: Proper, place: Int32Array, misorder: number): number {
  return bruteForce(graph, place) + misorder * misorders(portPairs(graph), signed(graph.upper), place);
}

/** The least weight of all ways of one line, every combination of slots tried. */
function bestWay(graph: Proper, rows: readonly Int32Array[], line: readonly number[], misorder: number): number {
  const place = new Int32Array(graph.vertices);
  const others = line.map((vertex) => Array.from(rows[graph.rank[vertex]]).filter((other) => other !== vertex));
  for (const row of rows) row.forEach((vertex, at) => (place[vertex] = at));
  let least = Infinity;
  const place1 = (at: number): void => {
    if (at === line.length) {
      least = Math.min(least, weight(graph, place, misorder));
      return;
    }
    for (let slot = 0; slot <= others[at].length; slot++) {
      others[at].toSpliced(slot, 0, line[at]).forEach((vertex, to) => (place[vertex] = to));
      place1(at + 1);
    }
  };
  place1(0);
  return least;
}

describe('order within ranks', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const graph = randomGraph(seed);

    it(`counts crossings right, graph ${seed}`, () => {
      const { rows, place, crossings: told } = orderRanks(graph);
      expect(crossings(netOf(graph), rows.map(signed), signed(place))).toBe(bruteForce(graph, place));
      expect(told).toBe(bruteForce(graph, place));
      rows.forEach((row) => row.forEach((vertex, at) => expect(place[vertex]).toBe(at)));
    });

    it(`moves no line to where it crosses more, graph ${seed}`, () => {
      const { rows, place } = asNumbered(graph);
      const net = netOf(graph);
      const rerouter = new Rerouter(net, rows, place, 1);
      let before = weight(graph, place, 1);
      for (const { start, list } of [chains(net, rows), covers(net, rows, place, false), covers(net, rows, place, true)]) {
        for (let line = 0; line + 1 < start.length; line++) {
          const moved = rerouter.put(list, start[line], start[line + 1]);
          const now = weight(graph, place, 1);
          expect(now < before).toBe(moved);
          before = now;
        }
      }
      rows.forEach((row, rank) => {
        expect(new Set(row).size).toBe(row.length);
        row.forEach((vertex, at) => expect([graph.rank[vertex], place[vertex]]).toEqual([rank, at]));
      });
    });
  }

  for (const seed of [1, 2, 3]) {
    it(`finds the best way of a line, graph ${seed}`, () => {
      const graph = randomGraph(seed, 16, 5);
      for (const misorder of [0.3, 1]) {
        const lines = covers(netOf(graph), asNumbered(graph).rows, asNumbered(graph).place, false);
        for (let line = 0; line + 1 < lines.start.length; line++) {
          // Each from the same beginning; only as long as all combinations can be tried.
          const { rows, place } = asNumbered(graph);
          const begin = lines.start[line];
          const end = Math.min(lines.start[line + 1], begin + 4);
          const best = bestWay(graph, rows, Array.from(lines.list.subarray(begin, end)), misorder);
          new Rerouter(netOf(graph), rows, place, misorder).put(lines.list, begin, end);
          expect(weight(graph, place, misorder)).toBeCloseTo(best, 6);
        }
      }
    });
  }

  it('knows which vertices have a line that crosses', () => {
    for (const seed of [6, 7]) {
      const graph = randomGraph(seed);
      const { rows, place } = asNumbered(graph);
      const { upper, lower, rank } = graph;
      const expected = new Uint8Array(graph.vertices);
      for (let a = 0; a < upper.length; a++) {
        for (let b = 0; b < upper.length; b++) {
          const turned = (place[upper[a]] - place[upper[b]]) * (place[lower[a]] - place[lower[b]]);
          if (rank[upper[a]] === rank[upper[b]] && turned < 0) expected[upper[a]] = expected[lower[a]] = 1;
        }
      }
      expect(findTangled(netOf(graph), rows, place, new Int32Array(0))).toEqual(expected);
    }
  });

  it('takes a long line that joins many branches to the side where it crosses nothing', () => {
    // A chain whose every third node has a branch; node 0 feeds all branches, from far above.
    const edges: Pair[] = [];
    for (let at = 1; at < 40; at++) edges.push([at - 1, at]);
    for (let at = 3; at < 36; at += 3) edges.push([at, 40 + at], [40 + at, at + 2], [0, 40 + at]);
    const graph = proper(80, edges);
    const { place } = orderRanks(graph);
    expect(bruteForce(graph, place)).toBe(0);
  });

  it('lets inputs enter in their order where it costs nothing', () => {
    // Three branches between one producer and one consumer, listed in reverse.
    const graph = proper(5, [[0, 1], [0, 2], [0, 3], [3, 4], [2, 4], [1, 4]]);
    const { place } = orderRanks(graph);
    expect(misorders(portPairs(graph), signed(graph.upper), signed(place))).toBe(0);
    expect(place[3]).toBeLessThan(place[2]);
    expect(place[2]).toBeLessThan(place[1]);
  });
});

describe('ranks', () => {
  it('puts a branch that begins at an input beside its use', () => {
    // A chain of 30, and a diamond of its own (30..33) that feeds node 25.
    const chain = Array.from({ length: 29 }, (_, i): Pair => [i, i + 1]);
    const graph = proper(34, [...chain, [30, 31], [30, 32], [31, 33], [32, 33], [33, 25]]);
    expect(Array.from(graph.rank.subarray(30, 34))).toEqual([22, 23, 23, 24]);
  });

  it('puts a branch that is fed by a passing trunk beside its use', () => {
    // Node 0 feeds 40 too; 30..33 each join 0 with what came before, and end at 25.
    const chain = Array.from({ length: 29 }, (_, i): Pair => [i, i + 1]);
    const graph = proper(33, [...chain, [0, 30], [0, 31], [30, 31], [31, 32], [0, 32], [32, 25], [0, 28]]);
    expect(Array.from(graph.rank.subarray(30, 33))).toEqual([22, 23, 24]);
  });
});
