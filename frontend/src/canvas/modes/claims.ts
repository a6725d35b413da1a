// Colour by whether what the model declares is what its weights are.
import { isFlagged } from '../../state/weights';
import { cssOf, DASHED, HOLLOW, NO_COLOUR, SOLID, STRIPED } from '../colours';
import { NONE, UNMEASURED } from '../tiles';
import { BARE, weightsOf, type ColourMode, type Paint } from './mode';
import { GREEN, SKY, VERMILION } from './palette';

const BROKEN: Paint = { look: SOLID, rgb: VERMILION, word: 'differs' };
const AGREES: Paint = { look: SOLID, rgb: GREEN, word: 'agrees' };
const CLAIMED: Paint = { look: STRIPED, rgb: SKY, word: 'declared' };
const SILENT: Paint = { look: HOLLOW, rgb: NO_COLOUR, word: 'no claim' };
const UNKNOWN: Paint = { look: DASHED, rgb: NO_COLOUR, word: '' };

export const CLAIMS: ColourMode = {
  id: 'claims',
  label: 'Declared against measured',
  words: true,
  paint: (facts) => (at) => {
    const state = facts.tiles.state[at];
    if (state === NONE) return BARE;
    const rows = weightsOf(facts, at);
    if (rows.some(isFlagged)) return BROKEN;
    if (rows.some((row) => row.declared !== null && row.agrees === null)) return CLAIMED;
    if (rows.some((row) => row.agrees === true)) return AGREES;
    return state === UNMEASURED ? UNKNOWN : SILENT;
  },
  legend: () => ({
    title: 'Declared against measured',
    groups: [
      [
        { colour: cssOf(GREEN), text: 'agrees' },
        { colour: cssOf(VERMILION), glyph: 'mismatch', text: 'does not hold' },
        { look: 'claim', colour: cssOf(SKY), text: 'not checked yet' },
        { look: 'dense', text: 'no claim' },
        { look: 'unmeasured', text: 'not measured yet' },
        { look: 'none', text: 'no weights' },
      ],
    ],
  }),
};
