// A crowd's lines and inks: every line that leads far enough, in whole pixels, held against a drawing line by line; fresh colours.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample, randomStream } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { SOLID, type Colours } from './colours';
import { piecesOf } from './crowd';
import type { Frame } from './frame';
import { writeLines, writeNodes } from './raster-far';
import type { Theme } from './theme';

const [WIDTH, HEIGHT] = [160, 120];
/** The same one in every picture, as on the page: what is kept between pictures goes by it. */
const NONE: ReadonlySet<number> = new Set();
const THEME = { canvas: '#ffffff', surface: '#ffffff', lineStrong: '#999999', ink3: '#777777', ink2: '#444444', edgeFar: '#000000' } as unknown as Theme;

function frame(more: Partial<Frame>): Frame {
  return { theme: THEME, matches: null, selection: NONE, ratio: 1, zoom: 0.1, originX: 8, originY: 5, width: WIDTH, height: HEIGHT, ...more } as unknown as Frame;
}

/** Lines of all lengths, from less than a pixel to beyond the canvas. */
function wires(count: number): { start: Uint32Array; points: Float32Array } {
  const random = randomStream(count);
  const start = [0];
  const points: number[] = [];
  for (let wire = 0; wire < count; wire++) {
    let [x, y] = [random() * 1500 - 100, random() * 1200 - 100];
    const size = 2 ** (2 + 8 * random());
    points.push(x, y);
    for (let turn = 0; turn < 3; turn++) {
      if (turn % 2 === 0) y += size * random();
      else x += size * (random() - 0.5);
      points.push(x, y);
    }
    start.push(points.length / 2);
  }
  return { start: Uint32Array.from(start), points: Float32Array.from(points) };
}

describe('lines of a crowd', () => {
  it.each([0.02, 0.05, 0.11])('are all there that lead at least 1.5 px, and no others, at zoom %s', (zoom) => {
    const { start, points } = wires(400);
    const words = new Uint32Array(WIDTH * HEIGHT);
    writeLines(words, WIDTH, HEIGHT, frame({ zoom }), piecesOf({ start, points }));
    const expected = new Uint8Array(WIDTH * HEIGHT);
    const [at, down] = [(x: number) => Math.round(8 + x * zoom), (y: number) => Math.round(5 + y * zoom)];
    let left = 0;
    for (let wire = 0; wire + 1 < start.length; wire++) {
      const own = Array.from(points.subarray(2 * start[wire]!, 2 * start[wire + 1]!));
      const far = Math.abs(own.at(-2)! - own[0]!) + Math.abs(own.at(-1)! - own[1]!);
      if (far * zoom < 1.5) { left++; continue; }
      for (let k = 0; k + 3 < own.length; k += 2) {
        const [ax, ay, bx, by] = [at(own[k]!), down(own[k + 1]!), at(own[k + 2]!), down(own[k + 3]!)];
        for (let x = Math.min(ax, bx); x <= Math.max(ax, bx); x++) {
          for (let y = Math.min(ay, by); y <= Math.max(ay, by); y++) {
            if (x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT) expected[y * WIDTH + x] = 1;
          }
        }
      }
    }
    expect(left).toBeGreaterThan(20);
    expect(Array.from(words, (word) => (word === 0 ? 0 : 1))).toEqual(Array.from(expected));
  });
});

describe('inks of a crowd', () => {
  it('follow the colours, what is found and what is selected, from one picture to the next', () => {
    const columns = decodeColumns(encodeSample([{ op: 'Conv', layer: true }], []));
    const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
    const dressed = new Map([0x0000ff, 0xff0000].map((rgb) => [
      rgb, { look: Uint8Array.of(SOLID), rgb: Uint32Array.of(rgb), word: null, scale: true } as unknown as Colours,
    ]));
    const painted = (rgb: number, more: Partial<Frame> = {}): number => {
      const colours = dressed.get(rgb)!;
      const words = new Uint32Array(WIDTH * HEIGHT);
      writeNodes(words, WIDTH, HEIGHT, frame({ document, scene, colours, ...more }));
      return words.find((word) => word !== 0)!;
    };
    const [blue, red] = [painted(0x0000ff), painted(0xff0000)];
    // Image data: red is the lowest byte.
    expect([blue, red]).toEqual([0xffff0000, 0xff0000ff]);
    const dimmed = painted(0xff0000, { matches: new Set() });
    expect(dimmed).not.toBe(red);
    expect(painted(0xff0000, { matches: new Set(), selection: new Set([0]) })).toBe(red);
    expect(painted(0xff0000, { matches: new Set([0]) })).toBe(red);
  });
});
