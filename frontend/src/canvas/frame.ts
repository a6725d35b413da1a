// Everything one picture depends on, and the mapping from world to screen that all painters share.
import { OPERATOR, type GraphDocument } from '../graph/document';
import type { Labels } from '../graph/labels';
import type { Scene } from '../graph/scene';
import type { Box, Point } from '../lib/geometry';
import { cssOf, HOLLOW, inkOver, SOLID, type Colours } from './colours';
import type { Theme } from './theme';
import type { Tiles } from './tiles';

export type Level = 'full' | 'small' | 'far';

export const FULL_FROM = 0.8;
export const SMALL_FROM = 0.35;

/** How much of a node is told at a zoom. */
export function levelOf(zoom: number): Level {
  return zoom >= FULL_FROM ? 'full' : zoom >= SMALL_FROM ? 'small' : 'far';
}

export interface Frame {
  readonly document: GraphDocument;
  readonly scene: Scene;
  /** Shape of each edge's tensor, '' where it is not known. */
  readonly shapes: readonly string[];
  /** Shapes beside the edges; null below the full level. */
  readonly labels: Labels | null;
  readonly theme: Theme;
  readonly tiles: Tiles | null;
  readonly colours: Colours;
  readonly selection: ReadonlySet<number>;
  /** Nodes that a search found; null without a search. */
  readonly matches: ReadonlySet<number> | null;
  /** Node under the pointer, or -1. */
  readonly hover: number;
  /** Stub under the pointer, or -1. */
  readonly hoverStub: number;
  /** Edge under the pointer, and the one that was clicked, or -1. */
  readonly hoverEdge: number;
  readonly pickedEdge: number;
  /** Where the pointer came to what is under it, screen px. */
  readonly hoverAt: Point;
  /** How far the look of what is under the pointer has come up, 0..1. */
  readonly hoverShare: number;
  /** The selection box being drawn, screen px. */
  readonly rubber: Box | null;
  /** Size of the canvas, CSS px; device pixels per CSS px. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly zoom: number;
  readonly level: Level;
  /** Screen position of the world's origin, on a whole device pixel. */
  readonly originX: number;
  readonly originY: number;
  /** The part of the world on screen. */
  readonly visible: Box;
}

export const DIMMED = 0.28;

/** One line of whole device pixels, about 1 CSS px: sharp at 1x, 1.5x and 2x. */
export function hairline(frame: Frame): number {
  return Math.max(1, Math.floor(frame.ratio)) / frame.ratio;
}

/** True for operators that are drawn large, because they have weights. */
export function isLayer({ document }: Frame, node: number): boolean {
  return document.layer[node] === 1 && document.kind[node] === OPERATOR;
}

/** CSS colour of a node's tile; meant for nodes whose look has a colour. */
export function fillOf(frame: Frame, node: number): string {
  return cssOf(frame.colours.rgb[node]);
}

/** Colour of text and glyph on a node's tile. */
export function inkOf(frame: Frame, node: number): string {
  const { colours, theme } = frame;
  if (colours.look[node] === SOLID) return inkOver(colours.rgb[node]);
  return colours.look[node] === HOLLOW ? theme.ink : theme.ink2;
}

export function isDimmed(frame: Frame, node: number): boolean {
  return frame.matches !== null && !frame.matches.has(node) && !frame.selection.has(node);
}

/**
 * A node's box on screen, its edges on whole device pixels, at least one of them apart; `growth`
 * px of the world larger to each side.
 */
export function screenBox(frame: Frame, node: number, growth = 0): Box {
  const { scene } = frame;
  return onGrid(
    frame,
    scene.x[node] - growth,
    scene.y[node] - growth,
    scene.nodeWidth[node] + 2 * growth,
    scene.nodeHeight[node] + 2 * growth,
  );
}

/** A box of the world on screen, its edges on whole device pixels, at least one of them apart. */
export function onGrid({ ratio, zoom, originX, originY }: Frame, x: number, y: number, width: number, height: number): Box {
  const snap = (value: number): number => Math.round(value * ratio) / ratio;
  const [left, top] = [snap(originX + x * zoom), snap(originY + y * zoom)];
  const right = snap(originX + (x + width) * zoom);
  const bottom = snap(originY + (y + height) * zoom);
  return { x: left, y: top, width: Math.max(right - left, 1 / ratio), height: Math.max(bottom - top, 1 / ratio) };
}

/** A node's size in its own pixels, its right and bottom edge on whole device pixels: for `inNode`. */
export function nodeSize(frame: Frame, node: number): { width: number; height: number } {
  const { width, height } = screenBox(frame, node);
  return { width: width / frame.zoom, height: height / frame.zoom };
}

/** A length inside a node that ends on a whole device pixel; for `inNode`. */
export function onPixel({ ratio, zoom }: Frame, length: number): number {
  const scale = ratio * zoom;
  return Math.round(length * scale) / scale;
}

/** Screen pixels: one unit is one CSS px. */
export function inScreen(ctx: CanvasRenderingContext2D, frame: Frame): void {
  ctx.setTransform(frame.ratio, 0, 0, frame.ratio, 0, 0);
}

/** World pixels. */
export function inWorld(ctx: CanvasRenderingContext2D, frame: Frame): void {
  const scale = frame.ratio * frame.zoom;
  ctx.setTransform(scale, 0, 0, scale, frame.originX * frame.ratio, frame.originY * frame.ratio);
}

/** A node's own pixels: 0, 0 is its top left corner, on a whole device pixel. */
export function inNode(ctx: CanvasRenderingContext2D, frame: Frame, node: number): void {
  const scale = frame.ratio * frame.zoom;
  ctx.setTransform(
    scale,
    0,
    0,
    scale,
    Math.round((frame.originX + frame.scene.x[node] * frame.zoom) * frame.ratio),
    Math.round((frame.originY + frame.scene.y[node] * frame.zoom) * frame.ratio),
  );
}
