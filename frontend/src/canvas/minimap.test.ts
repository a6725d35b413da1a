// The minimap: where the world lies on it, the frame of what is seen, and its pixels.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { DASHED, HOLLOW, NO_COLOUR, NO_TILE, SOLID, STRIPED, type Colours } from './colours';
import { fitMap, hitsOnMap, rasterize, showsAll, toWorld, viewOnMap } from './minimap';

const MAP = { width: 150, height: 196 };

describe('fitMap', () => {
  it('shows a square world with one scale, in the middle', () => {
    const fit = fitMap({ width: 3000, height: 3000 }, MAP);
    expect(fit.scaleX).toBe(fit.scaleY);
    expect(fit).toMatchObject({ scaleX: 0.05, left: 0, top: 23 });
  });

  it('stretches a long thin world until it can be seen', () => {
    const fit = fitMap({ width: 500, height: 100_000 }, MAP);
    expect(100_000 * fit.scaleY).toBeCloseTo(196);
    expect(500 * fit.scaleX).toBeCloseTo(51);
  });

  it('never draws anything large', () => {
    expect(fitMap({ width: 100, height: 100 }, MAP)).toMatchObject({ scaleX: 0.3, scaleY: 0.3 });
  });

  it('leads back to the world', () => {
    const fit = fitMap({ width: 500, height: 100_000 }, MAP);
    const at = toWorld(fit, { x: 250 * fit.scaleX + fit.left, y: 70_000 * fit.scaleY + fit.top }, { width: 500, height: 100_000 });
    expect(at.x).toBeCloseTo(250);
    expect(at.y).toBeCloseTo(70_000);
  });
});

it('frames what is on screen, never outside and never too small to see', () => {
  const fit = fitMap({ width: 3000, height: 3000 }, MAP);
  expect(viewOnMap(fit, { x: 300, y: 600, width: 900, height: 600 }, MAP)).toEqual({ x: 15, y: 53, width: 45, height: 30 });
  const wide = viewOnMap(fit, { x: -9000, y: 0, width: 20_000, height: 10 }, MAP);
  expect(wide).toMatchObject({ x: 0, width: 150, height: 6 });
  const away = viewOnMap(fit, { x: 9000, y: 9000, width: 100, height: 100 }, MAP);
  expect(away.x + away.width).toBeLessThanOrEqual(150);
  expect(away.y + away.height).toBeLessThanOrEqual(196);
  const low = viewOnMap(fit, { x: 0, y: 2900, width: 100, height: 9000 }, MAP);
  expect([low.y, low.height]).toEqual([168, 28]);
});

it('a frame that is dragged out of the map stays on the graph', () => {
  const world = { width: 500, height: 100_000 };
  const fit = fitMap(world, MAP);
  expect(toWorld(fit, { x: -400, y: 900 }, world)).toEqual({ x: 0, y: 100_000 });
  expect(toWorld(fit, { x: 2000, y: -30 }, world)).toEqual({ x: 500, y: 0 });
  expect(toWorld(fit, { x: 1, y: 98 }, world).x, 'the map beside a thin graph').toBe(0);
});

it('is not needed when everything is in view', () => {
  const world = { width: 300, height: 900 };
  expect(showsAll({ x: -10, y: -10, width: 400, height: 1000 }, world)).toBe(true);
  expect(showsAll({ x: -10, y: 10, width: 400, height: 1000 }, world)).toBe(false);
  expect(showsAll({ x: -10, y: -10, width: 400, height: 800 }, world)).toBe(false);
});

it('paints each node in its colour, layers over the others', () => {
  const columns = decodeColumns(encodeSample([{ op: 'Conv', layer: true }, { op: 'Relu' }, { op: 'Gemm', layer: true }], [{ from: 0, to: 1 }, { from: 1, to: 2 }]));
  const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
  const colours: Colours = {
    look: Uint8Array.of(SOLID, NO_TILE, HOLLOW), rgb: Uint32Array.of(0x112233, NO_COLOUR, NO_COLOUR), word: null, scale: true,
  };
  const ground = { surface: 0xffffff, tick: 0xcccccc, dense: 0x444444 };
  const fit = fitMap(scene, MAP);
  const pixels = rasterize(scene, document, colours, ground, fit, MAP.width, MAP.height);
  const at = (node: number): number[] => {
    const x = Math.floor((scene.x[node] + scene.nodeWidth[node] / 2) * fit.scaleX + fit.left);
    const y = Math.floor((scene.y[node] + scene.nodeHeight[node] / 2) * fit.scaleY + fit.top);
    return Array.from(pixels.subarray(4 * (y * MAP.width + x), 4 * (y * MAP.width + x) + 4));
  };
  expect(at(0)).toEqual([0x11, 0x22, 0x33, 255]);
  expect(at(1)).toEqual([0xcc, 0xcc, 0xcc, 255]);
  expect(at(2)).toEqual([0x44, 0x44, 0x44, 255]);
  expect(Array.from(pixels.subarray(0, 4))).toEqual([255, 255, 255, 255]);
});

