// The graph on a canvas: owns camera and state, repaints on demand, turns gestures into selections.
import type { GraphDocument } from '../graph/document';
import { middleOf, type Scene } from '../graph/scene';
import { parseHex } from '../lib/colour';
import { contains, sameBox, type Box, type Point } from '../lib/geometry';
import { Camera, homeOf } from './camera';
import { packed, type Colours } from './colours';
import { levelOf, type Frame } from './frame';
import { edgeOf, hitAt, nodesUnder, stubOf } from './hit';
import { Glide } from './glide';
import type { GraphHost } from './host';
import { Look } from './look';
import { bareColours } from './modes/bare';
import { NextFrame } from './next-frame';
import { isStill, Recolour } from './recolour';
import { paint } from './paint';
import { Pointed } from './pointed';
import { listen, type Ears, type WheelMode } from './pointer';
import { Shapes } from './shapes-beside';
import { allowedPan, outFromUnder } from './sight';
import { forgetWidths, warmFonts } from './text';
import { readTheme, type Theme } from './theme';
import type { Tiles } from './tiles';

export type { GraphHost } from './host';
export type { Tiles, TileState } from './tiles';
export type { WheelMode } from './pointer';

/** Zoom at which a whole graph counts as small enough to start with, and at which one is read. */
const READABLE = 0.8;
const NONE: ReadonlySet<number> = new Set();

