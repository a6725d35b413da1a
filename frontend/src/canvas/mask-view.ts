// The large mask view: pan, zoom to single weights, values under the pointer; redraws on demand only.
import type { MaskFacts, Violations } from '../api/schema';
import { bytesOf, imageOf, maskPixels, type Look } from './mask-look';
import { centred, fitted, nextZoom, placeAt, poolOf, settled, tilesInSight, zoomed, type Camera, type TilePlace } from './mask-camera';
import { paintBoundaries, paintGroups, paintPartNames, paintPatch, type Frame, type Patch } from './mask-paint';
import { readTheme, type Theme } from './theme';

export interface MaskHost {
  tile(place: TilePlace): Promise<Uint8Array>;
  values(row: number, column: number, height: number, width: number): Promise<Float32Array>;
  /** The entry under the pointer and its value, null while it is on its way; null: none. */
  onHover(place: { row: number; column: number; value: number | null } | null): void;
  onZoom(zoom: number): void;
}

const KEPT_TILES = 96;
const KEPT_VALUES = 32;
const VALUES_SIDE = 64;
/** Rings beyond these would only hide what they are about. */
const MOST_RINGS = 500;
/** Device pixels per entry when the view goes to a group. */
const CLOSE = 16;

export class MaskView {
  private camera: Camera = { zoom: 1, x: 0, y: 0 };
  private theme: Theme;
  private look: Look = 'both';
  private groups: Violations | null = null;
  private chosen = -1;
  private readonly tiles = new Map<string, Uint8Array | 'asked'>();
  private readonly patches = new Map<string, Patch | null>();
  private readonly values = new Map<string, Float32Array | 'asked'>();
  private pointer: { row: number; column: number } | null = null;
  private drag: { x: number; y: number } | null = null;
  private frame = 0;
  private gone = false;
  private placed = false;
  private readonly observer: ResizeObserver;
  private readonly stop = new AbortController();

