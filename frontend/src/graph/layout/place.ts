// The x of each vertex, as the kernel finds it.
import type { Blocks } from './align';
import { kernel } from './kernel';
import { signed } from './links';
import type { Order } from './order';
import type { Proper } from './proper';
import { GAP } from './types';

/** Middle of each vertex, px, whole numbers; the leftmost box starts at 0. */
export function placeBlocks(graph: Proper, order: Order, blocks: Blocks, width: Float32Array): Float64Array {
  const middle = new Float64Array(graph.vertices);
  kernel().place(
    middle,
    signed(blocks.of),
    blocks.count,
    graph.nodes,
    Float64Array.from(width),
    GAP.node,
    GAP.lane,
    GAP.lanes,
    graph.rank,
    order.row,
    order.rowStart,
    signed(graph.upper),
    signed(graph.lower),
    signed(graph.net),
    signed(graph.below.start),
    signed(graph.below.list),
    graph.into,
  );
  return middle;
}
