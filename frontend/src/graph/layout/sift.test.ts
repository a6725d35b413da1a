// Crossings counted by brute force: the order within ranks, and inputs in the order of their ports.
import { describe, expect, it } from 'vitest';
import { randomStream } from '../sample';
import { orient } from './acyclic';
import { crossings, misorders, orderRanks } from './order';
import { makeProper, type Proper } from './proper';
import { rankNodes } from './ranks';
import { siftRows } from './sift';

function proper(count: number, edges: readonly (readonly [number, number])[]): Proper {
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

function randomGraph(seed: number): Proper {
  const random = randomStream(seed);
  const edges: [number, number][] = [];
  for (let node = 1; node < 120; node++) {
    for (let k = 0; k < 1 + Math.floor(random() * 2); k++) {
      edges.push([node - 1 - Math.floor(random() * Math.min(node, 14)), node]);
    }
  }
  return proper(120, edges);
}

/** Every pair of segments between the same two ranks, each with the edges that it carries. */
function bruteForce({ upper, lower, load, rank }: Proper, place: Uint32Array): number {
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

describe('order within ranks', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const graph = randomGraph(seed);

    it(`counts crossings right, graph ${seed}`, () => {
      const { rows, place } = orderRanks(graph);
      expect(crossings(graph, rows, place)).toBe(bruteForce(graph, place));
      rows.forEach((row) => row.forEach((vertex, at) => expect(place[vertex]).toBe(at)));
    });

    it(`sifting never makes it worse, graph ${seed}`, () => {
      const place = new Uint32Array(graph.vertices);
      const rows = Array.from({ length: graph.ranks }, (_, rank) => {
        const row = Uint32Array.from(graph.rank.keys()).filter((vertex) => graph.rank[vertex] === rank);
        row.forEach((vertex, at) => (place[vertex] = at));
        return row;
      });
      const before = bruteForce(graph, place);
      siftRows(graph, rows, place);
      expect(bruteForce(graph, place)).toBeLessThan(before);
      rows.forEach((row) => expect(new Set(row).size).toBe(row.length));
    });
  }

  it('lets inputs enter in their order where it costs nothing', () => {
    // Three branches between one producer and one consumer, listed in reverse.
    const graph = proper(5, [[0, 1], [0, 2], [0, 3], [3, 4], [2, 4], [1, 4]]);
    const { place } = orderRanks(graph);
    expect(misorders(graph, place)).toBe(0);
    expect(place[3]).toBeLessThan(place[2]);
    expect(place[2]).toBeLessThan(place[1]);
  });
});

describe('ranks', () => {
  it('puts a branch that begins at an input beside its use', () => {
    // A chain of 30, and a diamond of its own (30..33) that feeds node 25.
    const chain = Array.from({ length: 29 }, (_, i): [number, number] => [i, i + 1]);
    const graph = proper(34, [...chain, [30, 31], [30, 32], [31, 33], [32, 33], [33, 25]]);
    expect(Array.from(graph.rank.subarray(30, 34))).toEqual([22, 23, 23, 24]);
  });

  it('puts a branch that is fed by a passing trunk beside its use', () => {
    // Node 0 feeds 40 too; 30..33 each join 0 with what came before, and end at 25.
    const chain = Array.from({ length: 29 }, (_, i): [number, number] => [i, i + 1]);
    const graph = proper(33, [...chain, [0, 30], [0, 31], [30, 31], [31, 32], [0, 32], [32, 25], [0, 28]]);
    expect(Array.from(graph.rank.subarray(30, 33))).toEqual([22, 23, 24]);
  });
});
