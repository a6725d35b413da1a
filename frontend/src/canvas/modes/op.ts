// Colour by operator type: those with weights first, then the most frequent; the others stay plain.
import { OPERATOR } from '../../graph/document';
import { count } from '../../lib/numbers';
import { cssOf, HOLLOW, NO_COLOUR, SOLID } from '../colours';
import { BARE, type ColourMode, type Facts } from './mode';
import { BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW } from './palette';

const COLOURS = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW];

/** Operator types with their counts, the most telling first. */
function frequent({ document }: Facts): [op: string, uses: number][] {
  const uses = new Map<string, number>();
  const weighty = new Set<string>();
  for (let at = 0; at < document.count; at++) {
    if (document.kind[at] !== OPERATOR) continue;
    uses.set(document.op[at], (uses.get(document.op[at]) ?? 0) + 1);
    if (document.layer[at] === 1) weighty.add(document.op[at]);
  }
  return [...uses].toSorted(
    (a, b) => Number(weighty.has(b[0])) - Number(weighty.has(a[0])) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
  );
}

export const OP: ColourMode = {
  id: 'op',
  label: 'Operator type',
  words: false,
  paint: (facts) => {
    const { document } = facts;
    const shown = frequent(facts).slice(0, COLOURS.length);
    const colour = new Map(shown.map(([op], i) => [op, COLOURS[i]]));
    return (at) => {
      if (document.kind[at] !== OPERATOR) return BARE;
      const rgb = colour.get(document.op[at]);
      if (rgb !== undefined) return { look: SOLID, rgb, word: '' };
      return document.layer[at] === 1 ? { look: HOLLOW, rgb: NO_COLOUR, word: '' } : BARE;
    };
  },
  legend: (facts) => {
    const all = frequent(facts);
    const others = all.slice(COLOURS.length);
    const keys = all.slice(0, COLOURS.length).map(([op, uses], i) => ({
      colour: cssOf(COLOURS[i]),
      text: `${op} ${count(uses)}`,
    }));
    const rest = others.reduce((sum, [, uses]) => sum + uses, 0);
    const other = { look: 'dense' as const, text: `${count(others.length)} others ${count(rest)}` };
    return { title: 'Operator type', groups: [others.length > 0 ? [...keys, other] : keys] };
  },
};
