// Directions for ranking: edges that close a cycle are turned round, loops on one node left out.
import { group } from './links';

export interface Oriented {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** 1 where `from` and `to` are the edge's ends in reverse. */
  readonly reversed: Uint8Array;
  /** 1 where the edge joins a node with itself. */
  readonly loop: Uint8Array;
}

/** A valid model has no cycle: then nothing turns. Depth first from nodes without inputs. */
export function orient(count: number, source: Uint32Array, target: Uint32Array): Oriented {
  const edges = source.length;
  const from = source.slice();
  const to = target.slice();
  const reversed = new Uint8Array(edges);
  const loop = new Uint8Array(edges);
  const fed = new Uint8Array(count);
  for (let edge = 0; edge < edges; edge++) {
    if (source[edge] === target[edge]) loop[edge] = 1;
    else fed[target[edge]] = 1;
  }
  const out = group(count, source);
  const seen = new Uint8Array(count); // 1 on the stack, 2 done
  const cursor = out.start.slice(0, count);
  const stack: number[] = [];

  function visit(root: number): void {
    if (seen[root] !== 0) return;
    stack.push(root);
    seen[root] = 1;
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (cursor[node] === out.start[node + 1]) {
        seen[node] = 2;
        stack.pop();
        continue;
      }
      const edge = out.list[cursor[node]++];
      const next = target[edge];
      if (loop[edge] === 1) continue;
      if (seen[next] === 1) {
        reversed[edge] = 1;
        from[edge] = next;
        to[edge] = node;
      } else if (seen[next] === 0) {
        seen[next] = 1;
        stack.push(next);
      }
    }
  }

  for (let node = 0; node < count; node++) if (fed[node] === 0) visit(node);
  for (let node = 0; node < count; node++) visit(node);
  return { from, to, reversed, loop };
}
