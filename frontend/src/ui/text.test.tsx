// Names on one line, whatever a model calls its parts.
import { render } from 'preact';
import { expect, it } from 'vitest';
import { Middle } from './text';

it('a name with line breaks and tabs stays on one line, and whole in its title', () => {
  const name = 'line one\nline\ttwo\u2028three';
  const box = document.createElement('div');
  render(<Middle text={name} />, box);
  expect(box.textContent).toBe('line one line two three');
  expect(box.querySelector('.middle')!.getAttribute('title')).toBe(name);
});
