// Lines inside a node, where the user asked for them: name, attributes, constants, weights.
import { ROW_AIR, ROW_HEIGHT } from '../graph/sizes';
import { hairline, type Frame } from './frame';
import { STRIP_WIDTH } from './shapes';
import { fontOf, textWidth, write } from './text';
import { percentShort } from '../lib/numbers';

const RIGHT = 8;
const FIGURE = 48;
const GAP = 6; // between a name and its value

/** Draws the rows of `node` from `top` down, in the node's own pixels. */
export function paintRows(
  ctx: CanvasRenderingContext2D,
  frame: Frame,
  node: number,
  left: number,
  top: number,
): void {
  const { rows } = frame.document;
  if (rows === null || rows.start[node] === rows.start[node + 1]) return;
  const { colours, scene, theme, tiles, zoom } = frame;
  const right = scene.nodeWidth[node] - RIGHT;
  const hair = hairline(frame) / zoom;
  // Rows stand on the node's plain ground, also where a mode colours the box.
  ctx.fillStyle = theme.surface;
  const height = scene.nodeHeight[node] - top;
  ctx.beginPath();
  ctx.roundRect(STRIP_WIDTH, top, scene.nodeWidth[node] - STRIP_WIDTH - hair, height - hair, [0, 0, 4, 0]);
  ctx.fill();
  ctx.fillStyle = theme.line;
  ctx.fillRect(STRIP_WIDTH, top, scene.nodeWidth[node] - STRIP_WIDTH - hair, hair);
  const strong = fontOf(frame, 11, 600);
  const plain = fontOf(frame, 11);
  for (let row = rows.start[node]; row < rows.start[node + 1]; row++) {
    const base = top + (row - rows.start[node]) * ROW_HEIGHT + ROW_AIR + 13;
    const weight = rows.weight[row] >= 0;
    const room = right - left - (weight ? FIGURE : 0);
    const name = rows.name[row];
    // A short value leaves its room to a long name.
    const most = Math.max(room / 2, room - GAP - textWidth(ctx, plain, rows.text[row]));
    const taken = name === '' ? 0 : write(ctx, name, strong, theme.ink2, left, base, most) + GAP;
    write(ctx, rows.text[row], plain, theme.ink3, left + taken, base, room - taken);
    if (!weight) continue;
    const share = tiles?.rowShare?.[row] ?? NaN;
    const known = !Number.isNaN(share);
    ctx.textAlign = 'right';
    write(ctx, known ? percentShort(share) : '…', strong, theme.ink, right - 12, base, FIGURE);
    ctx.textAlign = 'left';
    // The colour of sparsity only where nothing else on the screen has a colour scale.
    if (!known || share === 0 || !colours.scale) continue;
    ctx.fillStyle = theme.scale(share);
    ctx.fillRect(right - 8, base - 8, 8, 8);
    ctx.strokeStyle = theme.tileLine;
    ctx.lineWidth = hair;
    ctx.strokeRect(right - 8, base - 8, 8, 8);
  }
}
