// Colour by the element type that the weights are stored in.
import { cssOf, SOLID } from '../colours';
import { NONE } from '../tiles';
import { BARE, weightsOf, type ColourMode } from './mode';
import { BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, YELLOW } from './palette';

const KINDS: readonly (readonly [pattern: RegExp, colour: number, text: string])[] = [
  [/^float32$/, BLUE, 'float32'],
  [/^float16$/, SKY, 'float16'],
  [/^bfloat16$/, GREEN, 'bfloat16'],
  [/^float(4|8)/, YELLOW, 'float8, float4'],
  [/^u?int8$/, ORANGE, 'int8, uint8'],
  [/^u?int[24]$/, VERMILION, 'int4, int2'],
  [/^float64$/, PURPLE, 'float64'],
  [/./, GREY, 'other, mixed'],
];

export const DTYPE: ColourMode = {
  id: 'dtype',
  label: 'Data type',
  words: true,
  paint: (facts) => (at) => {
    const types = new Set(weightsOf(facts, at).map((row) => row.dtype));
    if (facts.tiles.state[at] === NONE || types.size === 0) return BARE;
    const word = types.size === 1 ? [...types][0] : 'mixed';
    return { look: SOLID, rgb: KINDS.find(([pattern]) => pattern.test(word))![1], word };
  },
  legend: () => ({
    title: 'Data type of the weights',
    groups: [
      KINDS.map(([, colour, text]) => ({ colour: cssOf(colour), text })),
      [{ look: 'none', text: 'no weights' }],
    ],
  }),
};
