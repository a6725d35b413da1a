// What each level of detail tells of a node, and the look of every state, on a recording context.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { placeLabels } from '../graph/labels';
import { buildScene, openScene } from '../graph/scene';
import { glyphIndex } from '../lib/glyphs';
import { toHex } from '../lib/colour';
import { scaleRgb } from '../ui/scale';
import { levelOf, type Frame } from './frame';
import { bareColours } from './modes/bare';
import { coloursOf } from './modes/mode';
import { SPARSITY } from './modes/sparsity';
import { modeOf } from './modes/list';
import { BLUE, GREEN, ORANGE } from './modes/palette';
import { cssOf } from './colours';
import { paint } from './paint';
import { recorder, StubPath, type Recorder } from './recorder';
import { forgetWidths } from './text';
import type { Theme } from './theme';
import { DECLARED, MEASURED, NONE, UNMEASURED, type Tiles } from './tiles';

const THEME: Theme = {
  canvas: 'canvas',
  surface: 'surface',
  surface2: 'surface-2',
  line: 'line',
  lineStrong: 'line-strong',
  nodeLine: 'node-line',
  edge: 'edge',
  edgeFar: 'edge-far',
  ink: 'ink',
  ink2: 'ink-2',
  ink3: 'ink-3',
  accent: 'accent',
  alert: 'alert',
  alertSoft: 'alert-soft',
  match: 'match',
  edited: 'edited',
  tileLine: 'tile-line',
  fontUi: 'ui',
  fontMono: 'mono',
  strip: (category) => `op-${category}`,
  scale: (sparsity) => `sp-${Math.round(sparsity * 100)}`,
  scaleInk: () => 'on-scale',
};

const columns = decodeColumns(
  encodeSample(
    [
      { kind: 1, name: 'image' },
      { op: 'Conv', name: 'conv1', note: '8×3×3×3', category: 'layer', layer: true },
      { op: 'Relu', category: 'activation' },
      { op: 'Gemm', name: 'fc', note: '10×64', category: 'layer', layer: true },
    ],
    [
      { from: 0, to: 1, label: '1×3×8×8' },
      { from: 1, to: 2, label: '1×8×8×8' },
      { from: 2, to: 3, label: '1×64' },
    ],
  ),
);
const document = documentOf(columns);
const scene = openScene(buildScene(columns));
const [CONV, RELU, GEMM] = [1, 2, 3];

function tiles(change: Partial<Tiles> = {}): Tiles {
  return {
    state: Uint8Array.of(NONE, MEASURED, NONE, MEASURED),
    sparsity: Float32Array.of(0, 0.845, 0, 0.5),
    glyph: new Uint8Array(4).fill(glyphIndex('unstructured')),
    flag: new Uint8Array(4),
    edited: new Uint8Array(4),
    tag: [null, null, null, null],
    rowShare: null,
    ...change,
  };
}

/** The colour of a share of zeros, as the canvas writes it. */
const sp = (share: number): string => toHex(scaleRgb(share));

function shoot(zoom: number, change: Partial<Frame> = {}, mode = SPARSITY, taken = recorder()): Recorder {
  const told = 'tiles' in change ? change.tiles : tiles();
  const [originX, originY] = [100, 20];
  const view = { x: -originX / zoom, y: -originY / zoom, width: 900 / zoom, height: 700 / zoom };
  paint(taken.context, {
    document,
    scene,
    labels: levelOf(zoom) === 'full' ? placeLabels(scene, document.edgeLabel) : null,
    theme: THEME,
    tiles: tiles(),
    colours: told ? coloursOf(mode, { document, tiles: told, rowsOfNode: new Map() }) : bareColours(document),
    selection: new Set(),
    matches: null,
    hover: -1,
    hoverStub: -1, hoverEdge: -1, pickedEdge: -1, hoverAt: { x: 0, y: 0 }, hoverShare: 1, shapes: document.edgeLabel,
    rubber: null,
    width: 900,
    height: 700,
    ratio: 1,
    zoom,
    level: levelOf(zoom),
    originX,
    originY,
    visible: view,
    ...change,
  });
  return taken;
}

