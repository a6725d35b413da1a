// The graph on a canvas: owns camera and state, repaints on demand, turns gestures into selections.
import type { GraphDocument } from '../graph/document';
import { placeLabels, type Labels } from '../graph/labels';
import { nodeAt, nodesIn, type Scene } from '../graph/scene';
import { contains, type Box, type Point } from '../lib/geometry';
import { Camera } from './camera';
import { levelOf, type Frame } from './frame';
import { paint } from './paint';
import { listen, type WheelMode } from './pointer';
import { forgetWidths } from './text';
import { readTheme, type Theme } from './theme';
import type { Tiles } from './tiles';

export type { Tiles, TileState } from './tiles';
export type { WheelMode } from './pointer';

/** What the canvas tells; indices are node positions in the document. */
export interface GraphHost {
  /** A click or a box; an empty list with 'replace' is a click on empty ground. */
  onSelect(indices: number[], how: 'replace' | 'toggle'): void;
  /** -1 when no node is under the pointer. */
  onHover(index: number): void;
  /** `index` is -1 on empty ground; `x`, `y` are client coordinates. */
  onContextMenu(index: number, x: number, y: number): void;
  /** A double click on a node. */
  onOpen(index: number): void;
  onCamera(zoom: number): void;
}

/** Zoom at which a whole graph counts as small enough to start with, and at which one is read. */
const READABLE = 0.8;
/** A node can be hit this far outside its box, screen px, where it is drawn small. */
const HIT_REACH = 3;
const NONE: ReadonlySet<number> = new Set();

