// Pictures for files: everything is in them, at a size that can be painted.
import { beforeAll, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { bareColours } from './modes/bare';
import { SPARSITY } from './modes/sparsity';
import type { Frame } from './frame';
import { recorder, StubPath } from './recorder';
import { atRest, paintStill, pngScale, stillSize, svgZoom, wholeFrame, wholeScene } from './still';
import { SvgContext } from './svg';
import { forgetWidths } from './text';
import type { Theme } from './theme';

beforeAll(() => {
  vi.stubGlobal('Path2D', StubPath);
  forgetWidths();
});

const THEME = new Proxy({}, {
  get: (_, key) => (key === 'strip' ? () => 'strip' : key === 'scale' ? () => 'rgb(1 2 3)' : key === 'scaleInk' ? () => '#fff' : String(key)),
}) as Theme;

/** A chain of layers, one below the other. */
function chain(count: number) {
  const columns = decodeColumns(encodeSample(
    Array.from({ length: count }, (_, at) => ({ op: 'Conv', name: `conv${at}`, note: '8×8', category: 'layer', layer: true })),
    Array.from({ length: count - 1 }, (_, at) => ({ from: at, to: at + 1, label: '1×8' })),
  ));
  const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
  const now = {
    document, scene, labels: null, shapes: document.edgeLabel, theme: THEME, tiles: null, colours: bareColours(document), selection: new Set([0]), matches: new Set([1]),
    hover: 1, hoverStub: -1, hoverEdge: 0, pickedEdge: -1, hoverAt: { x: 0, y: 0 }, hoverShare: 1, rubber: { x: 0, y: 0, width: 5, height: 5 },
    width: 300, height: 200, ratio: 1, zoom: 1, level: 'full', originX: 0, originY: 0, visible: { x: 0, y: 0, width: 300, height: 200 },
  } as unknown as Frame;
  return { now, scene };
}

const STILL = { title: 'm.onnx', remark: '50 % zero', legend: SPARSITY.legend({} as never) };

it('paints every node, name and shape, with title and legend', () => {
  const { now, scene } = chain(40);
  const svg = new SvgContext((_, text) => 6 * text.length);
  const frame = wholeFrame(now, scene, 1, 1);
  paintStill(svg.context, frame, STILL);
  const text = svg.file(stillSize(svg.context, frame, STILL), 'm', 'ui', 'mono');
  const words = [...text.matchAll(/<text(?![^>]*fill="none")[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]);
  for (let at = 0; at < 40; at += 1) expect(words).toContain(`conv${at}`);
  expect(words.filter((word) => word === '1×8')).toHaveLength(39);
  expect(words).toEqual(expect.arrayContaining(['m.onnx', '50 % zero', 'Sparsity: share of zero weights', '100 %', 'declared only', 'channel:in']));
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(text)!.map(Number);
  expect(width).toBeGreaterThan(scene.width);
  expect(height).toBeGreaterThan(scene.height + 60);
  const [x, y] = [/<text x="([\d.]+)"[^>]*>conv0</, /<text x="[\d.]+" y="([\d.]+)"[^>]*>conv39</].map((find) => Number(find.exec(text)![1]));
  expect(x! > 0 && x! < width! && y! < height!).toBe(true);
});

it('shows nothing that only the pointer or the selection does', () => {
  const { now, scene } = chain(3);
  const { context, calls } = recorder();
  paintStill(context, wholeFrame(now, scene, 1, 1), STILL);
  const lit = calls.filter((call) => (call.name.startsWith('stroke') && ['accent', 'match'].includes(call.stroke)) || (call.name.startsWith('fill') && call.fill.startsWith('accent')));
  expect(lit).toEqual([]);
  expect(atRest(now)).toMatchObject({ hover: -1, hoverEdge: -1, rubber: null, selection: now.selection });
});

it('wraps a thread into columns, and leaves what has a shape', () => {
  const long = chain(300).scene;
  const wrapped = wholeScene(long);
  expect(long.height / long.width).toBeGreaterThan(10);
  expect(wrapped.height / wrapped.width).toBeLessThan(2);
  expect(wrapped.count).toBe(long.count);
  const { scene } = chain(20);
  expect(wholeScene(scene)).toBe(scene);
});

it('has as many pixels as can be painted', () => {
  expect(pngScale(800, 600)).toBe(2);
  for (const [width, height] of [[100_000, 500], [30_000, 30_000], [500, 90_000]] as const) {
    const scale = pngScale(width, height);
    expect(Math.max(width, height) * scale).toBeLessThanOrEqual(16_000.001);
    expect(width * height * scale * scale).toBeLessThanOrEqual(100e6 + 1);
  }
  expect([svgZoom(5000), svgZoom(50_000)]).toEqual([1, 0.3]);
});
