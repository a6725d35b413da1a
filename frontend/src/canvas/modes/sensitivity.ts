// Colour by how much the outputs drift when this layer alone is pruned: one hue in steps of ten, fixed.
import { errorText, percent } from '../../lib/numbers';
import { comparedLevel, driftOf, sensitivity } from '../../state/sensitivity';
import { cssOf, DASHED, NO_COLOUR, SOLID } from '../colours';
import { NONE } from '../tiles';
import { BARE, weightsOf, type ColourMode, type Paint } from './mode';

/** 1 − cosine below 0.0001, 0.001, 0.01, 0.1, and above; darker is more, in both themes. */
const STEPS = [0xfbe6cc, 0xf0c48d, 0xdd9a4c, 0xb86f1c, 0x7d430a];
const FIRST = 1e-4;
const UNKNOWN: Paint = { look: DASHED, rgb: NO_COLOUR, word: '' };

function stepOf(drift: number): number {
  let step = 0;
  for (let limit = FIRST; drift >= limit && step < STEPS.length - 1; limit *= 10) step++;
  return step;
}

export const SENSITIVITY: ColourMode = {
  id: 'sensitivity',
  label: 'Sensitivity',
  words: true,
  paint: (facts) => {
    const drifts = driftOf.value;
    return (at) => {
      const rows = weightsOf(facts, at);
      if (facts.tiles.state[at] === NONE || rows.length === 0) return BARE;
      const known = rows.map((row) => drifts.get(row.id)).filter((drift) => drift !== undefined);
      if (known.length === 0) return UNKNOWN;
      const drift = Math.max(...known);
      return { look: SOLID, rgb: STEPS[stepOf(drift)], word: errorText(drift) };
    };
  },
  legend: () => ({
    title: `Sensitivity: 1 − cosine at ${percent(comparedLevel.value, 0)}`,
    scale: { colours: STEPS.map(cssOf), ticks: ['0', '10⁻⁴', '0.001', '0.01', '0.1', ''], steps: true },
    groups: [[
      { look: 'unmeasured', text: sensitivity.value === null ? 'not measured: see Sensitivity…' : 'not measured' },
      { look: 'none', text: 'no weights' },
    ]],
  }),
};
