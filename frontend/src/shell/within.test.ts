// What tiles of operators with bodies tell: sums over the weights inside, against counting one by one.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary, unmeasured } from '../api/sample';
import type { WeightRow } from '../api/schema';
import { DECLARED, MEASURED, NONE, UNMEASURED } from '../canvas/tiles';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample, randomStream, type SampleNode } from '../graph/sample';
import { LAYER_HEIGHT, LAYER_WIDTH, nodeSizes } from '../graph/sizes';
import { buildScene, openScene } from '../graph/scene';
import { GLYPHS } from '../lib/glyphs';
import { countShort } from '../lib/numbers';
import { coloursOf } from '../canvas/modes/mode';
import { COLOUR_MODES } from '../canvas/modes/list';
import { tilesOf } from './tiles';
import { graph } from '../state/graph';
import { select } from '../state/selection';
import { replaceRows, rows, rowsOfNode } from '../state/weights';
import { inside, layersInside, overWhat, rowsIn, rowsTold } from '../state/within';

const CLAIM = { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null };
const HOLDS = { op: 'If', subgraph: 'main#0.then_branch' };

function show(nodes: readonly SampleNode[]): void {
  const columns = decodeColumns(encodeSample(nodes, []));
  graph.value = { document: documentOf(columns), scene: openScene(buildScene(columns)) };
}

function know(list: readonly WeightRow[]): void {
  replaceRows(list, sampleSummary(list));
}

const tiles = () => tilesOf(graph.value!.document, rowsTold.value, rows.value);

beforeEach(() => know([]));
afterEach(() => {
  graph.value = null;
  select([]);
});

it('weighs the distinct tensors inside, whatever is nested, shared or called twice', () => {
  const random = randomStream(7);
  const list = Array.from({ length: 40 }, (_, id) => {
    // Some thirty tensors: what shares one has its numbers.
    const tensor = Math.floor(random() * 30);
    const elements = 100 + 13 * tensor;
    return sampleRow({ id, node: 100 + Math.floor(id / 2), tensor: `t${tensor}`, elements, zeros: 3 * tensor, sparsity: (3 * tensor) / elements });
  });
  const held = Array.from({ length: 12 }, () => list.map((row) => row.id).filter(() => random() < 0.3));
  held.push(held[0]);
  show(held.map((within) => ({ ...HOLDS, within })));
  know(list);
  const made = tiles();
  held.forEach((ids, at) => {
    const zeros = new Map(ids.map((id) => [list[id].tensor, list[id].zeros!]));
    const elements = new Map(ids.map((id) => [list[id].tensor, list[id].elements]));
    const sum = (of: Map<string, number>) => [...of.values()].reduce((a, b) => a + b, 0);
    expect(made.state[at]).toBe(MEASURED);
    expect(made.sparsity[at]).toBe(Math.fround(sum(zeros) / sum(elements)));
    expect(inside.value.get(at)!.layers).toEqual([...new Set(ids.map((id) => list[id].node))]);
  });
});

it('tells nothing of a part: not while rows come in, not while weights are measured', () => {
  show([{ ...HOLDS, within: [0, 1] }, { op: 'If', subgraph: 'main#1.then_branch' }]);
  expect([...tiles().state]).toEqual([UNMEASURED, NONE]);
  know([sampleRow({ node: 9 })]);
  expect(tiles().state[0]).toBe(UNMEASURED);
  know([sampleRow({ node: 9 }), unmeasured({ id: 1, node: 9, tensor: 'other' })]);
  expect(tiles().state[0]).toBe(UNMEASURED);
  know([sampleRow({ node: 9 }), sampleRow({ id: 1, node: 9, tensor: 'other', zeros: 0, sparsity: 0 })]);
  expect([tiles().state[0], tiles().sparsity[0]]).toEqual([MEASURED, 0.25]);
});

it('is striped only where each weight inside is measured or claimed, and weighs both', () => {
  show([{ ...HOLDS, within: [0, 1] }]);
  const claimed = unmeasured({ node: 8, declared: CLAIM });
  know([claimed, unmeasured({ id: 1, node: 9, tensor: 'other' })]);
  expect(tiles().state[0]).toBe(UNMEASURED);
  know([claimed, sampleRow({ id: 1, node: 9, tensor: 'other', elements: 96, zeros: 0, sparsity: 0, format: '2:4' })]);
  expect([tiles().state[0], tiles().sparsity[0]]).toEqual([DECLARED, 0.375]);
  expect(GLYPHS[tiles().glyph[0]]).toBe('nm');
});

