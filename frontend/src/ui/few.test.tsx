// Long lists begin short, and open and close by one line.
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { expect, it } from 'vitest';
import { Few } from './few';

const lines = (count: number) => Array.from({ length: count }, (_, at) => <p key={at}>{at}</p>);

it('shows the first rows, then all, then the first again', () => {
  const root = document.createElement('div');
  act(() => render(<Few few={3} of="layer" rows={lines(40)} />, root));
  const shown = () => [...root.querySelectorAll('p')].map((one) => one.textContent);
  expect(shown()).toEqual(['0', '1', '2']);
  const button = root.querySelector('button')!;
  expect(button.textContent).toBe('Show all 40 layers');
  act(() => button.click());
  expect(shown()).toHaveLength(40);
  expect(button.getAttribute('aria-expanded')).toBe('true');
  act(() => button.click());
  expect(shown()).toHaveLength(3);
});

it('hides no row or two behind a line as high as one', () => {
  const root = document.createElement('div');
  act(() => render(<Few few={3} of="layer" rows={lines(5)} />, root));
  expect(root.querySelectorAll('p')).toHaveLength(5);
  expect(root.querySelector('button')).toBeNull();
});
