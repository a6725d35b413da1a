// Colour by the share of zeros: viridis, fixed at 0..100 %, so that two models compare.
import { scaleRgb, STOPS } from '../../ui/scale';
import { DASHED, HOLLOW, NO_COLOUR, packed, SOLID, STRIPED } from '../colours';
import { DECLARED, MEASURED, UNMEASURED } from '../tiles';
import { BARE, type ColourMode, type Paint } from './mode';

/** Exactly no zeros is hollow; a share that only rounds to 0 % has its colour. */
const DENSE: Paint = { ...BARE, look: HOLLOW };
const UNKNOWN: Paint = { ...BARE, look: DASHED };

export const SPARSITY: ColourMode = {
  id: 'sparsity',
  label: 'Sparsity',
  words: false,
  paint: ({ tiles }) => (at) => {
    const share = tiles.sparsity[at];
    const rgb = packed(scaleRgb(share));
    switch (tiles.state[at]) {
      case MEASURED: return share === 0 ? DENSE : { look: SOLID, rgb, word: '' };
      case DECLARED: return { look: STRIPED, rgb, word: '' };
      case UNMEASURED: return UNKNOWN;
      default: return { look: 0, rgb: NO_COLOUR, word: '' };
    }
  },
  legend: () => ({
    title: 'Sparsity: share of zero weights',
    scale: { colours: STOPS, ticks: ['0', '20', '40', '60', '80', '100 %'] },
    groups: [
      [
        { look: 'dense', text: 'dense, 0 %' },
        { look: 'unmeasured', text: 'not measured yet' },
        { look: 'claim', text: 'declared only' },
        { look: 'none', text: 'no weights' },
      ],
      [
        { glyph: 'unstructured', text: 'unstructured' },
        { glyph: 'nm', text: 'N:M, as 2:4' },
        { glyph: 'block', text: 'block, as bsr:4x4' },
        { glyph: 'channel-out', text: 'channel:out' },
        { glyph: 'channel-in', text: 'channel:in' },
        { glyph: 'sparse-tensor', text: 'sparse tensor' },
      ],
    ],
  }),
};
