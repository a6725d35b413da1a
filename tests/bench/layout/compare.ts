// Our drawing of a graph and dagre's, measured alike: crossings, boxes hit, CPU seconds, input order.
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeColumns } from '../../../frontend/src/graph/columns';
import { buildScene, openScene, routeOf, nodesIn, type Scene } from '../../../frontend/src/graph/scene';
import { countCrossings, type Line } from './crossings';

interface Row {
  readonly name: string;
  readonly nodes: number;
  readonly cpu: number;
  readonly crossings?: number;
  readonly dagre?: { readonly crossings: number; readonly cpu: number };
  readonly overlaps: number;
  readonly through: number;
  readonly inOrder: string;
  readonly size: string;
}

function timed<T>(work: () => T): [T, number] {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1e6];
}

/** One edge per pair of nodes: dagre draws no more. */
function pairs(scene: Scene): number[] {
  const seen = new Set<string>();
  return Array.from(scene.source, (_, edge) => edge).filter((edge) => {
    const key = `${scene.source[edge]} ${scene.target[edge]}`;
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

/** Boxes that touch another one, and edges that run through a box, each once. */
function faults(scene: Scene): { overlaps: number; through: number } {
  const inside = (x: number, y: number, x2: number, y2: number): number[] => {
    const [left, top] = [Math.min(x, x2) + 0.5, Math.min(y, y2) + 0.5];
    const [right, bottom] = [Math.max(x, x2) - 0.5, Math.max(y, y2) - 0.5];
    const box = { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
    return nodesIn(scene, box);
  };
  let [overlaps, through] = [0, 0];
  for (let node = 0; node < scene.count; node++) {
    const [x, y] = [scene.x[node], scene.y[node]];
    overlaps += inside(x, y, x + scene.nodeWidth[node], y + scene.nodeHeight[node]).length - 1;
  }
  for (let edge = 0; edge < scene.source.length; edge++) {
    const way = routeOf(scene, edge);
    for (let at = 2; at < way.length; at += 2) {
      const hit = inside(way[at - 2], way[at - 1], way[at], way[at + 1]);
      // The port lies on the border of a box, not in it.
      if (hit.some((node) => strictly(scene, node, way, at))) {
        through++;
        break;
      }
    }
  }
  return { overlaps, through };
}

function strictly(scene: Scene, node: number, way: readonly number[], at: number): boolean {
  return (
    Math.max(way[at - 2], way[at]) > scene.x[node] + 0.5 &&
    Math.min(way[at - 2], way[at]) < scene.x[node] + scene.nodeWidth[node] - 0.5 &&
    Math.max(way[at - 1], way[at + 1]) > scene.y[node] + 0.5 &&
    Math.min(way[at - 1], way[at + 1]) < scene.y[node] + scene.nodeHeight[node] - 0.5
  );
}

/**
 * How many of the nodes with several inputs have them enter from left to right in their order, and
 * how many of all have some that enter together, as a bundle: within it no order is seen.
 */
function inOrder(scene: Scene, port: Uint16Array): string {
  let [good, all, bundled] = [0, 0, 0];
  for (let node = 0; node < scene.count; node++) {
    const own = scene.entering.list.slice(scene.entering.start[node], scene.entering.start[node + 1]);
    if (own.length < 2) continue;
    all++;
    own.sort((a, b) => port[a] - port[b]);
    const x = Array.from(own, (edge) => scene.points[2 * scene.start[edge + 1] - 2]);
    if (x.every((value, at) => at === 0 || value >= x[at - 1])) good++;
    const apart = new Set(Array.from(own, (edge) => scene.source[edge])).size;
    if (new Set(x).size < apart) bundled++;
  }
  return bundled === 0 ? `${good}/${all}` : `${good}/${all}, ${bundled} with a bundle`;
}

function withDagre(scene: Scene, edges: readonly number[], dagre: any): { crossings: number; cpu: number } {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ nodesep: 20, ranksep: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (let node = 0; node < scene.count; node++) {
    graph.setNode(String(node), { width: scene.nodeWidth[node], height: scene.nodeHeight[node] });
  }
  for (const edge of edges) graph.setEdge(String(scene.source[edge]), String(scene.target[edge]), {});
  const [, cpu] = timed(() => dagre.layout(graph));
  const lines = edges.map((edge): Line => {
    const [from, to] = [scene.source[edge], scene.target[edge]];
    const { points } = graph.edge(String(from), String(to));
    return { from, to, points: points.flatMap((point: { x: number; y: number }) => [point.x, point.y]) };
  });
  return { crossings: countCrossings(lines), cpu };
}

/** `dagre` null leaves its part out; its results are kept beside the columns, because it is slow. */
export function compare(path: string, dagre: unknown, limit: number): Row {
  const bytes = readFileSync(path);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const columns = decodeColumns(buffer as ArrayBuffer);
  const [, cpu] = timed(() => buildScene(columns));
  const stubbed = openScene(buildScene(columns));
  const scene = openScene(buildScene(columns, { stubs: false }));
  const row = {
    name: basename(path, '.columns'),
    nodes: columns.nodes,
    cpu,
    ...faults(stubbed),
    inOrder: inOrder(stubbed, columns.edgePort),
    size: `${Math.round(stubbed.width)}×${Math.round(stubbed.height)}`,
  };
  if (columns.nodes > limit) return row;
  const edges = pairs(scene);
  const crossings = countCrossings(
    edges.map((edge) => ({ from: scene.source[edge], to: scene.target[edge], points: routeOf(scene, edge) })),
  );
  const kept = `${path}.dagre.json`;
  if (!existsSync(kept) && dagre !== null) {
    writeFileSync(kept, JSON.stringify(withDagre(scene, edges, dagre)));
  }
  return existsSync(kept)
    ? { ...row, crossings, dagre: JSON.parse(readFileSync(kept, 'utf8')) }
    : { ...row, crossings };
}
