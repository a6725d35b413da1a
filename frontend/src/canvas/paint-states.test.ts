// What a search dims, the pointer lights and a state marks, at each level of detail, on a recording context.
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { placeLabels } from '../graph/labels';
import { encodeSample, type SampleEdge, type SampleNode } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { DASHED, HOLLOW, NO_COLOUR, NO_TILE, SOLID, STRIPED, type Colours } from './colours';
import { levelOf, type Frame } from './frame';
import { paint } from './paint';
import { recorder, StubPath, type Call, type Recorder } from './recorder';
import { forgetWidths } from './text';
import type { Theme } from './theme';
import { MEASURED, type Tiles } from './tiles';

const THEME = new Proxy({} as Theme, {
  get: (_, key) => (key === 'strip' || key === 'scale' || key === 'scaleInk' ? (value: unknown) => `${String(key)} ${String(value)}` : String(key)),
});
const GREEN = 0x30a060;
const ZOOMS = [1, 0.5, 0.2] as const;

function graph(nodes: readonly SampleNode[], edges: readonly SampleEdge[]) {
  const columns = decodeColumns(encodeSample(nodes, edges));
  return { document: documentOf(columns), scene: openScene(buildScene(columns)) };
}

/** Layer, operator, layer, operator; two tensors leave the first. */
const FOUR = graph(
  [{ op: 'Conv', name: 'c', layer: true }, { op: 'Relu' }, { op: 'Gemm', name: 'g', layer: true }, { op: 'Add' }],
  [{ from: 0, to: 1, tensor: 'a', label: '1×8' }, { from: 1, to: 2, tensor: 'b', label: '1×9' }, { from: 2, to: 3, tensor: 'c', label: '1×7' }, { from: 0, to: 3, tensor: 'a', port: 1 }, { from: 0, to: 3, tensor: 'z', port: 2 }],
);
/** A mask that is named at four places. */
const STUBS = graph(
  Array.from({ length: 60 }, () => ({ op: 'Add' })),
  [...Array.from({ length: 59 }, (_, at) => ({ from: at, to: at + 1, tensor: `t${at}` })), ...[14, 27, 40, 53].map((to) => ({ from: 0, to, tensor: 'mask', port: 1 }))],
);

function looks(count: number, look: number): Colours {
  return { look: new Uint8Array(count).fill(look), rgb: new Uint32Array(count).fill(look === SOLID || look === STRIPED ? GREEN : NO_COLOUR), word: null, scale: true };
}

function tilesOf(count: number, change: Partial<Tiles> = {}): Tiles {
  return {
    state: new Uint8Array(count).fill(MEASURED), sparsity: new Float32Array(count).fill(0.5), glyph: new Uint8Array(count), flag: new Uint8Array(count), edited: new Uint8Array(count),
    tag: Array.from({ length: count }, () => null), rowShare: null, ...change,
  };
}

function shoot({ document, scene }: ReturnType<typeof graph>, zoom: number, change: Partial<Frame> = {}): Recorder {
  const taken = recorder();
  paint(taken.context, {
    document, scene, labels: levelOf(zoom) === 'full' ? placeLabels(scene, document.edgeLabel) : null, theme: THEME, tiles: null, colours: looks(scene.count, NO_TILE),
    selection: new Set(), matches: null, hover: -1, hoverStub: -1, hoverEdge: -1, pickedEdge: -1, hoverAt: { x: 0, y: 0 }, hoverShare: 1, shapes: document.edgeLabel, rubber: null,
    width: 4000, height: 9000, ratio: 1, zoom, level: levelOf(zoom), originX: 0, originY: 0, visible: { x: -100, y: -100, width: 9000 / zoom, height: 9000 / zoom }, ...change,
  });
  return taken;
}

const strokes = (shot: Recorder, colour: string): Call[] => shot.named('stroke').filter((call) => call.stroke === colour);

beforeAll(() => vi.stubGlobal('Path2D', StubPath));
beforeEach(() => forgetWidths());

