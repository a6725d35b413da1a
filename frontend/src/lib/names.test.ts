// Long names: which part counts the block, and where to cut.
import { expect, it } from 'vitest';
import { apart, countedPart, graphStep, shortName, splitName } from './names';

it('finds the part that counts the block', () => {
  expect(countedPart('/model/layers.11/mlp/down_proj'.split('/'))).toBe(2);
  expect(countedPart('layer3/layer3.7/conv2'.split('/'))).toBe(1);
  expect(countedPart('encoder/layer_._0/self/query'.split('/'))).toBe(1);
  expect(countedPart('blocks/4/attn/qkv'.split('/'))).toBe(1);
  expect(countedPart('/head/fc1/Gemm'.split('/'))).toBe(-1);
  expect(countedPart(['Conv_134'])).toBe(-1);
});

it('keeps that part, else the end, and loses no letter', () => {
  expect(splitName('/model/layers.11/mlp/down_proj/MatMul')).toEqual({ head: '/model/', key: 'layers.11/', tail: 'mlp/down_proj/MatMul' });
  expect(splitName('Conv_134')).toEqual({ head: '', key: 'Conv_134', tail: '' });
  expect(splitName('transformer.h.0.attn.c_proj.weight')).toEqual({ head: 'transfor', key: 'mer.h.0.attn.c_proj.weight', tail: '' });
  for (const name of ['/a/b.1/c', '', '/', 'x'.repeat(80), '/long/path/without/any/number/in/it/at/all/MatMul', 'b.0/c']) {
    const { head, key, tail } = splitName(name);
    expect(head + key + tail).toBe(name);
  }
});

it('leaves what tells names apart', () => {
  expect(apart(['/e/layer.0/self/query/MatMul', '/e/layer.0/self/key/MatMul'])).toEqual(['query', 'key']);
  expect(apart(['/l/layer1.0/conv1/Conv', '/l/layer1.1/conv2/Conv'])).toEqual(['layer1.0/conv1', 'layer1.1/conv2']);
  expect(apart(['a/b', 'a/b'])).toEqual(['a/b', 'a/b']);
  expect(apart(['a', 'a/b'])).toEqual(['a', 'a/b']);
  expect(apart(['/only/one'])).toEqual(['/only/one']);
});

it('calls a graph by its own step, so that nested ones are told apart', () => {
  expect(graphStep({ path: 'main#2.else_branch#83.then_branch', name: 'g', holder: 'If_9' })).toBe('then_branch of If_9');
  expect(graphStep({ path: 'main', name: 'resnet', holder: '' })).toBe('resnet');
  expect(graphStep({ path: 'main', name: '', holder: '' })).toBe('main graph');
  expect(graphStep({ path: 'local::norm', name: 'norm', holder: '' })).toBe('local::norm');
});

it('shortens in the middle, so that layers of one block stay apart', () => {
  const block = ['query', 'key', 'value'].map((one) => `layer.0/attention/self/${one}`);
  expect(block.map((one) => shortName(one, 20))).toEqual(['layer.0/…/self/query', 'layer.0/…/self/key', 'layer.0/…/self/value']);
  expect(shortName('layer.11/attention/output/dense', 16)).toBe('layer.11/…/dense');
  expect(shortName('layer.11/attention/output/dense', 12)).toBe('11/…/dense');
  expect(shortName('encoder/attention/projection', 22)).toBe('encoder/…/projection');
  expect(['layer.0/attention/output/dense', 'layer.0/intermediate/dense'].map((one) => shortName(one, 21))).toEqual(['layer.0/attent…/dense', 'layer.0/interm…/dense']);
  expect(shortName('fc', 20)).toBe('fc');
  for (const name of ['x'.repeat(80), `a/${'b'.repeat(60)}`, 'onnx::MatMul_123456789_with_a_long_end']) {
    for (const letters of [8, 20]) expect(shortName(name, letters).length).toBeLessThanOrEqual(letters);
  }
});