export class GraphView {
  private readonly camera = new Camera();
  private readonly context: CanvasRenderingContext2D;
  private readonly observer: ResizeObserver | null;
  private readonly ears: Ears;
  private theme: Theme;
  private document: GraphDocument | null = null;
  readonly look = new Look(this.camera, () => this.host.floats?.() ?? []);
  private readonly glide = new Glide(this.camera, (zoom, at) => this.look.zoomTo(zoom, at));
  private readonly shapes = new Shapes();
  private tiles: Tiles | null = null;
  private selection: ReadonlySet<number> = NONE;
  private matches: ReadonlySet<number> | null = null;
  private readonly recolour = new Recolour();
  private readonly pointed = new Pointed();
  private seen: Box | null = null;
  private rubber: Box | null = null;
  private wheel: WheelMode = 'scroll';
  private ratio = 0;
  /** The first look at a graph waits until the canvas has a size. */
  private homeDue = false;
  /** What the picture shows as long as nobody moves it: the same in a window of another size. */
  private rests: 'home' | 'whole' | 'node' | null = null;
  private windowSize = '';
  private readonly next = new NextFrame(() => this.goOn());
  private told = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly host: GraphHost,
  ) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser offers no 2D canvas.');
    this.context = context;
    this.theme = readTheme(canvas);
    this.ears = listen(
      canvas,
      {
        nodeAt: (at) => (this.scene === null || this.document === null ? -1 : hitAt(this.scene, this.document, this.camera, at)),
        hover: (found, at) => {
          this.pointed.set(found, at, isStill() ? null : performance.now());
          this.host.onHover(this.pointed.node);
          this.redraw();
        },
        pan: (dx, dy) => this.panBy(dx, dy),
        zoom: (factor, at, notch) => {
          this.rests = null;
          if (notch && !isStill()) this.glide.push(factor, at, performance.now());
          else this.look.zoomTo(this.camera.zoom * factor, at);
          this.redraw();
        },
        pick: (node, toggle) => {
          if (this.rests === 'node') this.rests = null;
          this.pointed.picked = edgeOf(node);
          if (stubOf(node) >= 0) this.follow(stubOf(node));
          else if (node >= 0 || !toggle) this.host.onSelect(node >= 0 ? [node] : [], toggle ? 'toggle' : 'replace');
        },
        rubber: (box) => {
          this.rubber = box;
          this.redraw();
        },
        select: (box, toggle) => {
          const found = this.scene === null ? [] : nodesUnder(this.scene, this.camera, box);
          this.host.onSelect(found, toggle ? 'toggle' : 'replace');
        },
        open: (node) => this.host.onOpen(node),
        menu: (node, client) => {
          if (node >= 0 && !this.selection.has(node)) this.host.onSelect([node], 'replace');
          this.host.onContextMenu(Math.max(node, -1), client.x, client.y);
        },
      },
      () => this.wheel,
    );
    this.observer =
      typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(() => this.measure());
    this.observer?.observe(canvas);
    this.measure();
    // While the graph is still on its way: the page has nothing else to do.
    setTimeout(() => this.document === null && warmFonts(this.context, this.theme));
  }

  /** The drawing on the canvas: wrapped where the whole of a long one is looked at. */
  private get scene(): Scene | null {
    return this.look.scene;
  }

  get zoom(): number {
    return this.camera.zoom;
  }

  /** Shows a graph, from its top or as a whole. Tiles, selection and matches start empty. */
  setGraph(document: GraphDocument, scene: Scene): void {
    this.document = document;
    this.look.open(scene);
    this.shapes.start(document);
    this.tiles = null;
    this.recolour.start(bareColours(document));
    this.selection = NONE;
    this.matches = null;
    this.ears.blind();
    this.pointed.clear();
    this.seen = null;
    this.homeDue = true;
    this.lookHome();
    // As soon as it is there: the frame that was asked for would only draw the same again.
    this.next.drop();
    this.draw();
  }

  /** Clears the canvas. */
  clear(): void {
    this.document = null;
    this.look.open(null);
    this.redraw();
  }

  /** Shapes by tensor, where they became known after the graph was drawn. */
  setEdgeLabels(shapes: Readonly<Record<string, string>>): void {
    if (this.document === null) return;
    this.shapes.tell(this.document, shapes);
    this.redraw();
  }

  /** What the nodes tell, and in which colours; a change of colour takes its time. */
  setTiles(tiles: Tiles, colours: Colours): void {
    this.tiles = tiles;
    const surface = packed(parseHex(this.theme.surface));
    this.recolour.to(colours, isStill() ? null : performance.now(), surface);
    this.redraw();
  }

  setSelection(selection: ReadonlySet<number>): void {
    if (selection.size === 0 && this.selection.size === 0) return;
    this.selection = selection;
    this.redraw();
  }

  /** Null ends the search look; an empty set dims everything. */
  setMatches(matches: ReadonlySet<number> | null): void {
    if (matches === this.matches) return;
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
    this.ride(this.look.whole(), animated);
    this.rests = 'whole';
  }

  /** Moves the picture by CSS pixels, never out of sight. */
  panBy(dx: number, dy: number): void {
    const { scene, camera } = this;
    this.rests = null;
    camera.panBy(...(scene === null ? ([dx, dy] as const) : allowedPan(camera, scene, dx, dy)));
    this.ears.again();
    this.redraw();
  }

  /** Zooms about a point of the canvas (its middle by default), CSS pixels. */
  zoomBy(factor: number, x?: number, y?: number): void {
    this.zoomAt(this.camera.zoom * factor, x, y);
    this.ears.again();
  }

  setZoom(zoom: number): void {
    this.zoomAt(zoom);
    this.ears.again();
  }

  /** Brings a node to the middle, readable. Resolves once it is there and painted. */
  async goTo(index: number, animated = true): Promise<void> {
    if (this.scene === null || !(index >= 0 && index < this.scene.count)) return;
    this.look.unfold(middleOf(this.scene, index));
    const middle = middleOf(this.scene, index);
    const zoom = this.camera.zoom < READABLE ? 1 : this.camera.zoom;
    this.ride(this.camera.centred(middle, zoom), animated);
    this.rests = 'node';
    // A ride that no frame takes further, because painting failed, is not waited for.
    while (this.camera.moving && this.next.due) await this.painted();
    await this.painted();
  }

  /** Resolves when the canvas shows the present state. */
  painted(): Promise<void> {
    return this.next.painted();
  }

  /** Everything that the picture on the canvas depends on; null without one. */
  still(): Frame | null {
    const { document, scene } = this;
    return document === null || scene === null ? null : this.frame(document, scene);
  }

  /** What is looked at: the node nearest to the middle, or -1; `whole` where nodes are not read. */
  place(): { node: number; whole: boolean } {
    const { scene, camera } = this;
    const middle = camera.toWorld({ x: camera.width / 2, y: camera.height / 2 });
    const node = scene?.nodes.nearest(middle.x, middle.y) ?? -1;
    return { node, whole: camera.zoom < READABLE };
  }

  /** Brings a world point to the middle, at the same zoom. */
  centreOn(point: Point): void {
    this.rests = null;
    this.camera.go(this.camera.centred(point, this.camera.zoom), false, 0);
    this.ears.again();
    this.redraw();
  }

  dispose(): void {
    this.ears.stop();
    // Who waits for the end of a ride would wait for frames that never come.
    this.camera.halt();
    this.observer?.disconnect();
    this.next.drop();
  }

  private zoomAt(zoom: number, x?: number, y?: number): void {
    const { width, height } = this.camera;
    this.rests = null;
    this.look.zoomTo(zoom, { x: x ?? width / 2, y: y ?? height / 2 });
    this.redraw();
  }

  private ride(to: { x: number; y: number; zoom: number }, animated: boolean): void {
    this.rests = null;
    this.camera.go(to, animated && !isStill(), performance.now());
    if (this.camera.moving) this.ears.blind();
    else this.ears.again();
    this.redraw();
  }

  /** The whole graph where it is readable so, else its top at full size. */
  private lookHome(): void {
    const { scene, camera } = this;
    if (!this.homeDue || scene === null || camera.width === 0 || camera.height === 0) return;
    this.homeDue = false;
    this.rests = 'home';
    camera.go(homeOf(camera, scene, READABLE), false, 0);
  }

  /** A click on a stub above a use goes to where the tensor comes from. */
  private follow(stub: number): void {
    const { scene } = this;
    if (scene === null || scene.stubs.side[stub] === 0) return;
    const producer = scene.source[scene.stubs.edge[stub]];
    this.host.onSelect([producer], 'replace');
    void this.goTo(producer);
  }

  /** True when the node's middle is on screen. */
  isVisible(index: number): boolean {
    return this.scene !== null && contains(this.camera.visible(), middleOf(this.scene, index));
  }

  /** Takes over the canvas' size on the page, and the screen's density. */
  private measure(): void {
    const { canvas, camera } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const ratio = window.devicePixelRatio || 1;
    // An observer's first word tells what is known already.
    if (width === camera.width && height === camera.height && ratio === this.ratio) return;
    this.ratio = ratio;
    const own = `${window.innerWidth} ${window.innerHeight}`;
    const resized = own !== this.windowSize;
    const narrower = width < camera.width;
    this.windowSize = own;
    // A panel covers what is at the right; only a node that was gone to stays in the middle.
    camera.resize(width, height, resized || this.rests === 'node');
    if (resized) this.lookAgain();
    else if (narrower) this.uncover();
    this.lookHome();
    this.ears.again();
    if (this.next.due) return;
    // At once, because setting the size clears the canvas: the next frame would show it empty.
    this.draw();
  }

  /** In a window of another size: what was shown as a whole, or from its beginning, is so again. */
  private lookAgain(): void {
    if (this.rests === 'home') this.homeDue = true;
    else if (this.rests === 'whole' && this.scene !== null) this.camera.go(this.look.whole(), false, 0);
  }

  /** What is selected comes out from under a panel; all else stays where it is. */
  private uncover(): void {
    const to = this.scene === null ? null : outFromUnder(this.camera, this.scene, this.selection);
    if (to !== null) this.ride(to, true);
  }

  private redraw(): void {
    this.next.ask();
  }

  /** One frame: what moves goes a step on, and asks for the next one while it has not come to rest. */
  private goOn(): void {
    const now = performance.now();
    const rode = this.camera.moving;
    this.camera.step(now);
    if (this.glide.step(now) || (rode && !this.camera.moving)) this.ears.again();
    this.draw();
    // As of its beginning: a picture that took longer than what was left shows it half way.
    if (this.camera.moving || this.glide.running || this.recolour.running || this.pointed.running(now)) this.redraw();
  }

  private draw(): void {
    const { camera, canvas, context, ratio, scene, document } = this;
    this.ratio = window.devicePixelRatio || ratio;
    const [wide, high] = [Math.round(camera.width * this.ratio), Math.round(camera.height * this.ratio)];
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== high) canvas.height = high;
    if (this.told !== camera.zoom) {
      this.told = camera.zoom;
      this.host.onCamera(camera.zoom);
    }
    this.tellView();
    if (scene === null || document === null) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = this.theme.canvas;
      context.fillRect(0, 0, wide, high);
      return;
    }
    paint(context, this.frame(document, scene));
  }

  private tellView(): void {
    const visible = this.camera.visible();
    if (this.seen !== null && sameBox(this.seen, visible)) return;
    this.seen = visible;
    this.host.onView?.(visible, this.scene);
  }

  private frame(document: GraphDocument, scene: Scene): Frame {
    const { camera, ratio } = this;
    const level = levelOf(camera.zoom);
    return {
      document, scene,
      labels: level === 'full' ? this.shapes.placed(scene, camera.visible()) : null,
      theme: this.theme, tiles: this.tiles,
      colours: this.recolour.at(performance.now()),
      selection: this.selection, matches: this.matches,
      shapes: this.shapes.texts,
      hover: this.pointed.node, hoverStub: this.pointed.stub, hoverEdge: this.pointed.edge, hoverAt: this.pointed.at,
      pickedEdge: this.pointed.picked,
      hoverShare: this.pointed.share(performance.now()),
      rubber: this.rubber,
      width: camera.width, height: camera.height, ratio, zoom: camera.zoom, level,
      originX: Math.round(-camera.x * camera.zoom * ratio) / ratio,
      originY: Math.round(-camera.y * camera.zoom * ratio) / ratio,
      visible: camera.visible(),
    };
  }
}