it('gives a claim half its colour, one not measured none, and layers the pixels that they share with others', () => {
  const nodes = Array.from({ length: 400 }, (_, at) => ({ op: 'Conv', layer: at % 40 === 7 }));
  const columns = decodeColumns(encodeSample(nodes, nodes.slice(1).map((_, at) => ({ from: at, to: at + 1 }))));
  const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
  const ground = { surface: 0xffffff, tick: 0xcccccc, dense: 0x444444 };
  const fit = fitMap(scene, MAP);
  const seen = (look: number, rgb: number): Set<string> => {
    const colours: Colours = { look: Uint8Array.from(nodes, ({ layer }) => (layer ? look : NO_TILE)), rgb: new Uint32Array(400).fill(rgb), word: null, scale: true };
    const pixels = rasterize(scene, document, colours, ground, fit, MAP.width, MAP.height);
    const found = new Set<string>();
    for (let at = 0; at < pixels.length; at += 4) found.add([pixels[at], pixels[at + 1], pixels[at + 2]].map((part) => part!.toString(16).padStart(2, '0')).join(''));
    return found;
  };
  // 400 operators in 196 pixels: each layer shares its pixel with another operator.
  expect(scene.height * fit.scaleY).toBeLessThan(200);
  expect(seen(SOLID, 0x336699)).toEqual(new Set(['ffffff', 'cccccc', '336699']));
  const plain: Colours = { look: Uint8Array.from(nodes, ({ layer }) => (layer ? SOLID : NO_TILE)), rgb: new Uint32Array(400).fill(0x336699), word: null, scale: true };
  const pixels = rasterize(scene, document, plain, ground, fit, MAP.width, MAP.height);
  // The middle of every layer is its own, though others come after it.
  const hidden = nodes.map((_, at) => at).filter((at) => {
    const x = Math.floor((scene.x[at]! + scene.nodeWidth[at]! / 2) * fit.scaleX + fit.left);
    const [top, bottom] = [Math.floor(scene.y[at]! * fit.scaleY + fit.top), Math.round((scene.y[at]! + scene.nodeHeight[at]!) * fit.scaleY + fit.top)];
    const rows = Array.from({ length: Math.max(bottom - top, 1) }, (_row, row) => pixels[4 * ((top + row) * MAP.width + x)]);
    return nodes[at]!.layer && rows.some((red) => red !== 0x33);
  });
  expect(hidden).toEqual([]);
  expect(seen(HOLLOW, NO_COLOUR)).toEqual(new Set(['ffffff', 'cccccc', '444444']));
  expect(seen(DASHED, NO_COLOUR)).toEqual(new Set(['ffffff', 'cccccc']));
  const claim = [...seen(STRIPED, 0x336699)].find((colour) => colour !== 'ffffff' && colour !== 'cccccc')!;
  for (const [at, part] of [0x33, 0x66, 0x99].entries()) expect(Math.abs(parseInt(claim.slice(2 * at, 2 * at + 2), 16) - (part + 255) / 2)).toBeLessThan(2);
});

it('tells where hits are, many at one place once', () => {
  const columns = decodeColumns(encodeSample(Array.from({ length: 4000 }, () => ({ op: 'Relu' })), Array.from({ length: 3999 }, (_, at) => ({ from: at, to: at + 1 }))));
  const scene = openScene(buildScene(columns));
  const fit = fitMap(scene, MAP);
  const [first] = hitsOnMap(scene, [0], fit);
  expect(Math.abs(first!.x - ((scene.x[0] + scene.nodeWidth[0] / 2) * fit.scaleX + fit.left))).toBeLessThanOrEqual(0.5);
  expect(first!.x).toBeCloseTo(MAP.width / 2, -1); // a chain stands in the middle
  expect(first!.y).toBeCloseTo((scene.y[0] + scene.nodeHeight[0] / 2) * fit.scaleY + fit.top, -1);
  const all = hitsOnMap(scene, Array.from({ length: 4000 }, (_, node) => node), fit);
  expect(all.length).toBeLessThanOrEqual(MAP.height + 1);
  expect(all.length).toBeGreaterThan(MAP.height / 2);
  expect(hitsOnMap(scene, [], fit)).toEqual([]);
});
