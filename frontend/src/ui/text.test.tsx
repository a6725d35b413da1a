// Names on one line, whatever a model calls its parts.
import { render } from 'preact';
import { expect, it } from 'vitest';
import { FileName, Middle } from './text';

it('a name with line breaks and tabs stays on one line, and whole in its title', () => {
  const name = 'line one\nline\ttwo\u2028three';
  const box = document.createElement('div');
  render(<Middle text={name} />, box);
  expect(box.textContent).toBe('line one line two three');
  expect(box.querySelector('.middle')!.getAttribute('title')).toBe(name);
});

it('a file keeps the end of its name, which tells variants of one model apart', () => {
  const box = document.createElement('div');
  render(<FileName text="resnet56_cifar100_snip80.onnx" />, box);
  expect(box.textContent).toBe('resnet56_cifar100_snip80.onnx');
  expect(box.querySelector('.middle-start')!.textContent).toBe('resnet56_cifar100');
  render(<FileName text="candy_style.onnx" />, box);
  expect(box.querySelector('.middle-start')).toBeNull();
});