export class GraphView {
  private readonly camera = new Camera();
  private readonly context: CanvasRenderingContext2D;
  private readonly observer: ResizeObserver | null;
  private readonly silence: () => void;
  private theme: Theme;
  private document: GraphDocument | null = null;
  private scene: Scene | null = null;
  private labelTexts: readonly string[] = [];
  /** Placed when the first picture needs them. */
  private labels: Labels | null = null;
  private tiles: Tiles | null = null;
  private selection: ReadonlySet<number> = NONE;
  private matches: ReadonlySet<number> | null = null;
  private hover = -1;
  private rubber: Box | null = null;
  private wheel: WheelMode = 'scroll';
  private ratio = 1;
  /** The first look at a graph waits until the canvas has a size. */
  private homeDue = false;
  private pending = 0;
  private told = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly host: GraphHost,
  ) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser offers no 2D canvas.');
    this.context = context;
    this.theme = readTheme(canvas);
    this.silence = listen(
      canvas,
      {
        nodeAt: (at) => this.nodeUnder(at),
        hover: (node) => {
          this.hover = node;
          this.host.onHover(node);
          this.redraw();
        },
        pan: (dx, dy) => this.panBy(dx, dy),
        zoom: (factor, at) => this.zoomBy(factor, at.x, at.y),
        pick: (node, toggle) => {
          if (node >= 0 || !toggle) this.host.onSelect(node >= 0 ? [node] : [], how(toggle));
        },
        rubber: (box) => {
          this.rubber = box;
          this.redraw();
        },
        select: (box, toggle) => this.host.onSelect(this.nodesUnder(box), how(toggle)),
        open: (node) => this.host.onOpen(node),
        menu: (node, client) => {
          if (node >= 0 && !this.selection.has(node)) this.host.onSelect([node], 'replace');
          this.host.onContextMenu(node, client.x, client.y);
        },
      },
      () => this.wheel,
    );
    this.observer =
      typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(() => this.measure());
    this.observer?.observe(canvas);
    this.measure();
  }

  get zoom(): number {
    return this.camera.zoom;
  }

  /** Shows a graph, from its top or as a whole. Tiles, selection and matches start empty. */
  setGraph(document: GraphDocument, scene: Scene): void {
    this.document = document;
    this.scene = scene;
    this.labelTexts = document.edgeLabel;
    this.labels = null;
    this.tiles = null;
    this.selection = NONE;
    this.matches = null;
    this.hover = -1;
    this.homeDue = true;
    this.lookHome();
    this.redraw();
  }

  /** Clears the canvas. */
  clear(): void {
    this.document = null;
    this.scene = null;
    this.redraw();
  }

  /** Shapes by tensor, where they became known after the graph was drawn. */
  setEdgeLabels(shapes: Readonly<Record<string, string>>): void {
    const { document } = this;
    if (document === null) return;
    this.labelTexts = document.edgeTensor.map((tensor, edge) => {
      // hasOwn: a tensor may be called "constructor".
      const found = Object.hasOwn(shapes, tensor) ? shapes[tensor] : '';
      return found || document.edgeLabel[edge];
    });
    this.labels = null;
    this.redraw();
  }

  setTiles(tiles: Tiles): void {
    this.tiles = tiles;
    this.redraw();
  }

  setSelection(selection: ReadonlySet<number>): void {
    this.selection = selection;
    this.redraw();
  }

  /** Null ends the search look; an empty set dims everything. */
  setMatches(matches: ReadonlySet<number> | null): void {
    this.matches = matches;
    this.redraw();
  }

  /** Reads the tokens again, after the page's theme changed. */
  setTheme(): void {
    this.theme = readTheme(this.canvas);
    forgetWidths();
    this.redraw();
  }

  setWheel(mode: WheelMode): void {
    this.wheel = mode;
  }

  /** Shows the whole graph, however small that makes it. */
  fit(animated = true): void {
    if (this.scene === null) return;
    const { width, height } = this.scene;
    this.ride(this.camera.fitted({ x: 0, y: 0, width, height }), animated);
  }

  /** Moves the picture by CSS pixels. */
  panBy(dx: number, dy: number): void {
    this.camera.panBy(dx, dy);
    this.redraw();
  }

  /** Zooms about a point of the canvas (its middle by default), CSS pixels. */
  zoomBy(factor: number, x?: number, y?: number): void {
    this.zoomAt(this.camera.zoom * factor, x, y);
  }

  setZoom(zoom: number): void {
    this.zoomAt(zoom);
  }

  /** Brings a node to the middle, readable. Resolves once it is there and painted. */
  async goTo(index: number, animated = true): Promise<void> {
    const { scene } = this;
    if (scene === null || !(index >= 0 && index < scene.count)) return;
    const middle = {
      x: scene.x[index] + scene.nodeWidth[index] / 2,
      y: scene.y[index] + scene.nodeHeight[index] / 2,
    };
    const zoom = this.camera.zoom < READABLE ? 1 : this.camera.zoom;
    this.ride(this.camera.centred(middle, zoom), animated);
    while (this.camera.moving) await this.painted();
    await this.painted();
  }

  /** Resolves when the canvas shows the present state. */
  painted(): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  dispose(): void {
    this.silence();
    this.observer?.disconnect();
    cancelAnimationFrame(this.pending);
    this.pending = 0;
    this.settle();
  }

  private zoomAt(zoom: number, x?: number, y?: number): void {
    const { width, height } = this.camera;
    this.camera.zoomTo(zoom, { x: x ?? width / 2, y: y ?? height / 2 });
    this.redraw();
  }

  private ride(to: { x: number; y: number; zoom: number }, animated: boolean): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.camera.go(to, animated && !still, performance.now());
    this.redraw();
  }

  /** The whole graph where it is readable so, else its top at full size. */
  private lookHome(): void {
    const { scene, camera } = this;
    if (!this.homeDue || scene === null || camera.width === 0 || camera.height === 0) return;
    this.homeDue = false;
    const whole = camera.fitted({ x: 0, y: 0, width: scene.width, height: scene.height });
    if (whole.zoom >= READABLE || scene.count === 0) {
      camera.go(whole, false, 0);
      return;
    }
    let first = 0;
    for (let node = 1; node < scene.count; node++) {
      if (scene.y[node] < scene.y[first]) first = node;
    }
    const top = { x: scene.x[first] + scene.nodeWidth[first] / 2, y: scene.y[first] };
    camera.go(camera.topped(top, 1), false, 0);
  }

  private nodeUnder(at: Point): number {
    if (this.scene === null) return -1;
    const { zoom } = this.camera;
    const reach = levelOf(zoom) === 'full' ? 0 : HIT_REACH / zoom;
    return nodeAt(this.scene, this.camera.toWorld(at), reach);
  }

  private nodesUnder(box: Box): number[] {
    if (this.scene === null) return [];
    const corner = this.camera.toWorld(box);
    const { zoom } = this.camera;
    const world = { ...corner, width: box.width / zoom, height: box.height / zoom };
    return nodesIn(this.scene, world);
  }

  /** True when the node's middle is on screen. */
  isVisible(index: number): boolean {
    if (this.scene === null) return false;
    const { scene } = this;
    return contains(this.camera.visible(), {
      x: scene.x[index] + scene.nodeWidth[index] / 2,
      y: scene.y[index] + scene.nodeHeight[index] / 2,
    });
  }

  /** Takes over the canvas' size on the page, and the screen's density. */
  private measure(): void {
    const { canvas, camera } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    this.ratio = window.devicePixelRatio || 1;
    // What was in the middle stays there: a panel that opens does not move the picture's focus.
    camera.x += (camera.width - width) / 2 / camera.zoom;
    camera.width = width;
    camera.height = height;
    this.lookHome();
    if (this.pending !== 0) return;
    // At once, because setting the size clears the canvas: the next frame would show it empty.
    this.draw();
  }

  private redraw(): void {
    if (this.pending !== 0) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.camera.step(performance.now());
      this.draw();
      if (this.camera.moving) this.redraw();
      this.settle();
    });
  }

  private settle(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }

  private draw(): void {
    const { camera, canvas, context, ratio, scene, document } = this;
    if (window.devicePixelRatio && window.devicePixelRatio !== ratio) {
      this.ratio = window.devicePixelRatio;
    }
    const [wide, high] = [
      Math.round(camera.width * this.ratio),
      Math.round(camera.height * this.ratio),
    ];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    if (this.told !== camera.zoom) {
      this.told = camera.zoom;
      this.host.onCamera(camera.zoom);
    }
    if (scene === null || document === null) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = this.theme.canvas;
      context.fillRect(0, 0, wide, high);
      return;
    }
    paint(context, this.frame(document, scene));
  }

  private frame(document: GraphDocument, scene: Scene): Frame {
    const { camera, ratio } = this;
    const level = levelOf(camera.zoom);
    if (level === 'full') this.labels ??= placeLabels(scene, this.labelTexts);
    return {
      document,
      scene,
      labels: level === 'full' ? this.labels : null,
      theme: this.theme,
      tiles: this.tiles,
      selection: this.selection,
      matches: this.matches,
      hover: this.hover,
      rubber: this.rubber,
      width: camera.width,
      height: camera.height,
      ratio,
      zoom: camera.zoom,
      level,
      originX: Math.round(-camera.x * camera.zoom * ratio) / ratio,
      originY: Math.round(-camera.y * camera.zoom * ratio) / ratio,
      visible: camera.visible(),
    };
  }
}

function how(toggle: boolean): 'replace' | 'toggle' {
  return toggle ? 'toggle' : 'replace';
}
