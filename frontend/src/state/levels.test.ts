// The table of levels: what is typed, pasted and read, and what the form then asks for.
import { beforeEach, expect, it } from 'vitest';
import { sampleRow, sampleSummary } from '../api/sample';
import { beginLevels, changeLevels, levelOf, readTable, setLevels, typedLevel, writeTable } from './levels';
import { form, PLAIN, requestOf, targets } from './prune';
import { select } from './selection';
import { replaceRows, titleOf } from './weights';

const LAYERS = ['conv1', 'a, "b"', 'fc'];

beforeEach(() => {
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, layer: 'fc', tensor: 'fc.w' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1]);
  form.value = { ...PLAIN, scope: 'global', budget: 'overall', sparsity: 0.6 };
});

it('takes a level as people write it, and no number that could mean two', () => {
  expect(['0.6', '60%', '60 %', '0,6', '1', '0'].map(levelOf)).toEqual([0.6, 0.6, 0.6, 0.6, 1, 0]);
  expect(['60', 'x', '', '101%', '-1', '1e-1'].map(levelOf)).toEqual([null, null, null, null, null, null]);
  expect(['60', '62.5', '60 %', '150', ''].map(typedLevel)).toEqual([0.6, 0.625, 0.6, null, null]);
});

it('reads lines with any separator, heads, quotes, levels alone and JSON', () => {
  for (const text of ['conv1,60%\nfc,0.5', 'layer\tsparsity\nconv1\t0.6\nfc\t50%', 'Layer; Level\r\nconv1;60%\r\nfc;50 %\r\n', '{"conv1": 0.6, "fc": "50%"}']) {
    expect(readTable(text, LAYERS)).toEqual({ levels: { conv1: 0.6, fc: 0.5 }, problems: [] });
  }
  expect(readTable('"a, ""b""",25%', LAYERS).levels).toEqual({ 'a, "b"': 0.25 });
  expect(readTable('10%\n20%', LAYERS, 1).levels).toEqual({ 'a, "b"': 0.1, fc: 0.2 });
});

it('says which lines say nothing', () => {
  const { levels, problems } = readTable('conv1,60%\nnone,50%\nfc,60', LAYERS);
  expect(levels).toEqual({ conv1: 0.6 });
  expect(problems).toEqual(['Line 2: none is none of the chosen layers.', 'Line 3: “60” is no level; say 60 % or 0.6.']);
  expect(readTable('1%\n2%\n3%\n4%', LAYERS).problems).toEqual(['Line 4: there is no layer left for 4%.']);
  expect(readTable('{', LAYERS).problems).toHaveLength(1);
});

it('writes what it reads', () => {
  const levels = { conv1: 0.6, 'a, "b"': 0.123456, fc: 1 / 3 };
  const again = readTable(writeTable(levels, LAYERS), LAYERS);
  expect(again.problems).toEqual([]);
  for (const layer of LAYERS) expect(again.levels[layer]).toBeCloseTo(levels[layer as 'fc'], 7);
});

it('asks for the table alone: each layer of its own', () => {
  beginLevels();
  expect(form.value.levels).toEqual({ conv1: 0.6, fc: 0.6 });
  changeLevels({ conv1: 0.8 });
  expect(requestOf(form.value, targets.value)).toMatchObject({ levels: { conv1: 0.8, fc: 0.6 }, sparsity: null, threshold: null, scope: 'layer' });
  expect(requestOf(form.value, targets.value)).not.toHaveProperty('budget');
  changeLevels({ fc: null });
  expect(requestOf(form.value, targets.value).levels).toEqual({ conv1: 0.8 });
  // What is not selected any more is not asked for: the server would not know the layer.
  expect(requestOf(form.value, targets.value.slice(1)).levels).toEqual({});
  setLevels(null);
  expect(requestOf(form.value, targets.value)).not.toHaveProperty('levels');
});

it('keeps levels where the format can reach them', () => {
  form.value = { ...form.value, format: '2:4', sparsity: 0.3 };
  beginLevels();
  expect(form.value.levels!['fc']).toBe(0.5);
  changeLevels({ fc: 0.1, conv1: 7 });
  expect(form.value.levels).toEqual({ fc: 0.5, conv1: 1 });
});

it('knows layers without a name by what people see of them, and by their address', () => {
  const summary = sampleSummary([]);
  replaceRows([sampleRow({ layer: 'main#0', title: 'stem.weight' })], summary);
  expect(writeTable({ 'main#0': 0.5 }, ['main#0'])).toBe('layer,sparsity\nstem.weight,50%');
  for (const text of ['stem.weight,50%', 'main#0,50%', '{"stem.weight": 0.5}']) {
    expect(readTable(text, ['main#0'])).toEqual({ levels: { 'main#0': 0.5 }, problems: [] });
  }
  expect([titleOf('main#0'), titleOf('main#1')]).toEqual(['stem.weight', 'main#1']);
});