it('marks what is inside: edited, false claims by their number, a lock only where all are locked', () => {
  show([{ ...HOLDS, within: [0, 1] }, { ...HOLDS, within: [1] }]);
  know([
    sampleRow({ node: 8, declared: CLAIM, agrees: false, edited: true }),
    sampleRow({ id: 1, node: 9, tensor: 'other', declared: CLAIM, agrees: false, protected: true }),
  ]);
  const made = tiles();
  expect(made.tag).toEqual(['2 claims inside', '1 claim inside']);
  expect([...made.edited]).toEqual([1, 0]);
  expect([...made.kept!]).toEqual([0, 1]);
});

it('has a tile in every colour mode, with the word that is common to all, or "mixed"', () => {
  show([{ ...HOLDS, within: [0, 1] }, { ...HOLDS, within: [0] }, { id: 2, op: 'Conv', layer: true }]);
  know([sampleRow({ node: 8 }), sampleRow({ id: 1, node: 9, tensor: 'other', format: '2:4', dtype: 'float16', elements: 800 }), sampleRow({ id: 2, node: 2 })]);
  const facts = { document: graph.value!.document, tiles: tiles(), rowsOfNode: rowsTold.value };
  const words = Object.fromEntries(COLOUR_MODES.map((mode) => {
    const { look, word } = coloursOf(mode, facts);
    expect([mode.id, look[0] > 0, look[1], look[1] > 0]).toEqual([mode.id, true, look[2], true]);
    return [mode.id, word?.slice(0, 2)];
  }));
  expect(words.format).toEqual(['mixed', 'unstruct.']);
  expect(words.dtype).toEqual(['mixed', 'float32']);
  expect(words.parameters).toEqual([countShort(1088), countShort(288)]);
});

it('is as large as a layer before anything is measured, and no layer of the table', () => {
  const nodes = [{ ...HOLDS, within: [0] }, { id: 1, op: 'Conv', layer: true, within: [1, 2] }, HOLDS];
  const columns = decodeColumns(encodeSample(nodes, []));
  expect([...columns.nodeLayer]).toEqual([1, 1, 0]);
  const { width, height } = nodeSizes(columns);
  expect([...width.slice(0, 2), ...height.slice(0, 2)]).toEqual([LAYER_WIDTH, LAYER_WIDTH, LAYER_HEIGHT, LAYER_HEIGHT]);
  expect(width[2]).toBeLessThan(LAYER_WIDTH);
  show(nodes);
  know([sampleRow({ node: 8 }), sampleRow({ id: 1, node: 1, tensor: 'own' }), sampleRow({ id: 2, node: 9, tensor: 'other' })]);
  expect(rowsOfNode.value.has(0)).toBe(false);
  expect(overWhat(inside.value.get(0)!)).toBe('weighted over 1 layer inside');
  expect(overWhat(inside.value.get(1)!)).toBe('weighted over its own weights and 1 layer inside');
  select([0, 1]);
  expect(layersInside()).toEqual([8, 9]);
});

it('tells the bodies of an operator apart, unless a function is called in one of them', () => {
  show([{ ...HOLDS, within: [0, 1, 2] }]);
  const [then, other] = ['main#0.then_branch', 'main#0.else_branch'];
  const list = [sampleRow({ graph: then }), sampleRow({ id: 1, graph: `${other}#7.body` }), sampleRow({ id: 2, graph: other })];
  know(list);
  const ids = (path: string) => rowsIn(path, 0).map((row) => row.id);
  expect([ids(then), ids(other), ids(`${other}#7.body`)]).toEqual([[0], [1, 2], [1]]);
  know([...list.slice(0, 2), sampleRow({ id: 2, graph: 'my.domain::F' })]);
  expect([ids(then), ids(other)]).toEqual([[], []]);
});

it('refuses stretches that are out of order', () => {
  for (const [from, to] of [[0, 9], [2, 1]]) {
    const broken = encodeSample([{ ...HOLDS, within: [0, 1] }], []);
    const { start, end } = decodeColumns(broken).within!;
    start[0] = from;
    end[0] = to;
    expect(() => decodeColumns(broken)).toThrow('out of order');
  }
});
