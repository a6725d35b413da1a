// Pixels of a crowd, held against the boxes that they stand for: lines under nodes, layers on top, looks kept.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { HOLLOW, NO_TILE, packed, SOLID, type Colours } from './colours';
import { piecesOf } from './crowd';
import type { Frame } from './frame';
import { isCrowd, rasterFar, writeLines, writeNodes } from './raster-far';
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