  /** `names`: of the stacked parts, none where there is one only. */
  constructor(
    private readonly canvas: HTMLCanvasElement, private readonly mask: MaskFacts, private readonly names: readonly string[], private readonly host: MaskHost,
  ) {
    this.theme = readTheme(canvas);
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void, passive = true) =>
      canvas.addEventListener(name, act, { signal: this.stop.signal, passive });
    on('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.drag = { x: event.clientX, y: event.clientY };
    });
    on('pointerup', () => { this.drag = null; });
    on('pointercancel', () => { this.drag = null; });
    on('pointermove', (event) => this.moved(event));
    on('pointerleave', () => this.hover(null));
    on('wheel', (event) => this.wheeled(event), false);
    on('dblclick', (event) => this.zoomBy(1, this.at(event)));
    // Anywhere in the dialog: who has pressed a button still wants to move the mask.
    (canvas.closest('dialog') ?? canvas).addEventListener('keydown', (event) => this.key(event as KeyboardEvent), { signal: this.stop.signal });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas);
    this.resize();
  }

  get zoom(): number {
    return this.camera.zoom;
  }

  setLook(look: Look): void {
    this.look = look;
    this.patches.clear();
    this.redraw();
  }

  setTheme(): void {
    this.theme = readTheme(this.canvas);
    this.patches.clear();
    this.redraw();
  }

  /** Groups to ring; the view goes to the one called `chosen`, by its place in the list. */
  setGroups(groups: Violations | null, chosen: number): void {
    this.groups = groups;
    this.chosen = chosen;
    const group = groups?.first[chosen];
    if (group) {
      const zoom = Math.max(this.camera.zoom, CLOSE);
      this.take(centred(group.row + group.height / 2, group.column + group.width / 2, zoom, this.mask, this.size));
    }
    this.redraw();
  }

  fit(): void {
    this.take(fitted(this.mask, this.size));
  }

  /** One step in (+1) or out (-1), about the middle or a point in device px. */
  zoomBy(step: number, at = { x: this.canvas.width / 2, y: this.canvas.height / 2 }): void {
    this.take(zoomed(this.camera, nextZoom(this.camera.zoom, step), at, this.mask, this.size));
  }

  dispose(): void {
    this.gone = true;
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    this.stop.abort();
  }

  private get size(): { width: number; height: number } {
    return { width: this.canvas.width, height: this.canvas.height };
  }

  private get ratio(): number {
    return devicePixelRatio || 1;
  }

  private at(event: MouseEvent): { x: number; y: number } {
    return { x: event.offsetX * this.ratio, y: event.offsetY * this.ratio };
  }

  private take(camera: Camera): void {
    this.camera = camera;
    this.host.onZoom(camera.zoom);
    this.redraw();
  }

  private resize(): void {
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * this.ratio));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * this.ratio));
    this.take(this.placed ? settled(this.camera, this.mask, this.size) : fitted(this.mask, this.size));
    this.placed = this.canvas.clientWidth > 0;
  }

  private moved(event: PointerEvent): void {
    if (this.drag) {
      const { x, y } = this.camera;
      this.take(settled({
        zoom: this.camera.zoom,
        x: x + Math.round((event.clientX - this.drag.x) * this.ratio),
        y: y + Math.round((event.clientY - this.drag.y) * this.ratio),
      }, this.mask, this.size));
      this.drag = { x: event.clientX, y: event.clientY };
    }
    const point = this.at(event);
    this.hover(placeAt(this.camera, point.x, point.y));
  }

  private wheeled(event: WheelEvent): void {
    event.preventDefault();
    this.zoomBy(event.deltaY < 0 ? 1 : -1, this.at(event));
    const point = this.at(event);
    this.hover(placeAt(this.camera, point.x, point.y));
  }

  private key(event: KeyboardEvent): void {
    const own = event.target === this.canvas;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || (event.key === ' ' && !own)) return;
    const step = Math.round(48 * this.ratio);
    const moves: Record<string, [number, number]> = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const move = moves[event.key];
    if (move) this.take(settled({ zoom: this.camera.zoom, x: this.camera.x + move[0], y: this.camera.y + move[1] }, this.mask, this.size));
    else if (event.key === '+' || event.key === '=') this.zoomBy(1);
    else if (event.key === '-') this.zoomBy(-1);
    else if (event.key === '0' || event.key === ' ') this.fit();
    else return;
    event.preventDefault();
  }

  private hover(place: { row: number; column: number } | null): void {
    const inside = place !== null && place.row >= 0 && place.column >= 0 && place.row < this.mask.height && place.column < this.mask.width;
    this.pointer = inside ? place : null;
    this.host.onHover(this.pointer && { ...this.pointer, value: this.valueAt(this.pointer) });
  }

  /** The value of an entry, asked for with its neighbours; null until it is there. */
  private valueAt(place: { row: number; column: number }): number | null {
    const row = Math.floor(place.row / VALUES_SIDE) * VALUES_SIDE;
    const column = Math.floor(place.column / VALUES_SIDE) * VALUES_SIDE;
    const [height, width] = [Math.min(VALUES_SIDE, this.mask.height - row), Math.min(VALUES_SIDE, this.mask.width - column)];
    const key = `${row},${column}`;
    const known = this.values.get(key);
    if (known instanceof Float32Array) return known[(place.row - row) * width + place.column - column] ?? null;
    if (known === undefined) {
      forget(this.values, KEPT_VALUES);
      this.values.set(key, 'asked');
      void this.host.values(row, column, height, width).then((found) => {
        this.values.set(key, found);
        if (!this.gone && this.pointer) this.hover(this.pointer);
      }, () => this.values.delete(key));
    }
    return null;
  }

  private redraw(): void {
    if (this.frame === 0 && !this.gone) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.paint();
      });
    }
  }

  private paint(): void {
    const ctx = this.canvas.getContext('2d');
    if (ctx === null || this.gone) return;
    const { zoom, x, y } = this.camera;
    const frame: Frame = { x, y, perRow: zoom, perColumn: zoom, ratio: this.ratio };
    ctx.fillStyle = this.theme.canvas;
    ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.fillStyle = this.theme.surface;
    ctx.fillRect(x, y, Math.ceil(this.mask.width * zoom), Math.ceil(this.mask.height * zoom));
    const overview = this.patch('overview', () => overviewPatch(this.mask, this.theme, this.look));
    const tiles = tilesInSight(this.camera, this.mask, this.size, this.mask.tile);
    const ready = tiles.map((tile) => this.tile(tile));
    if (overview && ready.includes(null)) paintPatch(ctx, frame, overview);
    for (const patch of ready) if (patch) paintPatch(ctx, frame, patch);
    paintBoundaries(ctx, frame, this.mask, this.theme);
    paintPartNames(ctx, frame, this.mask, this.names, this.canvas.height, this.theme);
    if (this.groups) paintGroups(ctx, frame, this.groups, MOST_RINGS, this.chosen, this.theme);
  }

  private tile(place: TilePlace): Patch | null {
    const key = `${place.pool},${place.row},${place.column}`;
    const known = this.tiles.get(key);
    if (known instanceof Uint8Array) return this.patch(key, () => tilePatch(this.mask, place, known, this.theme, this.look));
    if (known === undefined) {
      forget(this.tiles, KEPT_TILES);
      forget(this.patches, KEPT_TILES);
      this.tiles.set(key, 'asked');
      void this.host.tile(place).then((bytes) => {
        this.tiles.set(key, bytes);
        if (poolOf(this.camera) === place.pool) this.redraw();
      }, () => this.tiles.delete(key));
    }
    return null;
  }

  private patch(key: string, make: () => Patch | null): Patch | null {
    let patch = this.patches.get(key);
    if (patch === undefined) {
      patch = make();
      this.patches.set(key, patch);
    }
    return patch;
  }
}

/** Lets the oldest half go once there are too many. */
function forget(kept: Map<string, unknown>, most: number): void {
  if (kept.size < most) return;
  for (const key of [...kept.keys()].slice(0, most / 2)) kept.delete(key);
}

/** The whole image, as it came with the facts. */
export function overviewPatch(mask: MaskFacts, theme: Theme, look: Look): Patch | null {
  const [width, height] = [Math.ceil(mask.width / mask.pool_columns), Math.ceil(mask.height / mask.pool_rows)];
  const pixels = maskPixels(bytesOf(mask.density), bytesOf(mask.magnitude), theme.surface, theme.ink, look);
  const image = imageOf(pixels, width, height);
  return image && { image, row: 0, column: 0, rows: mask.height, columns: mask.width, width, height, poolRows: mask.pool_rows, poolColumns: mask.pool_columns };
}

function tilePatch(mask: MaskFacts, place: TilePlace, bytes: Uint8Array, theme: Theme, look: Look): Patch | null {
  const span = mask.tile * place.pool;
  const [row, column] = [place.row * span, place.column * span];
  const [rows, columns] = [Math.min(span, mask.height - row), Math.min(span, mask.width - column)];
  const [width, height] = [Math.ceil(columns / place.pool), Math.ceil(rows / place.pool)];
  const half = width * height;
  const image = imageOf(maskPixels(bytes.subarray(0, half), bytes.subarray(half), theme.surface, theme.ink, look), width, height);
  return image && { image, row, column, rows, columns, width, height, poolRows: place.pool, poolColumns: place.pool };
}
