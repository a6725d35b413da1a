// Colour modes: what each says of a node, in a colour and in words; colours that all eyes tell apart.
import { describe, expect, it } from 'vitest';
import { sampleRow, unmeasured } from '../../api/sample';
import type { WeightRow } from '../../api/schema';
import { decodeColumns } from '../../graph/columns';
import { documentOf } from '../../graph/document';
import { encodeSample, type SampleNode } from '../../graph/sample';
import { glyphIndex, glyphOf } from '../../lib/glyphs';
import { scaleRgb } from '../../ui/scale';
import { cssOf, DASHED, HOLLOW, NO_COLOUR, NO_TILE, packed, SOLID, STRIPED, unpacked } from '../colours';
import { DECLARED, MEASURED, NONE, UNMEASURED } from '../tiles';
import { sensitivity } from '../../state/sensitivity';
import { COLOUR_MODES, modeOf } from './list';
import { coloursOf, type Facts } from './mode';
import * as palette from './palette';

const CLAIM = { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null };

/** One node per row; null for a node without weights. */
function facts(rows: (WeightRow | null)[], ops: string[] = rows.map((row) => (row ? 'Conv' : 'Relu'))): Facts {
  const nodes: SampleNode[] = rows.map((row, id) => ({ id, op: ops[id], layer: row !== null }));
  const state = rows.map((row) => {
    if (row === null) return NONE;
    if (row.sparsity !== null) return MEASURED;
    return typeof row.declared?.sparsity === 'number' ? DECLARED : UNMEASURED;
  });
  const claimed = (row: WeightRow | null) => row?.format ?? row?.declared?.format ?? null;
  return {
    document: documentOf(decodeColumns(encodeSample(nodes, []))),
    tiles: {
      state: Uint8Array.from(state),
      sparsity: Float32Array.from(rows, (row) => row?.sparsity ?? row?.declared?.sparsity ?? 0),
      glyph: Uint8Array.from(rows, (row) => glyphIndex(glyphOf(claimed(row)))),
      flag: new Uint8Array(rows.length),
      edited: new Uint8Array(rows.length),
      tag: rows.map(() => null),
      rowShare: null,
    },
    rowsOfNode: new Map(rows.flatMap((row, id) => (row ? [[id, [row]] as const] : []))),
  };
}

/** A sweep in which each of four layers alone moved the outputs so far. */
function swept(...drifts: number[]): void {
  sensitivity.value = {
    method: 'wanda', format: 'unstructured', label: '', done: 1, total: 1, held_out: 8, synthetic: false, stale: false,
    layers: drifts.map((drift, id) => ({ weights: [id], layer: `layer${id}`, elements: 1, reason: null, points: [{ level: 0.6, cosine: 1 - drift, relative_l2: null }] })),
  };
}

function painted(id: string, told: Facts) {
  const { look, rgb, word } = coloursOf(modeOf(id), told);
  return { look: [...look], rgb: [...rgb], word };
}

describe('the list', () => {
  it('begins with sparsity, and each mode has its own name', () => {
    expect(COLOUR_MODES[0].id).toBe('sparsity');
    expect(new Set(COLOUR_MODES.map((mode) => mode.id)).size).toBe(COLOUR_MODES.length);
    expect(modeOf('no such mode').id).toBe('sparsity');
  });

  it('each legend names every colour that its mode paints', () => {
    swept(0.02);
    const told = facts(
      [sampleRow(), sampleRow({ dtype: 'int8', elements: 5e6 }), sampleRow({ agrees: true, declared: CLAIM }), null],
      ['Conv', 'Gemm', 'MatMul', 'Relu'],
    );
    for (const mode of COLOUR_MODES.filter((one) => one.id !== 'sparsity')) {
      const legend = mode.legend(told);
      const shown = new Set([...(legend.scale?.colours ?? []), ...legend.groups.flat().map((key) => key.colour)]);
      const used = [...coloursOf(mode, told).rgb].filter((rgb) => rgb !== NO_COLOUR).map(cssOf);
      expect(used.length, mode.id).toBeGreaterThan(0);
      for (const colour of used) expect(shown, mode.id).toContain(colour);
      expect(legend.groups.flat().every((key) => key.text !== '')).toBe(true);
    }
  });

  it('a colour never speaks alone: a word says it too, or the node has it', () => {
    const told = facts([sampleRow({ agrees: true, declared: CLAIM }), sampleRow({ agrees: false, declared: CLAIM })]);
    for (const mode of COLOUR_MODES) {
      const { rgb, word } = coloursOf(mode, told);
      if (mode.id === 'sparsity' || mode.id === 'op') expect(word).toBeNull();
      else rgb.forEach((colour, at) => colour !== NO_COLOUR && expect(word?.[at], mode.id).not.toBe(''));
    }
  });
});

