// Pixels of a crowd, held against the boxes that they stand for: lines under nodes, layers on top, looks kept.
import { describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { DASHED, HOLLOW, NO_TILE, packed, SOLID, STRIPED, type Colours } from './colours';
import { piecesOf } from './crowd';
import type { Frame } from './frame';
import { isCrowd, rasterFar, writeLines, writeNodes } from './raster-far';
import { growthOf } from './spread';
import type { Theme } from './theme';

const [WIDTH, HEIGHT, ZOOM] = [300, 400, 0.1];
const GREEN = 0x30a060;
const THEME = { canvas: '#f4f6f8', surface: '#ffffff', lineStrong: '#aeb6c2', ink3: '#777777', ink2: '#444444', edgeFar: '#b8bec7' } as unknown as Theme;

/** Layer, helper, layer, helper ... in a chain. */
function frame(look: (node: number) => number, more: Partial<Frame> = {}): Frame {
  const nodes = Array.from({ length: 24 }, (_, at) => ({ op: at % 2 === 0 ? 'Conv' : 'Relu', layer: at % 2 === 0 }));
  const edges = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }));
  const columns = decodeColumns(encodeSample(nodes, edges));
  const colours = {
    look: Uint8Array.from(nodes, (_, at) => look(at)), rgb: new Uint32Array(nodes.length).fill(GREEN), word: null, scale: true,
  } as unknown as Colours;
  return {
    document: documentOf(columns), scene: openScene(buildScene(columns)), colours, theme: THEME, matches: null,
    selection: new Set(), ratio: 1, zoom: ZOOM, originX: 40, originY: 10, width: WIDTH, height: HEIGHT, ...more,
  } as unknown as Frame;
}

function pixelAt(words: Uint32Array, x: number, y: number): string {
  const word = words[Math.round(y) * WIDTH + Math.round(x)]!;
  const colour = packed([word & 255, (word >> 8) & 255, (word >> 16) & 255]);
  return word === 0 ? 'none' : colour.toString(16).padStart(6, '0');
}

function drawn(one: Frame): Uint32Array {
  const words = new Uint32Array(WIDTH * HEIGHT);
  writeLines(words, WIDTH, HEIGHT, one, piecesOf(one.scene));
  writeNodes(words, WIDTH, HEIGHT, one);
  return words;
}

describe('a crowd of nodes', () => {
  it('is written where the boxes are, in their colours, with the lines between them', () => {
    const one = frame((node) => (node % 2 === 0 ? SOLID : NO_TILE));
    const words = drawn(one);
    const { scene } = one;
    for (let node = 0; node < scene.count; node++) {
      const x = 40 + (scene.x[node] + scene.nodeWidth[node] / 2) * ZOOM;
      const y = 10 + (scene.y[node] + scene.nodeHeight[node] / 2) * ZOOM;
      if (y >= HEIGHT - 2) continue;
      expect(pixelAt(words, x, y)).toBe(node % 2 === 0 ? '30a060' : 'aeb6c2');
    }
    // Half way between the first layer and the operator below it.
    const [x, y] = [scene.points[0] * ZOOM + 40, ((scene.points[1] + scene.points[3]) / 2) * ZOOM + 10];
    expect(pixelAt(words, x, y)).toBe('b8bec7');
    expect(pixelAt(words, 2, 2)).toBe('none');
  });

  it('keeps dense layers hollow, and dims what a search has not found', () => {
    const one = frame((node) => (node % 2 === 0 ? HOLLOW : NO_TILE), { matches: new Set([0]) });
    const words = drawn(one);
    const { scene } = one;
    const inside = (node: number) => pixelAt(words, 40 + (scene.x[node] + 124) * ZOOM, 10 + (scene.y[node] + 26) * ZOOM);
    expect(inside(0)).toBe('ffffff');
    expect(pixelAt(words, 40 + scene.x[0] * ZOOM, 10 + (scene.y[0] + 26) * ZOOM)).toBe('777777');
    // 28 % of white over the ground: f4 + 0.28 * 0b, f6 + 0.28 * 09, f8 + 0.28 * 07.
    expect(inside(2)).toBe('f7f9fa');
  });

  it('is left to the boxes where the context writes vectors, or the picture is a poster', () => {
    const one = frame(() => SOLID);
    expect(rasterFar({} as CanvasRenderingContext2D, one)).toBe(false);
    const poster = frame(() => SOLID, { width: 9000, height: 9000 });
    expect(rasterFar({ putImageData: () => undefined } as unknown as CanvasRenderingContext2D, poster)).toBe(false);
  });

  it('is one only far away', () => {
    const many = Array.from({ length: 3000 }, (_, node) => node);
    const of = (zoom: number, nodes: number[]) => isCrowd({ zoom } as Frame, nodes);
    expect([of(0.1, many), of(0.2, many), of(0.1, many.slice(0, 100))]).toEqual([true, false, false]);
  });
});