beforeAll(() => vi.stubGlobal('Path2D', StubPath));
beforeEach(() => forgetWidths());

describe('levels of detail', () => {
  it('change at 0.8 and at 0.35', () => {
    expect([4, 0.8, 0.79, 0.35, 0.34, 0.005].map(levelOf)).toEqual([
      'full',
      'full',
      'small',
      'small',
      'far',
      'far',
    ]);
  });

  it('full: operator, name, attributes, figure, shapes', () => {
    const texts = shoot(1).texts();
    for (const text of ['Conv', 'conv1', '8×3×3×3', 'Relu', 'image', '1×3×8×8']) {
      expect(texts).toContain(text);
    }
    expect(texts.map((text) => text.replace(/\s/g, ' '))).toContain('84.5 %');
    expect(shoot(1).named('fill').map((call) => call.fill)).toContain('op-activation');
  });

  it('small: the whole box in the colour, operator and figure', () => {
    const shot = shoot(0.45);
    expect(shot.texts().map((text) => text.replace(/\s/g, ' '))).toEqual(expect.arrayContaining(['84.5 %', 'Conv', '50.0 %', 'Gemm']));
    expect(shot.named('fill').map((call) => call.fill)).toContain(sp(Math.fround(0.845)));
    expect(shot.named('fill').map((call) => call.fill)).toContain('op-layer');
    // A colour of the scale has the line of tiles, light or dark as the theme asks.
    expect(shot.named('stroke').map((call) => call.stroke)).toContain('tile-line');
  });

  it('small: a layer tells its name as soon as there is room for it', () => {
    const name = (zoom: number): boolean => shoot(zoom).texts().includes('conv1');
    expect(name(0.5)).toBe(false);
    expect(name(0.75)).toBe(true);
    // 6 px per letter: nothing of it reaches the figure.
    const shot = shoot(0.75);
    const [figure, conv] = ['84.5', 'conv1'].map((text) => shot.named('fillText').find((call) => String(call.args[0]).startsWith(text))!);
    expect((conv!.args[1] as number) + 30).toBeLessThan((figure!.args[1] as number) - 36);
  });

  it('small: a long operator of a layer is written smaller rather than not at all', () => {
    const long = { ...document, op: ['', 'ConvTranspose', 'Relu', 'Gemm'] };
    const size = (zoom: number): number => {
      const shot = shoot(zoom, { document: long }, SPARSITY, recorder(0.55));
      const word = shot.named('fillText').find((call) => call.args[0] === 'ConvTranspose');
      return word === undefined ? 0 : parseFloat(word.font.split(' ')[1]!);
    };
    expect([0.75, 0.56, 0.53, 0.4].map(size)).toEqual([11, 10, 9, 0]);
  });

  it('small: the words of operators from 7 px on, in boxes that hold them', () => {
    expect(shoot(0.39).texts()).not.toContain('Relu');
    for (const zoom of [0.5, 0.6, 0.75]) {
      const shot = shoot(zoom, { document: { ...document, op: ['', 'Conv', 'Abs', 'Gemm'] } });
      const word = shot.named('fillText').find((call) => call.args[0] === 'Abs')!;
      const size = parseFloat(word.font.split(' ')[1]!);
      expect(size).toBeGreaterThanOrEqual(7);
      expect(size * 1.25).toBeLessThanOrEqual(22 * zoom);
      const left = 100 + scene.x[RELU]! * zoom;
      expect(word.args[1]).toBeGreaterThan(left);
      expect((word.args[1] as number) + 18).toBeLessThan(left + scene.nodeWidth[RELU]! * zoom);
    }
  });

  it('small: a note beside the word where it is legible', () => {
    const noted = decodeColumns(encodeSample([{ op: 'Reshape', note: 'shape = [1, 8]' }], []));
    const texts = (zoom: number) => shoot(zoom, { document: documentOf(noted), scene: openScene(buildScene(noted)), colours: bareColours(documentOf(noted)), tiles: null }).texts();
    expect(texts(0.75).some((text) => text.startsWith('shape'))).toBe(true);
    expect(texts(0.5).some((text) => text.startsWith('shape'))).toBe(false);
  });

  it('full and small: a layer that opens has the mark of that beside its figure, which keeps its place', () => {
    const opening = { ...document, subgraph: ['', 'main#1.body', '', ''] };
    for (const zoom of [1, 0.5]) {
      const [shot, plain] = [shoot(zoom, { document: opening }), shoot(zoom)];
      const marks = ({ calls }: Recorder) => calls.filter((call, at) => {
        const next = calls[at + 1];
        const [dx, dy] = [0, 1].map((axis) => Number(next?.args[axis]) - Number(call.args[axis]));
        return call.name === 'moveTo' && next!.name === 'lineTo' && Math.abs(dx - 3.5) < 1e-9 && Math.abs(dy - 3.5) < 1e-9;
      });
      const figure = (taken: Recorder) => taken.named('fillText').find((call) => String(call.args[0]).startsWith('84.5'))!;
      expect([marks(plain).length, marks(shot).length]).toEqual([0, 1]);
      expect(figure(shot).args).toEqual(figure(plain).args);
      // Six letters of 6 px, to the left of where the text ends or in its middle.
      expect(Number(marks(shot)[0]!.args[0]) + 3.5).toBeLessThan(Number(figure(shot).args[1]) - (zoom === 1 ? 18 : 36));
    }
  });

  it('small: figures at 11 px, which never hang over', () => {
    // 52 px at 0.35 are 18: enough.
    for (const call of shoot(0.36).named('fillText')) expect(call.font).toContain('11px');
  });

  it('far: colour and grey ticks, no text', () => {
    const shot = shoot(0.2);
    expect(shot.texts()).toEqual([]);
    const fills = shot.named('fillRect').map((call) => call.fill);
    expect(fills).toContain(sp(Math.fround(0.845)));
    expect(fills).toContain('line-strong');
  });

  it('far: an operator that says much near by is no wider than others, so that layers stand out', () => {
    const wide = decodeColumns(encodeSample([{ op: 'Slice', note: 'starts = [0] · ends = [max] · axes = [2] · steps = [2]' }], []));
    const own = openScene(buildScene(wide));
    const middle = own.nodeWidth[0]! / 2;
    expect(middle).toBeGreaterThan(90);
    const shot = shoot(0.2, { document: documentOf(wide), scene: own, colours: bareColours(documentOf(wide)), tiles: null });
    const [, tick] = shot.named('fillRect').map((call) => call.args as number[]);
    expect(Math.abs(tick![2]! - 96 * 0.2)).toBeLessThanOrEqual(1);
    expect(tick!.every(Number.isInteger)).toBe(true);
    expect(Math.abs(tick![0]! + tick![2]! / 2 - (100 + middle * 0.2))).toBeLessThan(1);
  });

  it('below 0.12 draws what shares a pixel once, layers first', () => {
    // All middles lie within 1.1 px, on one column and two rows: the layers take both.
    const fills = shoot(0.005).named('fillRect').map((call) => call.fill);
    expect(fills).toEqual(['canvas', sp(Math.fround(0.845)), sp(0.5)]);
  });

  it('writes nothing under 10 px', () => {
    for (const call of shoot(0.8).named('fillText')) {
      const size = Number(/([\d.]+)px/.exec(call.font)?.[1]);
      expect(size * 0.8).toBeGreaterThanOrEqual(9.99);
    }
  });

  it('leaves out what is off the screen', () => {
    const away = { x: 5000, y: 5000, width: 900, height: 700 };
    expect(shoot(1, { visible: away }).texts()).toEqual([]);
  });
});

