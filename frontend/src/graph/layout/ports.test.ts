// Inputs from left to right: in their own order where that is cheap, together where they are many.
import { describe, expect, it } from 'vitest';
import { layout } from './layout';
import type { LayoutInput, LayoutResult } from './types';

type Edge = readonly [from: number, to: number, port: number];

function input(count: number, edges: readonly Edge[]): LayoutInput {
  return {
    count,
    width: new Float32Array(count).fill(160),
    height: new Float32Array(count).fill(22),
    source: Uint32Array.from(edges, (edge) => edge[0]),
    target: Uint32Array.from(edges, (edge) => edge[1]),
    tensor: Uint32Array.from(edges, (edge) => edge[0]),
    port: Uint16Array.from(edges, (edge) => edge[2]),
  };
}

/** X at which the inputs of a node come in, in the order of their ports. */
function entries(graph: LayoutInput, drawn: LayoutResult, node: number): number[] {
  const own = Array.from(graph.target.keys()).filter((edge) => graph.target[edge] === node);
  own.sort((a, b) => graph.port[a]! - graph.port[b]!);
  return own.map((edge) => drawn.points[2 * drawn.start[edge + 1]! - 2]!);
}

/** A chain of steps in which each joins all that came before it: a dense block. */
function dense(steps: number): Edge[] {
  const edges: Edge[] = [];
  for (let step = 1; step <= steps; step++) {
    for (let before = 0; before < step; before++) edges.push([2 * before, 2 * step - 1, before]);
    edges.push([2 * step - 1, 2 * step, 0]);
  }
  return edges;
}

const rising = (values: readonly number[]): boolean => values.every((x, at) => at === 0 || x >= values[at - 1]!);

describe('inputs of a node', () => {
  it('enter in their order in a dense block, the newest straight from above', () => {
    const graph = input(49, dense(24));
    const drawn = layout(graph);
    for (let step = 2; step <= 10; step++) {
      const x = entries(graph, drawn, 2 * step - 1);
      expect(rising(x)).toBe(true);
      const node = 2 * step - 1;
      expect(x.at(-1)).toBe(drawn.x[node]! + graph.width[node]! / 2);
    }
  });

  it('enter beside the straight one in a bundle where they are many', () => {
    const graph = input(33, dense(16));
    const drawn = layout(graph);
    const x = entries(graph, drawn, 31);
    expect(x).toHaveLength(16);
    expect(rising(x)).toBe(true);
    expect(new Set(x).size).toBe(2);
  });

  it('keep the order of their lines where nothing else crosses', () => {
    // 1 and 2 join at 3 in one order and, by 4 and 5, at 6 in the other: flat, or with a crossing.
    const edges: Edge[] = [
      [0, 1, 0], [0, 2, 0], [1, 3, 0], [2, 3, 1], [1, 4, 0], [2, 5, 0], [5, 6, 0], [4, 6, 1],
    ];
    const graph = input(7, edges);
    const drawn = layout(graph);
    expect(rising(entries(graph, drawn, 3))).not.toBe(rising(entries(graph, drawn, 6)));
  });

  it('are in bundles where a narrow node has no room for them', () => {
    const wide = input(49, dense(24));
    const narrow = { ...wide, width: new Float32Array(49).fill(48) };
    expect(new Set(entries(wide, layout(wide), 13)).size).toBe(7);
    expect(new Set(entries(narrow, layout(narrow), 13)).size).toBe(2);
  });
});
