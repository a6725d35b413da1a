// The layered drawing of a graph: ranks, order, x, tracks, routes; each part apart, then packed.
import { orient } from './acyclic';
import { alignBlocks } from './align';
import { spaceGaps } from './gaps';
import { group, taken } from './links';
import { orderRanks } from './order';
import { findParts, pack } from './parts';
import { placeBlocks } from './place';
import { placePorts } from './ports';
import { makeProper } from './proper';
import { rankNodes } from './ranks';
import { drawRoutes, placeRows, type Routes } from './routes';
import { GAP, type LayoutInput, type LayoutResult } from './types';

/** A part's drawing, its top left corner at 0. */
interface Part extends Routes {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
  readonly parent: Int32Array;
}

/** Pure and deterministic: the same input gives the same bytes. */
export function layout(input: LayoutInput): LayoutResult {
  const { count, source, target } = input;
  const edges = source.length;
  const parts = findParts(count, source, target);
  const partCount = parts.start.length - 1;
  const local = new Uint32Array(count);
  const partOf = new Uint32Array(count);
  for (let part = 0; part < partCount; part++) {
    for (let k = parts.start[part]; k < parts.start[part + 1]; k++) {
      local[parts.list[k]] = k - parts.start[part];
      partOf[parts.list[k]] = part;
    }
  }
  const edgesOf = group(partCount, taken(new Uint32Array(edges), partOf, source));

  const drawn: Part[] = [];
  for (let part = 0; part < partCount; part++) {
    const nodes = parts.list.subarray(parts.start[part], parts.start[part + 1]);
    const own = edgesOf.list.subarray(edgesOf.start[part], edgesOf.start[part + 1]);
    drawn.push(
      drawPart({
        count: nodes.length,
        width: taken(new Float32Array(nodes.length), input.width, nodes),
        height: taken(new Float32Array(nodes.length), input.height, nodes),
        source: taken(new Uint32Array(own.length), local, taken(new Uint32Array(own.length), source, own)),
        target: taken(new Uint32Array(own.length), local, taken(new Uint32Array(own.length), target, own)),
        tensor: taken(new Uint32Array(own.length), input.tensor, own),
        port: taken(new Uint16Array(own.length), input.port, own),
        // Rising within a part, so that what is aside stays last.
        nodes: nodes.filter((node) => node < (input.nodes ?? count)).length,
        rankGap: input.rankGap ?? GAP.rank,
      }),
    );
  }

  const corner = pack(
    Float64Array.from(drawn, (part) => part.width),
    Float64Array.from(drawn, (part) => part.height),
  );
  const x = new Float32Array(count);
  const y = new Float32Array(count);
  const parent = new Int32Array(edges).fill(-1);
  const join = new Uint32Array(edges);
  const labelX = new Float32Array(edges);
  const labelY = new Float32Array(edges);
  const start = new Uint32Array(edges + 1);
  for (let k = 0; k < edges; k++) {
    const edge = edgesOf.list[k];
    const part = partOf[source[edge]];
    start[edge + 1] = drawn[part].points[k - edgesOf.start[part]].length / 2;
  }
  for (let edge = 0; edge < edges; edge++) start[edge + 1] += start[edge];
  const points = new Float32Array(start[edges] * 2);
  let width = 0;
  let height = 0;
  drawn.forEach((part, at) => {
    const left = corner.x[at];
    const top = corner.y[at];
    width = Math.max(width, left + part.width);
    height = Math.max(height, top + part.height);
    for (let k = parts.start[at]; k < parts.start[at + 1]; k++) {
      x[parts.list[k]] = left + part.x[k - parts.start[at]];
      y[parts.list[k]] = top + part.y[k - parts.start[at]];
    }
    for (let k = edgesOf.start[at]; k < edgesOf.start[at + 1]; k++) {
      const edge = edgesOf.list[k];
      const mine = k - edgesOf.start[at];
      const line = part.points[mine];
      const first = 2 * start[edge];
      for (let i = 0; i < line.length; i++) points[first + i] = line[i] + (i % 2 === 0 ? left : top);
      const from = part.parent[mine];
      parent[edge] = from < 0 ? -1 : edgesOf.list[edgesOf.start[at] + from];
      join[edge] = part.join[mine];
      labelX[edge] = part.labelX[mine] + left;
      labelY[edge] = part.labelY[mine] + top;
    }
  });
  return { x, y, width, height, start, points, parent, join, labelX, labelY };
}

function drawPart(input: LayoutInput): Part {
  const { count } = input;
  const oriented = orient(count, input.source, input.target);
  const rank = rankNodes(count, oriented, input.tensor);
  const graph = makeProper(count, rank, oriented, input.tensor, input.port);
  const order = orderRanks(graph);
  const aside = input.nodes ?? count;
  // Layers are high: the main path goes through them, not through a chain of many small steps.
  const weight = input.width.map((width, at) => (at < aside ? width * input.height[at] ** 2 : 0));
  const middle = placeBlocks(graph, order, alignBlocks(graph, order, weight), input.width);
  const ports = placePorts(graph, order, middle, input.width);
  const gaps = spaceGaps(graph, order, ports, input.rankGap ?? GAP.rank);
  const rows = placeRows(graph, input.height, gaps);

  const x = new Float64Array(count);
  const y = new Float64Array(count);
  let width = 0;
  for (let node = 0; node < count; node++) {
    x[node] = middle[node] - input.width[node] / 2;
    const { top, bottom } = rows;
    const spare = bottom[rank[node]] - top[rank[node]] - input.height[node];
    y[node] = top[rank[node]] + Math.floor(spare / 2);
    width = Math.max(width, x[node] + input.width[node]);
  }
  for (let vertex = 0; vertex < middle.length; vertex++) if (middle[vertex] > width) width = middle[vertex];
  const routes = drawRoutes(graph, ports, gaps, rows, y, input.height);

  oriented.reversed.forEach((turned, edge) => {
    if (turned === 1) routes.points[edge] = backwards(routes.points[edge]);
  });
  oriented.loop.forEach((loop, edge) => {
    if (loop === 0) return;
    const node = input.source[edge];
    const right = x[node] + input.width[node];
    const low = y[node] + input.height[node];
    const corners = [
      [middle[node], low],
      [middle[node], low + 8],
      [right + 8, low + 8],
      [right + 8, y[node] - 10],
      [middle[node], y[node] - 10],
      [middle[node], y[node]],
    ];
    routes.points[edge] = corners.flat();
  });
  return {
    x,
    y,
    width,
    height: rows.bottom[graph.ranks - 1],
    ...routes,
    parent: graph.parent,
  };
}

function backwards(line: number[]): number[] {
  const turned: number[] = [];
  for (let at = line.length - 2; at >= 0; at -= 2) turned.push(line[at], line[at + 1]);
  return turned;
}