describe('what a mode says', () => {
  it('sparsity: the fixed scale; dense is hollow, unknown dashed, a claim striped', () => {
    const told = facts([sampleRow(), sampleRow({ zeros: 0, sparsity: 0, format: 'dense' }), unmeasured(), unmeasured({ declared: CLAIM }), null]);
    const { look, rgb } = painted('sparsity', told);
    expect(look).toEqual([SOLID, HOLLOW, DASHED, STRIPED, NO_TILE]);
    expect(rgb[0]).toBe(packed(scaleRgb(0.5)));
    expect(rgb[1]).toBe(NO_COLOUR);
  });

  it('format: one colour per family', () => {
    const formats = ['unstructured', '2:4', '1:4', 'bsr:4x4', 'channel:out', 'channel:in', 'coo'];
    const told = facts([...formats.map((format) => sampleRow({ format })), sampleRow({ format: 'dense', sparsity: 0 }), unmeasured({ declared: CLAIM }), null]);
    const { look, rgb, word } = painted('format', told);
    expect(rgb[1]).toBe(rgb[2]);
    expect(new Set(rgb.slice(0, formats.length)).size).toBe(formats.length - 1);
    expect(look.slice(formats.length)).toEqual([HOLLOW, STRIPED, NO_TILE]);
    expect(rgb[formats.length + 1]).toBe(rgb[1]);
    expect(word?.slice(1, 4)).toEqual(['2:4', '1:4', 'bsr:4x4']);
  });

  it('claims: agrees, differs, not checked, no claim', () => {
    const told = facts([
      sampleRow({ declared: CLAIM, agrees: true }), sampleRow({ declared: CLAIM, agrees: false }), unmeasured({ declared: CLAIM }), sampleRow(), unmeasured(), null,
    ]);
    const { look, rgb, word } = painted('claims', told);
    expect(word).toEqual(['agrees', 'differs', 'declared', 'no claim', '', '']);
    expect(look).toEqual([SOLID, SOLID, STRIPED, HOLLOW, DASHED, NO_TILE]);
    expect(rgb[0]).not.toBe(rgb[1]);
  });

  it('operator type: the frequent ones apart, those with weights before them, the rest plain', () => {
    const ops = ['A', 'A', 'B', 'B', ...'CDEFGHIJ'];
    const told = facts(ops.map(() => null), ops);
    const { look, rgb } = painted('op', told);
    expect(rgb[0]).toBe(rgb[1]);
    expect(new Set(rgb).size).toBe(8);
    expect([look[0], rgb[ops.indexOf('I')], look[ops.indexOf('I')]]).toEqual([SOLID, NO_COLOUR, NO_TILE]);
    // A single layer is never among the others.
    const layer = facts([...ops.map(() => null), sampleRow()], [...ops, 'Z']);
    expect(painted('op', layer).rgb.at(-1)).toBe(palette.BLUE);
    const texts = modeOf('op').legend(told).groups.flat().map((key) => key.text);
    expect(texts[0]).toBe('A 2');
    expect(texts.at(-1)).toBe('3 others 3');
  });

  it('parameters: fixed steps of ten, darker is more', () => {
    const told = facts([999, 1000, 9999, 1e5, 2e7, 9e9].map((elements) => sampleRow({ elements })));
    const { rgb, word } = painted('parameters', told);
    expect(rgb[1]).toBe(rgb[2]);
    expect(rgb[4]).toBe(rgb[5]);
    const light = [0, 1, 3, 4].map((at) => unpacked(rgb[at]).reduce((a, b) => a + b));
    expect(light).toEqual(light.toSorted((a, b) => b - a));
    expect(word?.map((text) => text.replace('\u00a0', ' '))[4]).toBe('20.0 M');
    // Two models compare: another neighbour changes nothing.
    expect(painted('parameters', facts([sampleRow({ elements: 1000 })])).rgb[0]).toBe(rgb[1]);
  });

  it('sensitivity: fixed steps of ten, darker is more, dashed where nothing is measured', () => {
    swept(0.00002, 0.002, 0.3);
    const told = facts([0, 1, 2, 3].map((id) => sampleRow({ id })));
    const { look, rgb, word } = painted('sensitivity', told);
    const light = rgb.slice(0, 3).map((colour) => unpacked(colour).reduce((a, b) => a + b));
    expect(light).toEqual(light.toSorted((a, b) => b - a));
    expect(new Set(light).size).toBe(3);
    expect(word).toEqual(['2.0e-5', '0.00200', '0.300', '']);
    expect(look).toEqual([SOLID, SOLID, SOLID, DASHED]);
    sensitivity.value = null;
    expect(painted('sensitivity', told).look).toEqual([DASHED, DASHED, DASHED, DASHED]);
  });

  it('data type: by family, also where nothing is measured', () => {
    const types = ['float32', 'float16', 'bfloat16', 'float8e4m3fn', 'int8', 'uint8', 'int4', 'float64', 'bool'];
    const { look, rgb, word } = painted('dtype', facts([...types.map((dtype) => unmeasured({ dtype })), null]));
    expect(new Set(rgb.slice(0, types.length)).size).toBe(types.length - 1);
    expect(rgb[4]).toBe(rgb[5]);
    expect(word?.[0]).toBe('float32');
    expect(look.at(-1)).toBe(NO_TILE);
  });
});

