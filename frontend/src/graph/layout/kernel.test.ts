// @vitest-environment node
// The compiled kernel against the same source as a script: the same drawings, bit for bit.
import { expect, it } from 'vitest';
import { compiledKernel } from '../../../compile';
import { randomStream } from '../sample';
import { bringCompiled, kernel } from './kernel';
import { layout } from './layout';
import type { LayoutInput } from './types';

/** Nodes with one to three inputs of the last few, and now and then one of long ago. */
function randomInput(seed: number, count: number): LayoutInput {
  const random = randomStream(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const edges: [from: number, to: number, port: number][] = [];
  for (let node = 1; node < count; node++) {
    for (let port = 0; port < 1 + below(3); port++) {
      edges.push([below(9) === 0 ? below(node) : Math.max(0, node - 1 - below(6)), node, port]);
    }
  }
  return {
    count,
    width: Float32Array.from({ length: count }, () => 40 + 2 * below(100)),
    height: Float32Array.from({ length: count }, () => 22 + below(40)),
    source: Uint32Array.from(edges, ([from]) => from),
    target: Uint32Array.from(edges, ([, to]) => to),
    tensor: Uint32Array.from(edges, ([from]) => from),
    port: Uint16Array.from(edges, ([, , port]) => port),
  };
}

it('draws the same', async () => {
  const inputs = [1, 2, 3, 4, 5, 6].map((seed) => randomInput(seed, 20 + 30 * seed));
  const expected = inputs.map(layout);
  const script = kernel();
  const bytes = await compiledKernel(`${import.meta.dirname}/../../..`);
  bringCompiled(() => bytes.buffer);
  expect(inputs.map(layout)).toEqual(expected);
  expect(kernel()).not.toBe(script);
});

it('stays with the script where nothing can be compiled', () => {
  const before = kernel();
  bringCompiled(() => new ArrayBuffer(8));
  expect(kernel()).toBe(before);
});
