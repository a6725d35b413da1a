// What a colour mode is: it gives each node a colour and a word, and tells its legend.
import type { WeightRow } from '../../api/schema';
import type { GraphDocument } from '../../graph/document';
import type { GlyphName } from '../../lib/glyphs';
import { NO_COLOUR, type Colours, type Look } from '../colours';
import type { Tiles } from '../tiles';

/** What modes look at. */
export interface Facts {
  readonly document: GraphDocument;
  readonly tiles: Tiles;
  /** The weights of each operator, by node id. */
  readonly rowsOfNode: ReadonlyMap<number, readonly WeightRow[]>;
}

export interface Paint {
  readonly look: Look;
  /** 0xRRGGBB, or NO_COLOUR. */
  readonly rgb: number;
  /** What the colour says; '' where the node says it anyway. */
  readonly word: string;
}

export const BARE: Paint = { look: 0, rgb: NO_COLOUR, word: '' };

/** One sign of the legend: a look, a colour with an optional glyph, or a glyph alone. */
export interface LegendKey {
  readonly text: string;
  readonly look?: 'dense' | 'unmeasured' | 'claim' | 'none';
  /** CSS colour of a solid sign, or of the stripes of a claim. */
  readonly colour?: string;
  readonly glyph?: GlyphName;
}

export interface Legend {
  readonly title: string;
  /** A fixed scale: its colours from left to right, and the figures below. */
  readonly scale?: { readonly colours: readonly string[]; readonly ticks: readonly string[]; readonly steps?: boolean };
  /** Divided by lines. */
  readonly groups: readonly (readonly LegendKey[])[];
}

export interface ColourMode {
  readonly id: string;
  readonly label: string;
  /** Whether words stand on the tiles, beside glyph and figure. */
  readonly words: boolean;
  /** Says what node `at` is painted with; asked once per change of the facts. */
  paint(facts: Facts): (at: number) => Paint;
  legend(facts: Facts): Legend;
}

/** The weights of node `at`. */
export function weightsOf({ document, rowsOfNode }: Facts, at: number): readonly WeightRow[] {
  return rowsOfNode.get(document.nodeId[at]) ?? [];
}

export function coloursOf(mode: ColourMode, facts: Facts): Colours {
  const { count } = facts.document;
  const look = new Uint8Array(count);
  const rgb = new Uint32Array(count);
  const word: string[] = [];
  const paint = mode.paint(facts);
  for (let at = 0; at < count; at++) {
    const made = paint(at);
    look[at] = made.look;
    rgb[at] = made.rgb;
    if (mode.words) word.push(made.word);
  }
  return { look, rgb, word: mode.words ? word : null, scale: mode.id === 'sparsity' };
}
