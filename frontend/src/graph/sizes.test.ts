// Nodes hug what they say: the word, the constants beside it, the lines below; never wider than a layer.
import { describe, expect, it } from 'vitest';
import { decodeColumns, rowCounts } from './columns';
import { encodeSample, type SampleNode } from './sample';
import { labelWidth, LAYER_WIDTH, nodeSizes, SMALL_HEIGHT, stubTexts, stubWidths } from './sizes';

function widths(...nodes: SampleNode[]): number[] {
  const columns = decodeColumns(encodeSample(nodes, []));
  return Array.from(nodeSizes(columns, rowCounts(columns)).width);
}

describe('nodeSizes', () => {
  it('gives the constants of an operator room beside its word, on one line', () => {
    const [plain, noted, long] = widths(
      { op: 'Mul' },
      { op: 'Mul', note: 'B = 10000' },
      { op: 'Slice', note: 'starts = [0] · ends = [max] · axes = [2] · steps = [2]' },
    );
    expect(noted! - plain!).toBeGreaterThan(labelWidth('B = 10000') * 0.9);
    expect(noted! - plain!).toBeLessThan(labelWidth('B = 10000') * 1.2 + 10);
    expect(long).toBeLessThan(LAYER_WIDTH);
    expect(long).toBeGreaterThan(noted!);
    const columns = decodeColumns(encodeSample([{ op: 'Mul', note: 'B = 10000' }], []));
    expect(nodeSizes(columns).height[0]).toBe(SMALL_HEIGHT);
  });

  it('makes layers wide enough for what matters about a depthwise convolution, beside the tile', () => {
    const [layer] = widths({ op: 'Conv', layer: true });
    // At 11 of 12 px, between the left edge's 14 px and the tile's 62 with 5 before it.
    const note = (labelWidth('960×1×3×3 · depthwise · stride 2') * 11) / 12;
    expect(layer! - 14 - 62 - 5).toBeGreaterThan(note);
    expect(layer!).toBeLessThan(280);
  });

  it('hugs lines of text, however short or long', () => {
    const [short, long] = widths(
      { op: 'Unsqueeze', rows: [['axes', '= [0]']] },
      { op: 'Mul', rows: [['B', 'x'.repeat(500)]] },
    );
    expect(short).toBeLessThan(130);
    expect(long).toBe(LAYER_WIDTH);
  });

  it('does not grow with a name of 500 letters', () => {
    const [input] = widths({ kind: 1, name: 'n'.repeat(500) });
    expect(input).toBeLessThan(LAYER_WIDTH);
  });

  it('knows letters that are as wide as high', () => {
    expect(labelWidth('層層層')).toBe(36);
    expect(labelWidth('🦙')).toBe(12);
  });

  it('have the width of a monospaced name where they are inputs or outputs', () => {
    const width = (name: string, kind: number): number =>
      nodeSizes(decodeColumns(encodeSample([{ kind, name, op: name }], []))).width[0]!;
    // Narrow letters are as wide as the others there: 11 px, 0.6 of that each.
    const name = 'repetition_filtili';
    expect(width(name, 1) - 32).toBeGreaterThanOrEqual(name.length * 6.6);
    expect(width('入力', 1)).toBeGreaterThanOrEqual(width('ab', 1));
    expect(width(name, 1)).toBeGreaterThan(width(name, 0));
  });

  it('counts letters twice that are as wide as high, and halves of an emoji once', () => {
    const width = (name: string): number => widths({ kind: 1, name })[0]!;
    const count = 9;
    expect(width('力'.repeat(count)) - width('a'.repeat(count))).toBeGreaterThan(6 * count);
    expect(Math.abs(width('🦙'.repeat(count)) - width('力'.repeat(count)))).toBeLessThanOrEqual(2);
    expect(labelWidth('GEMM')).toBeGreaterThan(1.15 * labelWidth('gemn'));
  });

  it('makes every width even, so that middles are whole', () => {
    for (let letters = 1; letters < 40; letters++) {
      for (const width of widths({ op: 'n'.repeat(letters) }, { kind: 1, name: 'n'.repeat(letters) }, { op: 'Mul', rows: [['B', 'n'.repeat(letters)]] })) expect(width % 2).toBe(0);
    }
  });

  it('leaves room for the mark of a body, and for the share of zeros of a weight', () => {
    const [plain, opens] = widths({ op: 'SequenceMap' }, { op: 'SequenceMap', subgraph: 'main#1.body' });
    expect(opens! - plain!).toBe(14);
    const [constant, weight] = widths({ op: 'Mul', rows: [['weight', '64×64']] }, { op: 'Mul', rows: [['weight', '64×64', 3]] });
    expect(weight! - constant!).toBeGreaterThan(40);
  });

  it('gives a long name of a line half of a layer, for the text is what counts', () => {
    const [narrow] = widths({ op: 'Mul', rows: [['a_name_that_is_much_too_long_for_it', '1']] });
    expect(narrow).toBeLessThan(LAYER_WIDTH * 0.75);
  });
});

it('names of stubs are a tensor\'s own, without its path, in a box of limited width', () => {
  const columns = decodeColumns(encodeSample([{}, {}], ['/model/mask', 'a/b/', 'plain', `/x/${'y'.repeat(500)}`].map((tensor) => ({ from: 0, to: 1, tensor }))));
  const plan = { of: new Int32Array(4), edge: Uint32Array.of(0, 0, 1, 2, 3), node: new Uint32Array(5), side: Uint8Array.of(0, 1, 1, 1, 1), uses: Uint32Array.of(4, 4, 4, 4, 4) };
  const texts = stubTexts(columns, plan);
  expect(texts.slice(0, 4)).toEqual(['mask ×4', 'mask', 'b/', 'plain']);
  const [wide, short, , , long] = stubWidths(texts);
  expect([wide! > short!, long! > wide!, long! <= 150, short! > labelWidth('mask'), short! % 2]).toEqual([true, true, true, true, 0]);
});
