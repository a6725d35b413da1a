// A picture for a file: the whole graph, or what is on the canvas, with a title above and the legend below.
import { LabelPlaces } from '../graph/labels';
import type { Scene } from '../graph/scene';
import { FULL_FROM, levelOf, type Frame } from './frame';
import type { Legend } from './modes/mode';
import { paint } from './paint';
import { layLegend, paintLegend } from './paint-legend';
import { elide, textWidth } from './text';

export interface Still {
  /** bold, and what stands beside it */
  readonly title: string;
  readonly remark: string;
  /** null: the picture has none */
  readonly legend: Legend | null;
}

const PAD = 24;
const HEAD = 44;
/** Narrower pictures would break the legend into too many lines, px. */
const LEAST_WIDTH = 480;

/** Pixels of a PNG: no side and no area larger than what browsers can paint. */
const MOST_SIDE = 16_000;
const MOST_AREA = 100e6;
/** Beyond this an SVG tells no names: the file would be larger than what viewers open. */
const MOST_TOLD = 12_000;

/** The scale of a PNG of the whole graph: twice as fine as the screen, or as fine as it may be. */
export function pngScale(width: number, height: number): number {
  return Math.min(2, MOST_SIDE / Math.max(width, height), Math.sqrt(MOST_AREA / (width * height)));
}

/** The zoom at which an SVG tells a graph of so many nodes. */
export function svgZoom(nodes: number): number {
  return nodes <= MOST_TOLD ? 1 : 0.3;
}

/** The whole graph at a zoom, nothing hovered, selected or searched for. */
export function wholeFrame(now: Frame, scene: Scene, zoom: number, ratio: number): Frame {
  const full = zoom >= FULL_FROM;
  const labels = full ? new LabelPlaces(scene, now.shapes) : null;
  const world = { x: 0, y: 0, width: scene.width, height: scene.height };
  labels?.reach(world);
  const wide = Math.max(scene.width * zoom + 2 * PAD, LEAST_WIDTH);
  return {
    ...atRest(now), scene, labels, zoom, ratio, level: levelOf(zoom), selection: new Set(), matches: null,
    width: wide, height: scene.height * zoom + 2 * PAD, originX: Math.round((wide - scene.width * zoom) / 2), originY: PAD,
    visible: { x: -PAD / zoom, y: -PAD / zoom, width: wide / zoom + PAD / zoom, height: scene.height + (2 * PAD) / zoom },
  };
}

/** What is on the canvas, without what only the pointer shows. */
export function atRest(now: Frame): Frame {
  return { ...now, hover: -1, hoverStub: -1, hoverEdge: -1, hoverShare: 0, rubber: null };
}

/** Size of the picture around a frame, CSS px. */
export function stillSize(ctx: CanvasRenderingContext2D, frame: Frame, still: Still): { width: number; height: number } {
  const legend = still.legend === null ? 0 : layLegend(ctx, still.legend, frame.theme, frame.width - 2 * PAD).height + PAD;
  return { width: frame.width, height: HEAD + frame.height + legend };
}

export function paintStill(ctx: CanvasRenderingContext2D, frame: Frame, still: Still): void {
  const { theme, width, ratio } = frame;
  const size = stillSize(ctx, frame, still);
  // The painters place everything by the frame's origin, on its own background: the frame comes first.
  const below: Frame = { ...frame, originY: frame.originY + HEAD, height: frame.height + HEAD };
  paint(ctx, below);
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.globalAlpha = 1;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, width, HEAD - 8);
  ctx.fillRect(0, HEAD + frame.height, width, size.height - HEAD - frame.height);
  ctx.fillStyle = theme.line;
  ctx.fillRect(0, HEAD - 8, width, 1);
  if (still.legend !== null) ctx.fillRect(0, HEAD + frame.height, width, 1);
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  const bold = `600 14px ${theme.fontUi}`;
  const plain = `400 12px ${theme.fontUi}`;
  const remark = textWidth(ctx, plain, still.remark);
  const title = elide(still.title, Math.max(width - 2 * PAD - remark - 14, 120), (part) => textWidth(ctx, bold, part));
  ctx.font = bold;
  ctx.fillStyle = theme.ink;
  ctx.fillText(title, PAD, 24);
  const room = width - 2 * PAD - textWidth(ctx, bold, title) - 14;
  ctx.font = plain;
  ctx.fillStyle = theme.ink2;
  if (room > 40) ctx.fillText(elide(still.remark, room, (part) => textWidth(ctx, plain, part)), width - PAD - Math.min(remark, room), 24);
  if (still.legend !== null) paintLegend(ctx, still.legend, theme, PAD, HEAD + frame.height + 14, width - 2 * PAD);
}
