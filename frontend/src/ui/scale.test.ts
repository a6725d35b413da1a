// The colour scale in panels: its stops, and text that can be read on it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { scaleColours, STOPS } from './scale';

const HERE = dirname(fileURLToPath(import.meta.url));
const TOKENS = readFileSync(join(HERE, '../styles/tokens.css'), 'utf8');

it('has the stops of the tokens, in panels as on the canvas', () => {
  const stops = STOPS.map((_, at) => new RegExp(`--sp-${at * 10}: (#[0-9a-f]{6});`).exec(TOKENS)?.[1]);
  expect(stops).toEqual([...STOPS]);
});

it('writes black or white on it, whichever reads better', () => {
  expect(scaleColours(0)).toEqual({ background: '#440154', color: '#ffffff' });
  expect(scaleColours(1)).toEqual({ background: '#fde725', color: '#000000' });
});
