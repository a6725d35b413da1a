// Outlines that several painters draw: strips, tiles, stripes.

/** Corners of a node. */
export const RADIUS = 5;
/** The strip of the operator's category, world px. */
export const STRIP_WIDTH = 5;

/** The left strip of a node: its left corners are round. */
export function strip(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, [radius, 0, 0, radius]);
  ctx.fill();
}

/** The right end of a node: its right corners are round; with `open` only the upper one. */
export function rightEnd(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
  open = false,
): void {
  ctx.beginPath();
  ctx.roundRect(x, y, width, height, [0, radius, open ? 0 : radius, 0]);
}

/** Slanted stripes of 2 px every 6 px, inside the box: a claim, not a fact. */
export function stripes(
  ctx: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.globalAlpha *= 0.6;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.beginPath();
  // 6 px across the stripes are 6 * sqrt(2) along the side.
  for (let at = x - height; at < x + width; at += 8.5) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

/** A small chevron, its point 3.5 px right of `x`: the node opens into a graph of its own. */
export function chevron(ctx: CanvasRenderingContext2D, ink: string, x: number, y: number): void {
  ctx.strokeStyle = ink;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.moveTo(x, y - 3.5);
  ctx.lineTo(x + 3.5, y);
  ctx.lineTo(x, y + 3.5);
  ctx.stroke();
}