describe('a layer with several weights', () => {
  const of = (...rows: WeightRow[]): Facts => ({ ...facts([rows[0]!]), rowsOfNode: new Map([[0, rows]]) });

  it('breaks a claim where one of them does, and has none checked where one is not', () => {
    const broken = sampleRow({ id: 1, declared: CLAIM, agrees: false });
    const open = unmeasured({ id: 2, declared: CLAIM });
    const fine = sampleRow({ id: 3, declared: CLAIM, agrees: true });
    expect(painted('claims', of(open, broken)).word).toEqual(['differs']);
    expect(painted('claims', of(fine, open)).word).toEqual(['declared']);
    expect(painted('claims', of(fine, sampleRow({ id: 4 }))).word).toEqual(['agrees']);
  });

  it('is of mixed type, and of mixed format, where they differ', () => {
    const mixed = painted('dtype', of(sampleRow(), sampleRow({ id: 1, dtype: 'int8' })));
    expect([mixed.word, mixed.rgb]).toEqual([['mixed'], [palette.GREY]]);
    expect(painted('dtype', of(sampleRow(), sampleRow({ id: 1 }))).word).toEqual(['float32']);
    expect(painted('format', of(sampleRow({ format: '2:4' }), sampleRow({ id: 1, format: 'unstructured' }))).word).toEqual(['mixed']);
  });

  it('has as many parameters as all of them, and the greatest sensitivity', () => {
    expect(painted('parameters', of(sampleRow({ elements: 600 }), sampleRow({ id: 1, elements: 900, tensor: 'conv1.other' }))).rgb).toEqual(painted('parameters', of(sampleRow({ elements: 1500 }))).rgb);
    expect(painted('parameters', of(sampleRow({ elements: 600 }))).rgb).not.toEqual(painted('parameters', of(sampleRow({ elements: 1500 }))).rgb);
    swept(0.00002, 0.3);
    expect(painted('sensitivity', of(sampleRow({ id: 0 }), sampleRow({ id: 1 }))).word).toEqual(['0.300']);
    sensitivity.value = null;
  });
});

it('format: what has no structure to tell of is hollow, though a few zeros are in it', () => {
  const told = facts([sampleRow({ format: 'dense', sparsity: 0.001 })]);
  expect(painted('format', told).look).toEqual([HOLLOW]);
});

it('only sparsity has the scale that rows and the budget share', () => {
  const told = facts([sampleRow()]);
  expect(COLOUR_MODES.filter((mode) => coloursOf(mode, told).scale).map((mode) => mode.id)).toEqual(['sparsity']);
});

/** Deuteranopia on linear channels, Machado, Oliveira and Fernandes 2009, severity 1. */
const DEUTERANOPIA = [
  [0.367322, 0.860646, -0.227968],
  [0.280085, 0.672501, 0.047413],
  [-0.01182, 0.04294, 0.968881],
];

const linear = (c: number): number => (c <= 0.04045 * 255 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);

/** CIE L*a*b* (D65) of a packed colour, as seen with deuteranopia. */
function seen(colour: number): number[] {
  const [r, g, b] = unpacked(colour).map(linear);
  const rgb = DEUTERANOPIA.map(([x, y, z]) => Math.min(Math.max(x * r + y * g + z * b, 0), 1));
  const xyz = [
    (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505,
    0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2],
    (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089,
  ].map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
  return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])];
}

it('colours of kinds are told apart with deuteranopia too', () => {
  const colours = Object.values(palette);
  for (const a of colours) {
    for (const b of colours) {
      if (a >= b) continue;
      const [p, q] = [seen(a), seen(b)];
      const distance = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
      expect(distance, `${cssOf(a)} ${cssOf(b)}`).toBeGreaterThan(15);
    }
  }
});
