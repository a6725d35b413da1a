// Disconnected parts of a graph: which nodes hang together, and how the finished parts are packed.
import { group, type Links } from './links';
import { GAP } from './types';

/** Groups nodes by connected part; parts are numbered by their first node. */
export function findParts(count: number, source: Uint32Array, target: Uint32Array): Links {
  const root = Uint32Array.from({ length: count }, (_, node) => node);
  const find = (node: number): number => {
    while (root[node] !== node) {
      root[node] = root[root[node]];
      node = root[node];
    }
    return node;
  };
  for (let edge = 0; edge < source.length; edge++) {
    const a = find(source[edge]);
    const b = find(target[edge]);
    if (a < b) root[b] = a;
    else root[a] = b;
  }
  const part = new Uint32Array(count);
  let parts = 0;
  for (let node = 0; node < count; node++) {
    const top = find(node);
    part[node] = top === node ? parts++ : part[top];
  }
  return group(parts, part);
}

/**
 * Places boxes in columns, tallest first, so that small parts fill up beside the large one.
 * Returns the top left corner of each.
 */
export function pack(
  width: Float64Array,
  height: Float64Array,
): { x: Float64Array; y: Float64Array } {
  const count = width.length;
  const order = Array.from({ length: count }, (_, part) => part);
  order.sort((a, b) => height[b] - height[a] || a - b);
  let area = 0;
  for (let part = 0; part < count; part++) {
    area += (width[part] + GAP.part) * (height[part] + GAP.part);
  }
  const limit = Math.max(count > 0 ? height[order[0]] : 0, Math.sqrt(area) * 0.8);
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  let left = 0;
  let top = 0;
  let columnWidth = 0;
  for (const part of order) {
    if (top > 0 && top + height[part] > limit) {
      left += columnWidth + GAP.part;
      [top, columnWidth] = [0, 0];
    }
    x[part] = left;
    y[part] = top;
    top += height[part] + (height[part] <= 60 ? GAP.node : GAP.part);
    columnWidth = Math.max(columnWidth, width[part]);
  }
  return { x, y };
}
