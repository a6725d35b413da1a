// The whole graph on a few thousand pixels: where everything lies, and each node's colour.
import type { GraphDocument } from '../graph/document';
import type { Scene } from '../graph/scene';
import type { Box, Point } from '../lib/geometry';
import { HOLLOW, NO_COLOUR, SOLID, STRIPED, type Colours } from './colours';

/** Nothing is drawn larger than this. */
const LARGEST = 0.3;
/** A long thin graph is stretched to this share of the map across. */
const LEAST_SHARE = 0.34;

/** World to map: `x * scaleX + left`, `y * scaleY + top`; px of the map. */
export interface Fit {
  readonly left: number;
  readonly top: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

/** Puts a world of `world` size into a map; the two scales differ where the world is long and thin. */
export function fitMap(world: { width: number; height: number }, map: { width: number; height: number }): Fit {
  const [wide, high] = [Math.max(world.width, 1), Math.max(world.height, 1)];
  const even = Math.min(map.width / wide, map.height / high, LARGEST);
  const scaleX = Math.max(even, Math.min((map.width * LEAST_SHARE) / wide, LARGEST));
  const scaleY = Math.max(even, Math.min((map.height * LEAST_SHARE) / high, LARGEST));
  return {
    scaleX,
    scaleY,
    left: (map.width - wide * scaleX) / 2,
    top: (map.height - high * scaleY) / 2,
  };
}

/** The part of the map that shows `visible`, inside the map and at least `least` px wide and high. */
export function viewOnMap(fit: Fit, visible: Box, map: { width: number; height: number }, least = 6): Box {
  const left = Math.max(visible.x * fit.scaleX + fit.left, 0);
  const top = Math.max(visible.y * fit.scaleY + fit.top, 0);
  const right = Math.min((visible.x + visible.width) * fit.scaleX + fit.left, map.width);
  const bottom = Math.min((visible.y + visible.height) * fit.scaleY + fit.top, map.height);
  const width = Math.max(right - left, least);
  const height = Math.max(bottom - top, least);
  return { x: Math.min(left, map.width - width), y: Math.min(top, map.height - height), width, height };
}

/** The place of the world under a place of the map; from beside the world, or the map, the nearest that is in it. */
export function toWorld(fit: Fit, at: Point, world: { width: number; height: number }): Point {
  return {
    x: Math.max(0, Math.min((at.x - fit.left) / fit.scaleX, world.width)),
    y: Math.max(0, Math.min((at.y - fit.top) / fit.scaleY, world.height)),
  };
}

/** True when all of the world is on screen: a map tells nothing then. */
export function showsAll(visible: Box, world: { width: number; height: number }): boolean {
  return (
    visible.x <= 0 &&
    visible.y <= 0 &&
    visible.x + visible.width >= world.width &&
    visible.y + visible.height >= world.height
  );
}

/** Packed colours of what has none of its own. */
export interface Ground {
  readonly surface: number;
  readonly tick: number;
  readonly dense: number;
}

/**
 * Pixels of the map, RGBA, row by row; `fit` is in these pixels. Operators without weights first,
 * so that layers stay in sight where they share a pixel.
 */
export function rasterize(
  scene: Scene,
  document: GraphDocument,
  colours: Colours,
  ground: Ground,
  fit: Fit,
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(width * height * 4);
  const words = new Uint32Array(pixels.buffer);
  words.fill(abgr(ground.surface));
  for (const layers of [0, 1]) {
    for (let node = 0; node < scene.count; node++) {
      if (document.layer[node] !== layers) continue;
      const colour = abgr(colourOf(colours, ground, node));
      const x = Math.max(Math.floor(scene.x[node] * fit.scaleX + fit.left), 0);
      const y = Math.max(Math.floor(scene.y[node] * fit.scaleY + fit.top), 0);
      const right = Math.min(Math.max(Math.round((scene.x[node] + scene.nodeWidth[node]) * fit.scaleX + fit.left), x + 1), width);
      const bottom = Math.min(Math.max(Math.round((scene.y[node] + scene.nodeHeight[node]) * fit.scaleY + fit.top), y + 1), height);
      for (let row = y; row < bottom; row++) words.fill(colour, row * width + x, row * width + right);
    }
  }
  return pixels;
}

/** Where the hits of a search lie on the map: middles of nodes, each place once, at least 1 px apart. */
export function hitsOnMap(scene: Scene, hits: Iterable<number>, fit: Fit): Point[] {
  const places = new Map<string, Point>();
  for (const node of hits) {
    const x = Math.round((scene.x[node] + scene.nodeWidth[node] / 2) * fit.scaleX + fit.left);
    const y = Math.round((scene.y[node] + scene.nodeHeight[node] / 2) * fit.scaleY + fit.top);
    places.set(`${x} ${y}`, { x, y });
  }
  return [...places.values()];
}

function colourOf({ look, rgb }: Colours, { surface, tick, dense }: Ground, node: number): number {
  if (look[node] === SOLID) return rgb[node];
  if (look[node] === HOLLOW) return dense;
  if (look[node] !== STRIPED || rgb[node] === NO_COLOUR) return tick;
  // A claim is half its colour.
  return ((rgb[node] >>> 1) & 0x7f7f7f) + ((surface >>> 1) & 0x7f7f7f);
}

/** 0xRRGGBB as an opaque pixel in the byte order of image data. */
function abgr(colour: number): number {
  return (0xff000000 | ((colour & 255) << 16) | (colour & 0xff00) | ((colour >> 16) & 255)) >>> 0;
}