/** The bytes that a whole picture hands to the canvas. */
function shoot(one: Frame): Uint8ClampedArray {
  vi.stubGlobal('ImageData', class {
    readonly data: Uint8ClampedArray;
    constructor(readonly width: number, readonly height: number) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  });
  let bytes: Uint8ClampedArray | null = null;
  const putImageData = ({ data }: ImageData): void => { bytes = data.slice(); };
  expect(rasterFar({ putImageData } as unknown as CanvasRenderingContext2D, one)).toBe(true);
  vi.unstubAllGlobals();
  return bytes!;
}

function colourAt(bytes: Uint8ClampedArray, width: number, x: number, y: number): string {
  const [red, green, blue, alpha] = bytes.subarray(4 * (y * width + x), 4 * (y * width + x) + 4);
  return [red, green, blue, ...(alpha === 255 ? [] : [alpha])].map((part) => part!.toString(16).padStart(2, '0')).join('');
}

/** How often each colour is there. */
function tally(bytes: Uint8ClampedArray): Record<string, number> {
  const found: Record<string, number> = {};
  for (const word of new Uint32Array(bytes.buffer)) found[word] = (found[word] ?? 0) + 1;
  return Object.fromEntries(Object.entries(found).map(([word, count]) => [colourAt(new Uint8ClampedArray(Uint32Array.of(Number(word)).buffer), 1, 0, 0), count]));
}

/** #rrggbb over the ground, by hand. */
function mixed(top: string, share: number, ground = THEME.canvas): string {
  const part = (colour: string, at: number): number => parseInt(colour.slice(1 + 2 * at, 3 + 2 * at), 16);
  return [0, 1, 2].map((at) => Math.round(part(ground, at) + (part(top, at) - part(ground, at)) * share).toString(16).padStart(2, '0')).join('');
}

const LAYER = (node: number): boolean => node % 2 === 0;

