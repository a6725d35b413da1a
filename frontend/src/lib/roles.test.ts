// What a layer is for, told by its name without block numbers.
import { expect, it } from 'vitest';
import { roleOf } from './roles';

it('is the same in every block, and another for another part of it', () => {
  expect(roleOf('/encoder/layer.0/self/query/MatMul')).toBe(roleOf('/encoder/layer.11/self/query/MatMul'));
  expect(roleOf('/encoder/layer.0/self/query/MatMul')).not.toBe(roleOf('/encoder/layer.0/output/dense/MatMul'));
  expect(roleOf('layer3.7/conv1')).toBe(roleOf('layer1.0/conv1'));
  expect(roleOf('layer3.7/conv1')).not.toBe(roleOf('layer3.7/conv2'));
  expect(roleOf('features.3.conv.0')).toBe(roleOf('features.12.conv.1'));
});

it('goes by the number at the end where a name has one part only', () => {
  expect(roleOf('conv1')).toBe(roleOf('conv12'));
  expect(roleOf('MatMul_3')).toBe(roleOf('MatMul_41'));
  expect(roleOf('main#12')).toBe(roleOf('main#7'));
  expect(roleOf('fc')).toBe('fc');
});
