// Where the large mask view looks: zooms at which a weight, or a square of weights, is whole pixels.
import { clamp } from '../lib/geometry';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Device pixels per weight: under 1 a pixel pools 1 / zoom x 1 / zoom weights, a power of two. */
const LARGE = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];
const MOST_POOLED = 2 ** 14;
/** Device px beyond an edge, so that a ring round what lies there is seen whole. */
const MARGIN = 24;

export interface Camera {
  readonly zoom: number;
  /** Device pixel of the image's top left corner; whole numbers. */
  readonly x: number;
  readonly y: number;
}

export interface TilePlace {
  readonly pool: number;
  readonly row: number;
  readonly column: number;
}

/** The next zoom in (+1) or out (-1). */
export function nextZoom(zoom: number, step: number): number {
  if (zoom < 1 || (zoom === 1 && step < 0)) return clamp(step > 0 ? zoom * 2 : zoom / 2, 1 / MOST_POOLED, 1);
  const at = LARGE.findIndex((one) => one >= zoom);
  return LARGE[clamp(at + Math.sign(step), 0, LARGE.length - 1)]!;
}

/** The largest zoom that shows the whole image. */
export function fitZoom(image: Size, view: Size): number {
  const room = Math.min(view.width / Math.max(image.width, 1), view.height / Math.max(image.height, 1));
  const fitting = LARGE.filter((zoom) => zoom <= room).at(-1);
  if (fitting !== undefined) return fitting;
  let zoom = 1;
  while (zoom > room && zoom > 1 / MOST_POOLED) zoom /= 2;
  return zoom;
}

/** The image stays in sight: in the middle where it is smaller than the view, else without a gap but a margin. */
export function settled(camera: Camera, image: Size, view: Size): Camera {
  const place = (at: number, size: number, room: number) => {
    const shown = Math.ceil(size * camera.zoom);
    return shown <= room ? Math.floor((room - shown) / 2) : Math.round(clamp(at, room - shown - MARGIN, MARGIN));
  };
  return { zoom: camera.zoom, x: place(camera.x, image.width, view.width), y: place(camera.y, image.height, view.height) };
}

export function fitted(image: Size, view: Size): Camera {
  return settled({ zoom: fitZoom(image, view), x: 0, y: 0 }, image, view);
}

/** The same view one zoom further; the weight under the point `at` (device px) stays there. */
export function zoomed(camera: Camera, zoom: number, at: { x: number; y: number }, image: Size, view: Size): Camera {
  const factor = zoom / camera.zoom;
  return settled({ zoom, x: Math.round(at.x - (at.x - camera.x) * factor), y: Math.round(at.y - (at.y - camera.y) * factor) }, image, view);
}

/** The view with a row and column of the image in the middle. */
export function centred(row: number, column: number, zoom: number, image: Size, view: Size): Camera {
  return settled({ zoom, x: Math.round(view.width / 2 - column * zoom), y: Math.round(view.height / 2 - row * zoom) }, image, view);
}

/** How many weights along a side one pixel of a tile pools. */
export function poolOf(camera: Camera): number {
  return camera.zoom >= 1 ? 1 : Math.round(1 / camera.zoom);
}

/** The tiles in sight, `side` pixels wide, middle first, so that those come first. */
export function tilesInSight(camera: Camera, image: Size, view: Size, side: number): TilePlace[] {
  const pool = poolOf(camera);
  const span = side * pool * camera.zoom; // device px
  const range = (at: number, size: number, room: number): [number, number] => [
    Math.max(0, Math.floor(-at / span)),
    Math.min(Math.ceil(size / (side * pool)), Math.ceil((room - at) / span)),
  ];
  const [top, bottom] = range(camera.y, image.height, view.height);
  const [left, right] = range(camera.x, image.width, view.width);
  const found: TilePlace[] = [];
  for (let row = top; row < bottom; row += 1) for (let column = left; column < right; column += 1) found.push({ pool, row, column });
  const away = (tile: TilePlace) => Math.abs(tile.row + 0.5 - (top + bottom) / 2) + Math.abs(tile.column + 0.5 - (left + right) / 2);
  return found.toSorted((a, b) => away(a) - away(b));
}

/** The row and column of the image under a point, device px. */
export function placeAt(camera: Camera, x: number, y: number): { row: number; column: number } {
  return { row: Math.floor((y - camera.y) / camera.zoom), column: Math.floor((x - camera.x) / camera.zoom) };
}