describe('a search', () => {
  it.each(ZOOMS)('dims what it has not found, lines and shapes too, but nothing that is selected, at zoom %s', (zoom) => {
    const shot = shoot(FOUR, zoom, { matches: new Set([0]), selection: new Set([1]), colours: looks(4, SOLID) });
    const fills = [...shot.named('fill'), ...shot.named('fillRect')].filter((call) => call.fill === '#30a060').map((call) => call.alpha);
    // Found, selected, and two that are neither.
    expect(fills.toSorted()).toEqual([0.28, 0.28, 1, 1]);
    const lines = strokes(shot, zoom === 0.2 ? 'edgeFar' : 'edge');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((call) => call.alpha === 0.28)).toBe(true);
    const shapes = shot.named('fillText').filter((call) => String(call.args[0]).startsWith('1×'));
    expect(shapes.every((call) => call.alpha === 0.28)).toBe(true);
    expect(shapes.length > 0).toBe(zoom === 1);
    // Without one nothing is dim.
    const plain = shoot(FOUR, zoom, { colours: looks(4, SOLID) });
    expect(plain.calls.filter((call) => call.alpha === 0.28)).toEqual([]);
    const named = shoot(STUBS, zoom, { matches: new Set() }).named('stroke').filter((call) => call.dash.length > 0 && call.stroke !== 'accent');
    expect(named.length).toBeGreaterThan(0);
    expect(named.every((call) => call.alpha === 0.28)).toBe(true);
  });
});

describe('the pointer', () => {
  it('lights the lines of a node as far as its look has come up, and rings the nodes at their ends once', () => {
    for (const zoom of ZOOMS) {
      const shot = shoot(FOUR, zoom, { hover: 0, hoverShare: 0.4 });
      const lit = strokes(shot, 'accent');
      // Three lines leave it, to two nodes.
      expect([lit.length, new Set(lit.map((call) => call.alpha))]).toEqual([5, new Set([0.4])]);
    }
    // A node that feeds itself is no neighbour of itself.
    const loop = graph([{ op: 'Loop' }, { op: 'Relu' }], [{ from: 0, to: 0, tensor: 'x' }, { from: 0, to: 1, tensor: 'y' }]);
    expect(strokes(shoot(loop, 1, { hover: 0 }), 'accent')).toHaveLength(3);
    // Also what feeds it.
    expect(strokes(shoot(FOUR, 1, { hover: 3 }), 'accent')).toHaveLength(5);
  });

  it('lights all lines of one tensor and no other, and both its ends', () => {
    const lit = strokes(shoot(FOUR, 1, { hoverEdge: 0 }), 'accent');
    // Two lines of "a", three nodes.
    expect(lit).toHaveLength(5);
    expect(strokes(shoot(FOUR, 1, { pickedEdge: 4 }), 'accent')).toHaveLength(1);
  });

  it('lights every line of a name below its producer, and above a use only that one', () => {
    const { stubs } = STUBS.scene;
    const counts = Array.from(stubs.side, (_, stub) => strokes(shoot(STUBS, 1, { hoverStub: stub }), 'accent').filter((call) => call.lineWidth === 2).length);
    expect(counts[stubs.side.indexOf(0)]).toBe(4);
    expect(counts.filter((_, stub) => stubs.side[stub] === 1)).toEqual([1, 1, 1, 1]);
    // The name itself is lit, too: its box and its letters.
    const shot = shoot(STUBS, 1, { hoverStub: 2 });
    expect(strokes(shot, 'accent').filter((call) => call.lineWidth === 1)).toHaveLength(1);
    expect(shot.named('fillText').filter((call) => call.fill === 'accent').map((call) => call.args[0])).toEqual(['mask']);
  });

  it('darkens what it is on, far away too', () => {
    const far = shoot(FOUR, 0.2, { hover: 1 });
    expect(far.named('fillRect').filter((call) => call.fill === 'ink2')).toHaveLength(1);
    for (const look of [SOLID, DASHED]) {
      const layer = (hover: number) => new Set(shoot(FOUR, 0.2, { hover, colours: looks(4, look) }).named('strokeRect').map((call) => call.stroke));
      expect(layer(0)).not.toEqual(layer(-1));
    }
    expect(strokes(shoot(FOUR, 0.5, { hover: 0, colours: looks(4, DASHED) }), 'ink')).toHaveLength(1);
  });

  it('has a tag that stays on the canvas', () => {
    const tag = (x: number, y: number) => shoot(FOUR, 1, { hoverEdge: 0, hoverAt: { x, y }, width: 800, height: 600 }).named('roundRect').at(-1)!.args as number[];
    for (const [x, y] of [[10, 10], [790, 300], [400, 595], [799, 599], [-20, 5]] as const) {
      const [left, top, width, height] = tag(x, y) as [number, number, number, number];
      expect([left >= 0, left + width <= 800, top >= 0, top + height <= 600]).toEqual([true, true, true, true]);
      // Never under the pointer.
      expect(x >= left && x <= left + width && y >= top && y <= top + height).toBe(false);
    }
    const shot = shoot(FOUR, 1, { hoverEdge: 0, hoverShare: 0.5 });
    expect(shot.named('fillText').slice(-2).map((call) => [call.args[0], call.alpha])).toEqual([['a', 0.5], ['1×8', 0.5]]);
  });
});

