// Colour by operator type: the most frequent ones of this graph, the others in grey.
import { OPERATOR } from '../../graph/document';
import { count } from '../../lib/numbers';
import { cssOf, SOLID } from '../colours';
import { BARE, type ColourMode, type Facts } from './mode';
import { BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, YELLOW } from './palette';

const COLOURS = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW];

/** Operator types with their counts: those with a colour first, the most frequent at the head. */
function frequent({ document }: Facts): [op: string, uses: number][] {
  const uses = new Map<string, number>();
  for (let at = 0; at < document.count; at++) {
    if (document.kind[at] !== OPERATOR) continue;
    uses.set(document.op[at], (uses.get(document.op[at]) ?? 0) + 1);
  }
  return [...uses].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
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
      return { look: SOLID, rgb: colour.get(document.op[at]) ?? GREY, word: '' };
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
    const other = { colour: cssOf(GREY), text: `${count(others.length)} other types ${count(rest)}` };
    return { title: 'Operator type', groups: [others.length > 0 ? [...keys, other] : keys] };
  },
};
