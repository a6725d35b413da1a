// One picture of the graph: background, edges, nodes at their level of detail, marks, texts.
import { edgesIn, nodesIn, stubsIn } from '../graph/scene';
import { grow } from '../lib/geometry';
import { inScreen, type Frame } from './frame';
import { paintEdges, paintLabels, paintLit } from './paint-edges';
import { paintFar } from './paint-far';
import { paintFull } from './paint-full';
import { paintMarks } from './paint-marks';
import { paintSmall } from './paint-small';
import { paintStubs } from './paint-stubs';
import { isCrowd, rasterFar } from './raster-far';
import { paintEdgeTag } from './paint-tag';

/** Rings, badges and tags reach this far out of a node's box, screen px. */
const REACH = 16;
const TAG_REACH = 220;

export function paint(ctx: CanvasRenderingContext2D, frame: Frame): void {
  ctx.globalAlpha = 1;
  const { scene, zoom, visible } = frame;
  const reach = (frame.level === 'full' ? TAG_REACH : REACH) / zoom;
  const nodes = nodesIn(scene, grow(visible, reach));
  const crowd = isCrowd(frame, nodes) && rasterFar(ctx, frame);
  // Pixels off the canvas are left out by themselves: nobody looks for a crowd's lines.
  const edges = crowd ? [] : edgesIn(scene, grow(visible, REACH / zoom));
  if (!crowd) {
    inScreen(ctx, frame);
    ctx.fillStyle = frame.theme.canvas;
    ctx.fillRect(0, 0, frame.width, frame.height);
    paintEdges(ctx, frame, edges);
    paintStubs(ctx, frame, stubsIn(scene, grow(visible, REACH / zoom)));
  }
  paintLit(ctx, frame);
  // Of a crowd only what is under the pointer is drawn once more.
  if (crowd) paintFar(ctx, frame, frame.hover >= 0 ? [frame.hover] : []);
  else if (frame.level === 'full') paintFull(ctx, frame, nodes);
  else if (frame.level === 'small') paintSmall(ctx, frame, nodes);
  else paintFar(ctx, frame, nodes);
  if (frame.labels !== null) paintLabels(ctx, frame, frame.labels, edges);
  paintMarks(ctx, frame, nodes);
  paintEdgeTag(ctx, frame);
  paintRubber(ctx, frame);
  ctx.globalAlpha = 1;
}

function paintRubber(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const { rubber, theme } = frame;
  if (rubber === null) return;
  inScreen(ctx, frame);
  // A veil: what is under it is read as before.
  ctx.globalAlpha = 0.1;
  ctx.fillStyle = theme.accent;
  ctx.fillRect(rubber.x, rubber.y, rubber.width, rubber.height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.accent;
  ctx.lineWidth = 1;
  ctx.strokeRect(
    Math.round(rubber.x) + 0.5,
    Math.round(rubber.y) + 0.5,
    Math.round(rubber.width),
    Math.round(rubber.height),
  );
}
