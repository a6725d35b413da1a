// The change of colour: 240 ms from what is seen to what is meant, and when there is none.
import { expect, it } from 'vitest';
import { NO_COLOUR, SOLID, type Colours } from './colours';
import { Recolour, RECOLOUR_MS } from './recolour';

function colours(...rgb: number[]): Colours {
  return { look: new Uint8Array(rgb.length).fill(SOLID), rgb: Uint32Array.from(rgb), word: null, scale: true };
}

it('goes from one colour to the other in 240 ms', () => {
  const change = new Recolour();
  change.start(colours(0x000000, 0x102030));
  change.to(colours(0xffffff, 0x102030), 1000, 0);
  expect(change.at(1000).rgb[0]).toBe(0);
  const middle = change.at(1000 + RECOLOUR_MS / 2).rgb;
  expect(middle[0]).toBeGreaterThan(0x808080);
  expect(middle[0]).toBeLessThan(0xffffff);
  expect(middle[1]).toBe(0x102030);
  expect(change.running).toBe(true);
  expect(change.at(1000 + RECOLOUR_MS).rgb[0]).toBe(0xffffff);
  expect(change.running).toBe(false);
});

it('begins at what is seen when it turns on the way', () => {
  const change = new Recolour();
  change.start(colours(0x000000));
  change.to(colours(0xffffff), 0, 0);
  const seen = change.at(60).rgb[0];
  change.to(colours(0x000000), 60, 0);
  expect(change.at(60).rgb[0]).toBe(seen);
});

it('grows out of the surface where there was no colour, and leaves at once', () => {
  const change = new Recolour();
  change.start(colours(NO_COLOUR, 0xff0000));
  change.to(colours(0x00ff00, NO_COLOUR), 0, 0x202020);
  expect([...change.at(0).rgb]).toEqual([0x202020, NO_COLOUR]);
});

it('takes no time without motion, without a change, and in a large graph', () => {
  const change = new Recolour();
  change.start(colours(1));
  change.to(colours(2), null, 0);
  expect([change.running, change.at(0).rgb[0]]).toEqual([false, 2]);
  change.to(colours(2), 0, 0);
  expect(change.running).toBe(false);
  const many = (value: number) => colours(...Array.from({ length: 6000 }, () => value));
  change.start(many(1));
  change.to(many(2), 0, 0);
  expect([change.running, change.at(0).rgb[5999]]).toEqual([false, 2]);
});
