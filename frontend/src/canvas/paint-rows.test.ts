// Lines inside the nodes, arrows in both directions, and dashed stubs, on a recording context.
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { decodeColumns, type Columns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene, type SceneOptions } from '../graph/scene';
import { LAYER_HEIGHT, ROW_HEIGHT } from '../graph/sizes';
import { levelOf, type Frame } from './frame';
import { bareColours } from './modes/bare';
import { paint } from './paint';
import { recorder, StubPath, type Recorder } from './recorder';
import { forgetWidths } from './text';
import type { Theme } from './theme';

const THEME = new Proxy({} as Theme, {
  get: (_, key) => (key === 'strip' || key === 'scale' || key === 'scaleInk' ? (value: unknown) => `${String(key)} ${String(value)}` : String(key)),
});

function shoot(columns: Columns, options: SceneOptions = {}, change: Partial<Frame> = {}): Recorder {
  const taken = recorder();
  const [document, scene] = [documentOf(columns), openScene(buildScene(columns, options))];
  const zoom = change.zoom ?? 1;
  paint(taken.context, {
    document, scene, labels: null, theme: THEME, tiles: null, colours: bareColours(document), selection: new Set(), matches: null,
    hover: -1, hoverStub: -1, hoverEdge: -1, pickedEdge: -1, hoverAt: { x: 0, y: 0 }, hoverShare: 1, shapes: document.edgeLabel, rubber: null, width: 4000, height: 9000, ratio: 1, zoom, level: levelOf(zoom), originX: 0, originY: 0,
    visible: { x: -100, y: -100, width: 9000 / zoom, height: 9000 / zoom }, ...change,
  });
  return taken;
}

const withRows = decodeColumns(
  encodeSample(
    [
      { op: 'Conv', name: 'c', note: '8×3×3×3', layer: true, rows: [['pads', '1, 1, 1, 1'], ['W', '8×3×3×3', 0], ['B', '8']] },
      { op: 'Reshape', rows: [['shape', '= [0, -1]']] },
    ],
    [{ from: 0, to: 1 }],
  ),
);

beforeAll(() => vi.stubGlobal('Path2D', StubPath));
beforeEach(() => forgetWidths());

it('makes room in the node and writes its rows there, weights with their sparsity', () => {
  const scene = buildScene(withRows);
  expect(scene.nodeHeight[0]).toBeGreaterThanOrEqual(LAYER_HEIGHT + 3 * ROW_HEIGHT);
  const none = { state: new Uint8Array(2), sparsity: new Float32Array(2), glyph: new Uint8Array(2), flag: new Uint8Array(2), edited: new Uint8Array(2), tag: [null, null] };
  const shot = shoot(withRows, {}, { tiles: { ...none, rowShare: Float32Array.of(NaN, 0.25, NaN, NaN) } });
  const texts = shot.texts().map((text) => text.replace(/\s/g, ' '));
  for (const text of ['pads', '1, 1, 1, 1', 'W', '25.0 %', 'B', '8', 'Reshape', 'shape', '= [0, -1]']) expect(texts).toContain(text);
  expect(shot.named('fillRect').map((call) => call.fill)).toContain('scale 0.25');
  // Before the weight is measured, dots; in another mode no second colour scale.
  expect(shoot(withRows).texts()).toContain('…');
  const other = { ...bareColours(documentOf(withRows)), scale: false };
  const plain = shoot(withRows, {}, { colours: other, tiles: { ...none, rowShare: Float32Array.of(NaN, 0.25, NaN, NaN) } });
  expect(plain.named('fillRect').map((call) => call.fill)).not.toContain('scale 0.25');
});

it('writes a long name whole beside a short value', () => {
  const gather = decodeColumns(encodeSample([{ op: 'Gather', rows: [['indices', '= 0']] }], []));
  expect(shoot(gather).texts()).toContain('indices');
});

it('leaves the rows out where the node is small', () => {
  expect(shoot(withRows, {}, { zoom: 0.5 }).texts()).not.toContain('pads');
});

it('points its arrows down, or to the right', () => {
  const columns = decodeColumns(encodeSample([{}, {}], [{ from: 0, to: 1 }]));
  for (const direction of ['down', 'right'] as const) {
    const scene = buildScene(columns, { direction });
    const shot = shoot(columns, { direction });
    // The head is the last triangle before the nodes: two corners behind, one at the tip.
    const close = shot.calls.findIndex((call) => call.name === 'closePath');
    const [first, second, tip] = shot.calls.slice(close - 3, close).map((call) => call.args as number[]);
    const end = scene.points.length - 2;
    // A line of one pixel runs through the middles of pixels.
    expect(tip).toEqual([scene.points[end]! + 0.5, scene.points[end + 1]! + 0.5]);
    const along = direction === 'down' ? 1 : 0;
    expect(first[along]).toBe(second[along]);
    expect(tip[along]).toBeGreaterThan(first[along]);
    expect(first[1 - along]).not.toBe(second[1 - along]);
  }
});

it('draws stubs dashed, with name and count, and the route only on demand', () => {
  const nodes = Array.from({ length: 60 }, () => ({ op: 'Add' }));
  const edges = Array.from({ length: 59 }, (_, i) => ({ from: i, to: i + 1, tensor: `t${i}` }));
  const uses = [14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'mask', port: 1 }));
  const columns = decodeColumns(encodeSample(nodes, [...edges, ...uses]));
  const shot = shoot(columns);
  expect(shot.texts().filter((text) => text.startsWith('mask'))).toHaveLength(5);
  expect(shot.named('stroke').some((call) => call.dash.length === 2)).toBe(true);
  expect(shot.named('stroke').every((call) => call.stroke !== 'accent')).toBe(true);
  const hovered = shoot(columns, {}, { hover: 14 });
  const lit = hovered.named('stroke').filter((call) => call.stroke === 'accent');
  // In and out, solid; the mask, dashed; and a line round each of three ends.
  expect(lit.filter((call) => call.dash.length === 2)).toHaveLength(1);
  expect(lit).toHaveLength(6);
  expect(shoot(columns, {}, { zoom: 0.5 }).texts().filter((text) => text.startsWith('mask'))).toEqual([]);
  expect(shoot(columns, {}, { zoom: 0.7 }).texts().filter((text) => text.startsWith('m'))).toHaveLength(5);
});