describe('a whole picture', () => {
  it('is opaque everywhere, the ground where nothing is, and forgets what was before', () => {
    const one = frame(() => SOLID);
    shoot(one);
    const moved = shoot({ ...one, originX: 1e6 });
    expect(tally(moved)).toEqual({ f4f6f8: WIDTH * HEIGHT });
  });

  it.each([[0.1, 1], [0.05, 1], [0.06, 2], [0.11, 1.5]])('shows each layer at zoom %s and ratio %s where its box would be, as large as it may grow', (zoom, ratio) => {
    const one = frame((node) => (LAYER(node) ? SOLID : NO_TILE), { zoom, ratio });
    const [wide, high] = [Math.round(WIDTH * ratio), Math.round(HEIGHT * ratio)];
    const bytes = shoot(one);
    const { scene } = one;
    const expected = new Uint8Array(wide * high);
    const put = (node: number, kind: number): void => {
      const by = kind === 2 ? growthOf(scene, one.document, node, zoom) : 0;
      const inset = kind === 2 ? 0 : Math.max(scene.nodeWidth[node]! - 96, 0) / 2;
      const to = (origin: number, world: number): number => Math.round((origin + world * zoom) * ratio);
      const [left, top] = [to(40, scene.x[node]! + inset - by), to(10, scene.y[node]! - by)];
      const right = Math.max(to(40, scene.x[node]! + scene.nodeWidth[node]! - inset + by), left + 1);
      const bottom = Math.max(to(10, scene.y[node]! + scene.nodeHeight[node]! + by), top + 1);
      for (let y = Math.max(top, 0); y < Math.min(bottom, high); y++) for (let x = Math.max(left, 0); x < Math.min(right, wide); x++) expected[y * wide + x] = kind;
    };
    for (const kind of [1, 2]) for (let node = 0; node < scene.count; node++) if (LAYER(node) === (kind === 2)) put(node, kind);
    const counts = [0, 0, 0];
    const wrong: string[] = [];
    for (let at = 0; at < expected.length; at++) {
      const [x, y] = [at % wide, Math.floor(at / wide)];
      const colour = colourAt(bytes, wide, x, y);
      const kind = expected[at]!;
      if (!(kind === 2 ? ['30a060'] : kind === 1 ? ['aeb6c2'] : ['f4f6f8', 'b8bec7']).includes(colour)) wrong.push(`${x} ${y}: ${colour} for ${kind}`);
      counts[kind]!++;
    }
    expect(wrong).toEqual([]);
    expect(Math.min(...counts)).toBeGreaterThan(30);
  });

  it('ends at the edges of the canvas: nothing comes in again at the other side', () => {
    const one = frame((node) => (LAYER(node) ? SOLID : NO_TILE));
    const { scene } = one;
    const middle = 40 + (scene.x[0]! + scene.nodeWidth[0]! / 2) * ZOOM;
    for (const originX of [40 - middle, 40 - middle + WIDTH]) {
      const bytes = shoot({ ...one, originX });
      const [near, far] = originX < 0 ? [0, WIDTH - 1] : [WIDTH - 1, 0];
      const rows = Array.from({ length: HEIGHT }, (_, y) => y);
      expect(rows.filter((y) => colourAt(bytes, WIDTH, near, y) === '30a060').length).toBeGreaterThan(10);
      expect(rows.filter((y) => colourAt(bytes, WIDTH, far, y) !== 'f4f6f8')).toEqual([]);
    }
    const high = shoot({ ...one, originY: -(scene.y[4]! + 26) * ZOOM });
    expect(colourAt(high, WIDTH, Math.round(middle), 0)).toBe('30a060');
  });

  it('tells the looks of layers apart, high and low, found and not found', () => {
    const columns = decodeColumns(encodeSample([{ op: 'Conv', layer: true }], []));
    const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
    const base = frame(() => NO_TILE);
    const striped = `#${mixed('#30a060', 0.5, THEME.surface)}`;
    for (const found of [true, false]) {
      const share = found ? 1 : 0.28;
      // Above 3 px a box has a line and an inside; lower, it is all line.
      const looks: [number, string[], string[]][] = [
        [SOLID, [mixed('#30a060', share)], [mixed('#30a060', share)]],
        [STRIPED, [mixed(striped, share)], [mixed(striped, share)]],
        [HOLLOW, [mixed(THEME.surface, share), mixed(THEME.ink3, share)], [mixed(THEME.ink2, 0.6 * share)]],
        [DASHED, [mixed(THEME.surface, share), mixed(THEME.lineStrong, share)], [mixed(THEME.lineStrong, 0.6 * share)]],
        [NO_TILE, [mixed(THEME.lineStrong, share)], [mixed(THEME.lineStrong, share)]],
      ];
      for (const [look, high, low] of looks) {
        for (const [zoom, colours] of [[0.11, high], [0.012, low]] as const) {
          const dress = { ...base.colours, look: Uint8Array.of(look), rgb: Uint32Array.of(GREEN) };
          const made: Frame = { ...base, document, scene, colours: dress, zoom, matches: new Set(found ? [0] : []) };
          const seen = Object.fromEntries(Object.entries(tally(shoot(made))).filter(([colour]) => colour !== 'f4f6f8'));
          expect([look, found, zoom, Object.keys(seen).toSorted()]).toEqual([look, found, zoom, colours.toSorted()]);
          if (colours.length === 1) continue;
          // One pixel all round.
          const [line, inside] = [seen[colours[1]!]!, seen[colours[0]!]!];
          const [wide, tall] = [scene.nodeWidth[0]!, scene.nodeHeight[0]!].map((size) => Math.round(size * zoom)) as [number, number];
          expect(tall).toBeGreaterThan(4);
          expect([line + inside, inside]).toEqual([wide * tall, (wide - 2) * (tall - 2)]);
        }
      }
    }
  });

  it('has lines of stubs too, dim ones in a search, and none between nodes that meet', () => {
    const nodes = Array.from({ length: 60 }, (_, at) => ({ op: 'Conv', layer: at % 9 === 0 }));
    const edges = nodes.slice(1).map((_, at) => ({ from: at, to: at + 1, tensor: `t${at}` }));
    const uses = [14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'a_long_name_of_a_mask', port: 1 }));
    const columns = decodeColumns(encodeSample(nodes, [...edges, ...uses]));
    const scene = openScene(buildScene(columns));
    const base = frame(() => NO_TILE);
    const one: Frame = { ...base, document: documentOf(columns), scene, colours: { ...base.colours, look: new Uint8Array(60), rgb: new Uint32Array(60) } };
    const { start, points } = scene.stubs;
    const stub = Array.from(start.keys()).find((at) => start[at + 1]! - start[at]! > 1)!;
    const onLine = (made: Frame, own: Float32Array, at: number): string => {
      const [x, y] = [40 + ((own[2 * at]! + own[2 * at + 2]!) / 2) * made.zoom, 10 + ((own[2 * at + 1]! + own[2 * at + 3]!) / 2) * made.zoom];
      return colourAt(shoot(made), WIDTH, Math.round(x), Math.round(y));
    };
    for (const matches of [null, new Set<number>()]) {
      const made = { ...one, zoom: 0.11, matches };
      expect(onLine(made, points, start[stub]! + 1)).toBe(mixed('#b8bec7', matches === null ? 1 : 0.28));
    }
    // A gap of 28 px is 1.4 on the screen: the line in it is left out, though there is ground between.
    const far = { ...one, zoom: 0.05 };
    const gap = scene.start[40]!;
    expect(scene.points[2 * gap + 3]! - scene.points[2 * gap + 1]!).toBeLessThan(29);
    const near = { ...one, zoom: 0.11 };
    const counted = (made: Frame): number => tally(shoot(made)).b8bec7 ?? 0;
    const chain = { ...one, scene: { ...scene, start: scene.start.slice(40, 44), points: scene.points, stubs: { ...scene.stubs, start: new Uint32Array(1) } } } as Frame;
    expect(counted({ ...chain, zoom: near.zoom })).toBeGreaterThan(0);
    expect(counted({ ...chain, zoom: far.zoom })).toBe(0);
  });
});
