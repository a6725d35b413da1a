// Edges: lines with round corners and arrowheads, the lit ones of hovered and selected nodes, shapes.
import { LABEL_ROOM, type Labels } from '../graph/labels';
import { routeOf, type Scene } from '../graph/scene';
import { DIMMED, inWorld, type Frame } from './frame';
import { arrow, dashOf, penOf, trace, usePen, wirePen } from './lines';
import { elide, legible, textWidth } from './text';

/** Far away, lines that lead less far than this, px, only cost time: the nodes at their ends meet. */
const INVISIBLE = 0.6;
/** Lit edges of more nodes than this say nothing any more. */
const LIT_NODES = 40;

export function paintEdges(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  edges: readonly number[],
): void {
  const { scene, theme, zoom, level } = frame;
  const pen = wirePen(frame);
  usePen(ctx, pen);
  ctx.globalAlpha = frame.matches !== null ? DIMMED : 1;
  ctx.strokeStyle = level === 'far' ? theme.edgeFar : theme.edge;
  // Stubs are dashed: their lines do not lead where the tensor comes from.
  for (const dashed of scene.stubs.count > 0 ? [0, 1] : [0]) {
    ctx.beginPath();
    for (const edge of edges) {
      if (scene.stub[edge] !== dashed) continue;
      const [from, to] = [2 * scene.start[edge], 2 * scene.start[edge + 1]];
      if (level === 'far' && span(scene.points, from, to) < INVISIBLE / zoom) continue;
      trace(ctx, pen, scene.points, from, to);
    }
    if (dashed === 1) ctx.setLineDash(dashOf(pen));
    ctx.stroke();
  }
  ctx.setLineDash([]);
  if (level !== 'far') {
    ctx.fillStyle = theme.edge;
    ctx.beginPath();
    for (const edge of edges) arrow(ctx, pen, scene.points, 2 * scene.start[edge + 1]);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** The full routes of all edges of the hovered and of the selected nodes, and of the tensors under the pointer or clicked. */
export function paintLit(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { scene } = frame;
  const still = new Set<number>();
  const hovered = new Set<number>();
  const add = (node: number, to: Set<number>): void => {
    for (const links of [scene.leaving, scene.entering]) {
      for (let k = links.start[node]; k < links.start[node + 1]; k++) to.add(links.list[k]);
    }
  };
  if (frame.selection.size <= LIT_NODES) for (const node of frame.selection) add(node, still);
  if (frame.pickedEdge >= 0) for (const edge of tensorEdges(frame, frame.pickedEdge)) still.add(edge);
  if (frame.hover >= 0) add(frame.hover, hovered);
  if (frame.hoverStub >= 0) for (const edge of stubEdges(frame, frame.hoverStub)) hovered.add(edge);
  if (frame.hoverEdge >= 0) for (const edge of tensorEdges(frame, frame.hoverEdge)) hovered.add(edge);
  light(ctx, frame, still, 1);
  light(ctx, frame, [...hovered].filter((edge) => !still.has(edge)), frame.hoverShare);
}

function light(ctx: CanvasRenderingContext2D, frame: Frame, lit: Iterable<number>, alpha: number): void {
  const { scene, theme, level } = frame;
  const pen = penOf(frame, level === 'far' ? 1.5 : 2);
  usePen(ctx, pen);
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = theme.accent;
  ctx.fillStyle = theme.accent;
  for (const edge of lit) {
    const points = routeOf(scene, edge);
    ctx.beginPath();
    trace(ctx, pen, points, 0, points.length);
    ctx.setLineDash(scene.stub[edge] === 1 ? dashOf(pen) : []);
    ctx.stroke();
    if (level === 'far') continue;
    ctx.beginPath();
    arrow(ctx, pen, points, points.length);
    ctx.fill();
  }
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** All edges of the tensor that an edge carries. */
export function tensorEdges({ document, scene }: Frame, edge: number): number[] {
  const { leaving, source } = scene;
  const all = leaving.list.subarray(leaving.start[source[edge]], leaving.start[source[edge] + 1]);
  return Array.from(all).filter((other) => document.edgeTensor[other] === document.edgeTensor[edge]);
}

/** The cut edges whose name a stub tells: all of its tensor, or those that enter its node. */
function stubEdges({ document, scene }: Frame, stub: number): number[] {
  const { stubs, leaving, source } = scene;
  const [first, side] = [stubs.edge[stub], stubs.side[stub]];
  const from = source[first];
  const tensor = document.edgeTensor[first];
  const all: number[] = [];
  for (let k = leaving.start[from]; k < leaving.start[from + 1]; k++) {
    const edge = leaving.list[k];
    if (scene.stub[edge] === 1 && document.edgeTensor[edge] === tensor) all.push(edge);
  }
  return side === 0 ? all : all.filter((edge) => startsAt(scene, edge, stub));
}

/** True where an edge's own line begins at the lower end of the stub's box. */
function startsAt(scene: Scene, edge: number, stub: number): boolean {
  const { stubs } = scene;
  const at = 2 * firstPoint(scene, edge);
  const [x, y] = [scene.points[at], scene.points[at + 1]];
  const slack = 1;
  return (
    x >= stubs.x[stub] - slack &&
    x <= stubs.x[stub] + stubs.width[stub] + slack &&
    y >= stubs.y[stub] - slack &&
    y <= stubs.y[stub] + stubs.height[stub] + slack
  );
}

/** Where the trunk that an edge belongs to begins. */
function firstPoint({ parent, start }: Scene, edge: number): number {
  let at = edge;
  while (parent[at] >= 0) at = parent[at];
  return start[at];
}

/** How far apart the ends of a polyline are, px of the world. */
function span(points: Float32Array, from: number, to: number): number {
  return Math.abs(points[to - 2] - points[from]) + Math.abs(points[to - 1] - points[from + 1]);
}

/** The shape of each tensor, right of its line, with a halo over what it crosses. */
export function paintLabels(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  labels: Labels,
  edges: readonly number[],
): void {
  const { theme, zoom } = frame;
  inWorld(ctx, frame);
  const font = `${legible(zoom, 11)}px ${theme.fontUi}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.globalAlpha = frame.matches === null ? 1 : DIMMED;
  ctx.fillStyle = theme.ink3;
  ctx.strokeStyle = theme.canvas;
  ctx.lineWidth = 4;
  ctx.lineJoin = 'round';
  for (const edge of edges) {
    if (Number.isNaN(labels.x[edge])) continue;
    const text = elide(labels.text[edge], LABEL_ROOM, (part) => textWidth(ctx, font, part));
    if (ctx.font !== font) ctx.font = font;
    ctx.strokeText(text, labels.x[edge], labels.y[edge] + 4);
    ctx.fillText(text, labels.x[edge], labels.y[edge] + 4);
  }
  ctx.globalAlpha = 1;
}
