// Colour by the structure of the zeros.
import { GLYPHS, type GlyphName } from '../../lib/glyphs';
import { cssOf, DASHED, HOLLOW, NO_COLOUR, SOLID, STRIPED } from '../colours';
import { DECLARED, MEASURED, UNMEASURED } from '../tiles';
import { BARE, weightsOf, type ColourMode, type Facts } from './mode';
import { BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION } from './palette';

const FAMILIES: readonly (readonly [GlyphName, number, string])[] = [
  ['unstructured', SKY, 'unstructured'],
  ['nm', ORANGE, 'N:M (2:4)'],
  ['block', GREEN, 'block (bsr)'],
  ['channel-out', BLUE, 'channel:out'],
  ['channel-in', VERMILION, 'channel:in'],
  ['sparse-tensor', PURPLE, 'sparse tensor'],
];

const COLOUR = new Map(FAMILIES.map(([glyph, colour]) => [glyph, colour]));
/** The tile is narrow. */
const SHORT: Record<string, string> = { unstructured: 'unstruct.' };

function wordOf(facts: Facts, at: number): string {
  const formats = new Set(weightsOf(facts, at).map((row) => row.format ?? row.declared?.format ?? ''));
  const [first = ''] = formats;
  return formats.size > 1 ? 'mixed' : SHORT[first] ?? first;
}

export const FORMAT: ColourMode = {
  id: 'format',
  label: 'Format',
  words: true,
  paint: (facts) => (at) => {
    const { tiles } = facts;
    const state = tiles.state[at];
    if (state === UNMEASURED) return { look: DASHED, rgb: NO_COLOUR, word: '' };
    if (state !== MEASURED && state !== DECLARED) return BARE;
    const word = wordOf(facts, at);
    if (state === MEASURED && tiles.sparsity[at] === 0) return { look: HOLLOW, rgb: NO_COLOUR, word };
    const glyph = GLYPHS[tiles.glyph[at]];
    if (glyph === 'dense') return { look: HOLLOW, rgb: NO_COLOUR, word };
    return { look: state === DECLARED ? STRIPED : SOLID, rgb: COLOUR.get(glyph) ?? GREY, word };
  },
  legend: () => ({
    title: 'Format: structure of the zeros',
    groups: [
      FAMILIES.map(([glyph, colour, text]) => ({ glyph, colour: cssOf(colour), text })),
      [
        { look: 'dense', glyph: 'dense', text: 'dense' },
        { look: 'unmeasured', text: 'not measured yet' },
        { look: 'claim', colour: cssOf(SKY), text: 'declared only' },
        { look: 'none', text: 'no weights' },
      ],
    ],
  }),
};