describe('a selection', () => {
  it('of very many lights no lines: they would say nothing', () => {
    const few = shoot(STUBS, 1, { selection: new Set(Array.from({ length: 40 }, (_, at) => at)) });
    const many = shoot(STUBS, 1, { selection: new Set(Array.from({ length: 41 }, (_, at) => at)) });
    expect(strokes(few, 'accent').length).toBeGreaterThan(41 + 30);
    expect(strokes(many, 'accent')).toHaveLength(41);
  });

  it('rings nodes that are hardly seen by more than they are high', () => {
    for (const zoom of [0.2, 0.05]) {
      const rings = shoot(FOUR, zoom, { selection: new Set([1]) }).named('roundRect').at(-1)!.args as number[];
      expect(Math.min(rings[2]!, rings[3]!)).toBeGreaterThanOrEqual(4);
    }
  });
});

describe('lines far away', () => {
  it('step back, have no heads, and are left out where their nodes meet', () => {
    const moves = (zoom: number): number => shoot(FOUR, zoom).named('moveTo').length;
    expect(strokes(shoot(FOUR, 0.2), 'edge')).toEqual([]);
    expect(strokes(shoot(FOUR, 0.2), 'edgeFar').length).toBeGreaterThan(0);
    expect(shoot(FOUR, 0.2).named('closePath')).toEqual([]);
    expect(shoot(FOUR, 0.5).named('closePath')).toHaveLength(5);
    expect(shoot(FOUR, 0.2, { hover: 0 }).named('closePath')).toEqual([]);
    expect(moves(0.3)).toBe(5);
    // A gap of 28 px is half a pixel.
    expect(moves(0.015)).toBeLessThan(5);
  });
});

