// A picture for a file: the whole graph, or what is on the canvas, with a title above and the legend below.
import { planFold } from '../graph/fold';
import { foldScene } from '../graph/folded';
import { LabelPlaces } from '../graph/labels';
import type { Scene } from '../graph/scene';
import { FULL_FROM, levelOf, type Frame } from './frame';
import type { Legend } from './modes/mode';
import { paint } from './paint';
import { layLegend, paintLegend } from './paint-legend';
import { textWidth, write } from './text';

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

/** Drawings longer than this, px, and so many times as long as wide, are wrapped into columns. */
const LONG = 8000;
const SLIM = 3;
/** The shape of a picture that people look at as a whole. */
const SHAPE = { width: 3, height: 2 };

/** The drawing that a picture shows: as it is, or wrapped into columns where it would be a thread. */
export function wholeScene(scene: Scene): Scene {
  const [long, short] = [Math.max(scene.width, scene.height), Math.min(scene.width, scene.height)];
  const fold = long > LONG && long > SLIM * short ? planFold(scene, SHAPE) : null;
  return fold === null ? scene : foldScene(scene, fold);
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

/** Title and legend grow with the picture: on the whole of it they can be read. */
function growth(frame: Frame): number {
  return Math.max(1, Math.min(8, frame.width / 1600));
}

/** Size of the picture around a frame, CSS px. */
export function stillSize(ctx: CanvasRenderingContext2D, frame: Frame, still: Still): { width: number; height: number } {
  const by = growth(frame);
  const legend = still.legend === null ? 0 : layLegend(ctx, still.legend, frame.theme, frame.width / by - 2 * PAD).height + PAD;
  return { width: frame.width, height: frame.height + by * (HEAD + legend) };
}

export function paintStill(ctx: CanvasRenderingContext2D, frame: Frame, still: Still): void {
  const { theme, ratio } = frame;
  const by = growth(frame);
  // The painters place everything by the frame's origin, on its own background: the frame comes first.
  paint(ctx, { ...frame, originY: frame.originY + HEAD * by, height: frame.height + HEAD * by });
  ctx.setTransform(ratio * by, 0, 0, ratio * by, 0, 0);
  ctx.globalAlpha = 1;
  const width = frame.width / by;
  const foot = HEAD + frame.height / by;
  head(ctx, frame, still, width);
  if (still.legend === null) return;
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, foot, width, stillSize(ctx, frame, still).height / by - foot);
  ctx.fillStyle = theme.line;
  ctx.fillRect(0, foot, width, 1);
  paintLegend(ctx, still.legend, theme, PAD, foot + 14, width - 2 * PAD);
}

/** The title at the left, the remark at the right; a long title gives way. */
function head(ctx: CanvasRenderingContext2D, { theme }: Frame, { title, remark }: Still, width: number): void {
  ctx.fillStyle = theme.surface;
  ctx.fillRect(0, 0, width, HEAD - 8);
  ctx.fillStyle = theme.line;
  ctx.fillRect(0, HEAD - 8, width, 1);
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  const bold = `600 14px ${theme.fontUi}`;
  const plain = `400 12px ${theme.fontUi}`;
  const wide = textWidth(ctx, plain, remark);
  const named = write(ctx, title, bold, theme.ink, PAD, 24, Math.max(width - 2 * PAD - wide - 14, 120));
  const room = width - 2 * PAD - named - 14;
  if (room > 40) write(ctx, remark, plain, theme.ink2, width - PAD - Math.min(wide, room), 24, room);
}
