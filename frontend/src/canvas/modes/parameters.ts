// Colour by the number of weights: one hue in steps of ten, fixed, so that two models compare.
import { countShort } from '../../lib/numbers';
import { together } from '../../state/weights';
import { cssOf, SOLID } from '../colours';
import { NONE } from '../tiles';
import { BARE, weightsOf, type ColourMode } from './mode';

/** Below 1 k, 10 k, 100 k, 1 M, 10 M, and above; darker is more, in both themes. */
const STEPS = [0xd9d0ee, 0xb9a9dd, 0x9781c8, 0x7a5bb5, 0x5f3a9c, 0x47207f];
const FIRST = 1000;

function stepOf(elements: number): number {
  let step = 0;
  for (let limit = FIRST; elements >= limit && step < STEPS.length - 1; limit *= 10) step++;
  return step;
}

export const PARAMETERS: ColourMode = {
  id: 'parameters',
  label: 'Parameters',
  words: true,
  paint: (facts) => (at) => {
    const rows = weightsOf(facts, at);
    if (facts.tiles.state[at] === NONE || rows.length === 0) return BARE;
    const { elements } = together(rows);
    return { look: SOLID, rgb: STEPS[stepOf(elements)], word: countShort(elements) };
  },
  legend: () => ({
    title: 'Parameters: weights of a layer',
    scale: { colours: STEPS.map(cssOf), ticks: ['0', '1 k', '10 k', '100 k', '1 M', '10 M', ''], steps: true },
    groups: [[{ look: 'none', text: 'no weights' }]],
  }),
};