describe('states', () => {
  it('dense is hollow with 0 %', () => {
    const shot = shoot(1, { tiles: tiles({ sparsity: Float32Array.of(0, 0, 0, 0.5) }) });
    expect(shot.named('fill').map((call) => call.fill)).not.toContain('sp-0');
    expect(shot.texts().map((text) => text.replace(/\s/g, ' '))).toContain('0 %');
  });

  it('a share that only rounds to 0 or 100 keeps its colour and says so', () => {
    const shot = shoot(1, { tiles: tiles({ sparsity: Float32Array.of(0, 0.0001, 0, 0.9999) }) });
    const texts = shot.texts().map((text) => text.replace(/\s/g, ' '));
    expect(texts).toContain('< 0.1 %');
    expect(texts).toContain('> 99.9 %');
    expect(shot.named('fill').map((call) => call.fill)).toContain(sp(0.0001));
  });

  it('not measured is dashed with dots, also before any tiles came', () => {
    for (const now of [null, tiles({ state: Uint8Array.of(NONE, UNMEASURED, NONE, UNMEASURED) })]) {
      const shot = shoot(1, { tiles: now });
      expect(shot.texts()).toContain('…');
      expect(shot.named('strokeRect').every((call) => call.dash.length === 2)).toBe(true);
      expect(shot.named('fill').some((call) => call.fill.startsWith('sp-'))).toBe(false);
    }
  });

  it('declared only is striped, never a solid colour', () => {
    const now = tiles({ state: Uint8Array.of(NONE, DECLARED, NONE, NONE) });
    const shot = shoot(1, { tiles: now });
    expect(shot.named('stroke').map((call) => call.stroke)).toContain(sp(Math.fround(0.845)));
    expect(shot.named('fill').map((call) => call.fill)).not.toContain(sp(Math.fround(0.845)));
    expect(shot.texts().map((text) => text.replace(/\s/g, ' '))).toContain('84.5 %');
  });

  it('a broken claim has a red line, a badge, and its tag', () => {
    const now = tiles({ flag: Uint8Array.of(0, 1, 0, 0), tag: [null, 'declared 2:4', null, null] });
    const shot = shoot(1, { tiles: now });
    expect(shot.texts()).toContain('declared 2:4');
    expect(shot.named('stroke').map((call) => call.stroke)).toContain('alert');
    expect(shot.named('arc').length).toBe(1);
    expect(shoot(0.2, { tiles: now }).named('fill').map((call) => call.fill)).toContain('alert');
  });

  it('an edited layer has a dot', () => {
    const now = tiles({ edited: Uint8Array.of(0, 0, 0, 1) });
    expect(shoot(1, { tiles: now }).named('fill').map((call) => call.fill)).toContain('edited');
    expect(shoot(1).named('fill').map((call) => call.fill)).not.toContain('edited');
  });

  it('a selected node has a blue ring of 2 px, and its edges light up', () => {
    const shot = shoot(1, { selection: new Set([CONV]) });
    const rings = shot.named('stroke').filter((call) => call.stroke === 'accent');
    // Two edges and the ring.
    expect(rings).toHaveLength(3);
    expect(rings.every((call) => call.lineWidth === 2)).toBe(true);
  });

  it('matched nodes have an orange ring, the rest is at 28 %', () => {
    const shot = shoot(1, { matches: new Set([GEMM]) });
    expect(shot.named('stroke').filter((call) => call.stroke === 'match')).toHaveLength(1);
    const alpha = (text: string): number | undefined =>
      shot.named('fillText').find((call) => call.args[0] === text)?.alpha;
    expect(alpha('Gemm')).toBe(1);
    expect(alpha('Conv')).toBe(0.28);
  });

  it('a selected hit shows both: the orange ring lies around the blue one', () => {
    for (const zoom of [1, 0.5, 0.2]) {
      const shot = shoot(zoom, { matches: new Set([GEMM]), selection: new Set([GEMM]) });
      const boxes = shot.named('roundRect');
      const ringOf = (colour: string) => boxes.filter((box) => {
        const after = shot.calls.slice(shot.calls.indexOf(box) + 1).find((call) => call.name === 'stroke' || call.name === 'beginPath');
        return after?.name === 'stroke' && after.stroke === colour;
      });
      const [match] = ringOf('match');
      const [picked] = ringOf('accent');
      expect(match!.args[0] as number).toBeLessThan((picked!.args[0] as number) - 1);
      expect(match!.args[2] as number).toBeGreaterThan((picked!.args[2] as number) + 2);
    }
  });

  it('a hovered node has a darker line, and its edges light up', () => {
    const shot = shoot(1, { hover: RELU });
    expect(shot.named('stroke').map((call) => call.stroke)).toContain('ink');
    // Two edges, and a line round the node at the end of each.
    expect(shot.named('stroke').filter((call) => call.stroke === 'accent')).toHaveLength(4);
    expect(shoot(1).named('stroke').map((call) => call.stroke)).not.toContain('ink');
  });

  it('draws hairlines of whole device pixels', () => {
    for (const [ratio, width] of [[1, 1], [1.5, 1 / 1.5], [2, 1]] as const) {
      const lines = shoot(0.5, { ratio }).named('stroke').filter((call) => call.stroke === 'node-line');
      expect(lines.length).toBeGreaterThan(0);
      for (const call of lines) expect(call.lineWidth).toBeCloseTo(width);
    }
  });

  it('another mode tells its word beside glyph and figure', () => {
    const claims = (zoom: number) => shoot(zoom, {}, modeOf('claims')).texts().map((text) => text.replace(/\s/g, ' '));
    expect(claims(1)).toEqual(expect.arrayContaining(['no claim', '84.5 %']));
    expect(claims(0.7).filter((text) => /%|claim/.test(text)).toSorted()).toEqual(['50.0 %', '84.5 %', 'no claim', 'no claim']);
  });

  it('the mode of operator types colours every operator, at each level', () => {
    for (const zoom of [1, 0.5, 0.2]) {
      const shot = shoot(zoom, {}, modeOf('op'));
      const fills = new Set([...shot.named('fill'), ...shot.named('fillRect')].map((call) => call.fill));
      for (const op of [BLUE, ORANGE, GREEN]) expect(fills).toContain(cssOf(op));
      expect(fills).not.toContain(sp(0.5));
    }
  });

  it('ends every box on a whole device pixel, at any zoom and density', () => {
    for (const [zoom, ratio] of [[0.83, 1], [1.37, 1], [0.91, 1.25], [1.13, 2]] as const) {
      const shot = shoot(zoom, { ratio, originX: 33, originY: 7 });
      const hair = Math.max(1, Math.floor(ratio));
      // Outlines are lines of whole pixels, half of one inside the box on each side.
      const boxes = shot.named('roundRect').filter((call) => call.args[4] === 5);
      expect(boxes).toHaveLength(3);
      for (const { args } of boxes) {
        const [inset, , width, height] = args.map((part) => (part as number) * zoom * ratio) as [number, number, number, number];
        expect(inset).toBeCloseTo(hair / 2);
        for (const size of [width + hair, height + hair]) expect(size - Math.round(size)).toBeCloseTo(0);
      }
    }
  });

  it('starts every node on a whole device pixel', () => {
    const shot = shoot(1.37, { originX: 33.5, originY: 7.5, ratio: 2 });
    for (const call of shot.named('fillText')) {
      if (['Conv', 'Relu', 'Gemm'].includes(String(call.args[0]))) {
        expect(call.origin.every(Number.isInteger)).toBe(true);
      }
    }
  });
});
