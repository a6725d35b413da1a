// The budget bar: cells in the colour of their share, or filled as high where the canvas has other colours.
import { expect, it } from 'vitest';
import { paintBudget } from './budget-paint';
import { recorder } from './recorder';
import type { Theme } from './theme';

const THEME = { accent: 'accent', surface: 'surface', ink2: 'ink-2', ink3: 'ink-3', tileLine: 'tile-line', scale: (share: number) => `scale ${share}` } as Theme;
const CELLS = [{ elements: 100, sparsity: 0.75, marked: true }, { elements: 100, sparsity: 0, marked: false }, { elements: 200, sparsity: 0.25, marked: false }];

function painted(plain: boolean) {
  const { context, named } = recorder();
  paintBudget(context, CELLS, { width: 400, height: 25 }, 1, THEME, plain);
  return named('fillRect').map(({ args, fill }) => [fill, ...args]);
}

it('cells are as wide as their weights, in the colour of their share, and the edit is underlined', () => {
  expect(painted(false)).toEqual([
    ['scale 0.75', 0, 0, 99, 20], ['accent', 0, 22, 100, 3], ['surface', 100, 0, 99, 20], ['scale 0.25', 200, 0, 199, 20],
  ]);
});

it('where the canvas has other colours no cell has the scale’s: it is filled as high as its share', () => {
  const drawn = painted(true);
  expect(drawn.some(([fill]) => String(fill).startsWith('scale'))).toBe(false);
  expect(drawn.filter(([fill]) => fill === 'ink-3')).toEqual([['ink-3', 0, 5, 99, 15], ['ink-3', 200, 15, 199, 5]]);
});
