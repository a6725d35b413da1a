// Nodes below zoom 0.35: layers are their colour, everything else a grey tick; what shares a pixel
// is drawn once, layers first.
import { HOLLOW, NO_TILE, SOLID, STRIPED } from './colours';
import { DIMMED, fillOf, hairline, inScreen, isDimmed, isLayer, onGrid, screenBox, type Frame } from './frame';
import { growthOf, TICK } from './spread';

/** Below this zoom several nodes fall on one pixel. */
export const MERGE_BELOW = 0.12;
/** Boxes lower than this, px, have no room for a hairline round their colour. */
const LINED = 6;

export function paintFar(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  nodes: readonly number[],
): void {
  if (nodes.length === 0) return;
  inScreen(ctx, frame);
  const taken = frame.zoom < MERGE_BELOW ? new Pixels(frame) : null;
  for (const node of nodes) {
    if (isLayer(frame, node)) layer(ctx, frame, node, taken);
  }
  const { colours, theme } = frame;
  for (const node of nodes) {
    if (isLayer(frame, node)) continue;
    if (taken !== null && !taken.take(node)) continue;
    const { scene } = frame;
    const spare = Math.max(scene.nodeWidth[node] - TICK, 0);
    const { x, y, width, height } = onGrid(frame, scene.x[node] + spare / 2, scene.y[node], scene.nodeWidth[node] - spare, scene.nodeHeight[node]);
    ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
    const rest = colours.look[node] === SOLID ? fillOf(frame, node) : theme.lineStrong;
    ctx.fillStyle = frame.hover === node ? theme.ink2 : rest;
    ctx.fillRect(x, y, width, height);
  }
  ctx.globalAlpha = 1;
}

function layer(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  taken: Pixels | null,
): void {
  const { colours, theme } = frame;
  if (taken !== null && !taken.take(node)) return;
  const { x, y, width, height } = screenBox(frame, node, growthOf(frame.scene, frame.document, node, frame.zoom));
  const look = colours.look[node];
  const hair = hairline(frame);
  ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
  if (look === SOLID) {
    ctx.fillStyle = fillOf(frame, node);
    ctx.fillRect(x, y, width, height);
    if (height < LINED) return;
    ctx.strokeStyle = frame.hover === node ? theme.ink : theme.tileLine;
    ctx.lineWidth = hair;
    ctx.strokeRect(x + hair / 2, y + hair / 2, width - hair, height - hair);
    return;
  }
  if (look === STRIPED) {
    ctx.fillStyle = theme.surface;
    ctx.fillRect(x, y, width, height);
    ctx.globalAlpha *= 0.5;
    ctx.fillStyle = fillOf(frame, node);
    ctx.fillRect(x, y, width, height);
    ctx.globalAlpha = isDimmed(frame, node) ? DIMMED : 1;
  } else {
    ctx.fillStyle = look === NO_TILE ? theme.lineStrong : theme.surface;
    ctx.fillRect(x, y, width, height);
  }
  if (look === NO_TILE) return;
  if (height < 3) {
    // Too low for a hollow box: dense is its own outline.
    ctx.fillStyle = look === HOLLOW ? theme.ink2 : theme.nodeLine;
    ctx.globalAlpha *= 0.6;
    ctx.fillRect(x, y, width, height);
    return;
  }
  const strong = look === HOLLOW || frame.hover === node;
  ctx.strokeStyle = height < LINED ? theme.ink3 : strong ? theme.ink2 : theme.ink3;
  if (!strong && height < LINED) ctx.strokeStyle = theme.lineStrong;
  else if (!strong) ctx.setLineDash([3, 2]);
  ctx.lineWidth = hair;
  ctx.strokeRect(x + hair / 2, y + hair / 2, width - hair, height - hair);
  ctx.setLineDash([]);
}

/** Which screen pixels already carry a node. */
class Pixels {
  private readonly seen: Uint8Array;
  private readonly columns: number;
  private readonly rows: number;

  constructor(private readonly frame: Frame) {
    this.columns = Math.ceil(frame.width);
    this.rows = Math.ceil(frame.height);
    this.seen = new Uint8Array(this.columns * this.rows);
  }

  /** True for the first node whose middle is on its pixel, and for those off the screen. */
  take(node: number): boolean {
    const { scene, zoom, originX, originY } = this.frame;
    const x = originX + (scene.x[node] + scene.nodeWidth[node] / 2) * zoom;
    const y = originY + (scene.y[node] + scene.nodeHeight[node] / 2) * zoom;
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return true;
    const at = row * this.columns + column;
    if (this.seen[at] === 1) return false;
    this.seen[at] = 1;
    return true;
  }
}
