// The theme from the page's tokens, and what stands in where one is missing or a share is none.
import { afterEach, expect, it } from 'vitest';
import { readTheme } from './theme';
import { figureOf, DECLARED, MEASURED, NONE, UNMEASURED, type Tiles } from './tiles';

const host = document.createElement('div');

function themed(tokens: Record<string, string>): ReturnType<typeof readTheme> {
  document.body.append(host);
  for (const [name, value] of Object.entries(tokens)) host.style.setProperty(name, value);
  return readTheme(host);
}

afterEach(() => {
  host.removeAttribute('style');
  host.remove();
});

it('draws lines far away between edge and ground, and rims that show on either', () => {
  const light = themed({ '--canvas': '#ffffff', '--edge': '#000000', '--surface': '#ffffff' });
  // 45 % of black over white.
  expect([light.edge, light.edgeFar]).toEqual(['#000000', '#8c8c8c']);
  expect(light.tileLine).toMatch(/^rgb\(0 0 0/);
  const dark = themed({ '--canvas': '#000000', '--edge': '#ffffff', '--surface': '#14181d' });
  expect(dark.edgeFar).toBe('#737373');
  expect(dark.tileLine).toMatch(/^rgb\(255 255 255/);
});

it('gives a category that the page does not know the colour of custom operators', () => {
  const theme = themed({ '--op-custom': '#123456', '--op-layer': '#654321' });
  expect([theme.strip('layer'), theme.strip('no-such'), theme.strip('no-such')]).toEqual(['#654321', '#123456', '#123456']);
});

it('has a colour for every share, and for what is none', () => {
  const stops = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`--sp-${10 * at}`, `#${(at * 20).toString(16).padStart(2, '0').repeat(3)}`]));
  const theme = themed(stops);
  expect([0, 1, 0.5, -3, 7, NaN].map((share) => theme.scale(share))).toEqual(['#000000', '#c8c8c8', '#646464', '#000000', '#c8c8c8', '#000000']);
  expect([theme.scaleInk(0), theme.scaleInk(1)].map((ink) => ink.toLowerCase())).not.toEqual([theme.scaleInk(1), theme.scaleInk(0)].map((ink) => ink.toLowerCase()));
});

it('tells a share that is known or claimed, dots before that, a dash where it never will be', () => {
  const tiles = { state: Uint8Array.of(MEASURED, DECLARED, UNMEASURED, UNMEASURED, NONE), sparsity: Float32Array.of(0.25, 0.5, 0, 0, 0), unread: Uint8Array.of(0, 0, 0, 1, 0) } as unknown as Tiles;
  expect([0, 1, 2, 3].map((node) => figureOf(tiles, node).replace(/\s/g, ' '))).toEqual(['25.0 %', '50.0 %', '…', '–']);
  expect(figureOf(null, 0)).toBe('…');
});