describe('marks', () => {
  it('of an edit and of a broken claim stand side by side, smaller the further away', () => {
    const tiles = tilesOf(4, { flag: Uint8Array.of(1, 0, 0, 0), edited: Uint8Array.of(1, 0, 0, 0) });
    const radii = ZOOMS.map((zoom) => {
      const [dot, flag] = shoot(FOUR, zoom, { tiles, colours: looks(4, SOLID) }).named('arc');
      // At full size the flag is at the tile, elsewhere at the corner, beside the dot.
      if (zoom === 0.5) expect((flag!.args[0] as number) - (dot!.args[0] as number)).toBeGreaterThan((flag!.args[2] as number) + (dot!.args[2] as number) - 1);
      return [dot!.args[2], flag!.args[2]] as [number, number];
    });
    radii.slice(1).forEach(([dot, flag], at) => expect([dot < radii[at]![0], flag < radii[at]![1]]).toEqual([true, true]));
    expect(strokes(shoot(FOUR, 0.2, { tiles: tilesOf(4, { edited: Uint8Array.of(1, 0, 0, 0) }) }), 'canvas')).toEqual([]);
    expect(strokes(shoot(FOUR, 1, { tiles, colours: looks(4, SOLID) }), 'alert').length).toBeGreaterThan(0);
    expect(strokes(shoot(FOUR, 0.5, { tiles, colours: looks(4, SOLID) }), 'alert').length).toBe(1);
  });

  it('of a layer that no prune may change: a lock near by, none far away', () => {
    const tiles = tilesOf(4, { kept: Uint8Array.of(0, 0, 1, 0) });
    expect(ZOOMS.map((zoom) => shoot(FOUR, zoom, { tiles, colours: looks(4, SOLID) }).named('arc').length)).toEqual([1, 1, 0]);
  });
});

describe('looks far away', () => {
  const boxes = (zoom: number, look: number) => {
    const shot = shoot(FOUR, zoom, { colours: looks(4, look) });
    return { fills: shot.named('fillRect').slice(1).map((call) => `${call.fill} ${call.alpha}`), lines: shot.named('strokeRect').map((call) => `${call.stroke} ${call.dash.length}`) };
  };

  it('are told apart where there is room for a line, and where there is none', () => {
    const high = [SOLID, STRIPED, HOLLOW, DASHED, NO_TILE].map((look) => JSON.stringify(boxes(0.3, look)));
    expect(new Set(high).size).toBe(5);
    const low = [SOLID, STRIPED, HOLLOW, DASHED, NO_TILE].map((look) => JSON.stringify(boxes(0.13, look)));
    expect(new Set(low).size).toBe(5);
    expect(boxes(0.3, DASHED).lines.every((line) => line.endsWith(' 2'))).toBe(true);
    expect(boxes(0.3, HOLLOW).lines.every((line) => line === 'ink2 0')).toBe(true);
    expect(boxes(0.3, STRIPED).fills.slice(0, 2)).toEqual(['surface 1', '#30a060 0.5']);
    expect(boxes(0.3, NO_TILE).fills).toEqual(['lineStrong 1', 'lineStrong 1', 'lineStrong 1', 'lineStrong 1']);
    // A layer of less than 6 px has no line around its colour.
    expect(boxes(0.1, SOLID).lines).toEqual([]);
    expect(boxes(0.3, SOLID).lines).toEqual(['tileLine 0', 'tileLine 0']);
  });

  it('grow with the distance, so that a layer is at least 5 px high', () => {
    const lone = graph([{ op: 'Conv', layer: true }], []);
    const height = (zoom: number): number => shoot(lone, zoom, { colours: looks(1, SOLID) }).named('fillRect')[1]!.args[3] as number;
    expect(height(0.3)).toBe(16);
    expect([height(0.05), height(0.04)]).toEqual([5, 5]);
  });
});

it('draws what is smaller than a pixel as one', () => {
  for (const ratio of [1, 2]) {
    const boxes = shoot(FOUR, 0.005, { ratio, colours: looks(4, SOLID) }).named('fillRect').slice(1).map((call) => call.args as number[]);
    expect(boxes.length).toBeGreaterThan(0);
    for (const [, , width, height] of boxes) expect(Math.min(width!, height!)).toBeGreaterThanOrEqual(1 / ratio);
  }
});

it('writes the share of a dense layer as a fact, and dots for one that is not known more softly', () => {
  const figure = (look: number) => shoot(FOUR, 1, { tiles: tilesOf(4, { sparsity: new Float32Array(4) }), colours: looks(4, look) }).named('fillText').find((call) => String(call.args[0]).includes('%'))!.fill;
  expect([figure(HOLLOW), figure(DASHED), figure(STRIPED)]).toEqual(['ink', 'ink2', 'ink2']);
});
