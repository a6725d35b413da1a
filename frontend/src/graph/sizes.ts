// How large each node is drawn, in world pixels, from its label alone: the worker has no fonts.
import type { Columns } from './columns';
import { OPERATOR } from './document';

export const LAYER_WIDTH = 248;
export const LAYER_HEIGHT = 52;
export const SMALL_HEIGHT = 22;
/** Strip, and the air left and right of the label. */
const PADDING = 32;
const MIN_WIDTH = 40;
/** Longer labels are elided in the middle. */
const MAX_WIDTH = 220;
/** The mark of a node that opens into a subgraph. */
const OPENER = 14;

const NARROW = new Set("iljtfrI.,:;'|!()[]{} /-");
const WIDE = new Set('mwMW@%');

/** Width of a label at 12 px in a common sans serif, within a few per cent of the real fonts. */
export function labelWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (NARROW.has(letter)) width += 3.9;
    else if (WIDE.has(letter)) width += 10.2;
    else if (letter >= 'A' && letter <= 'Z') width += 8.3;
    else width += 6.9;
  }
  return width;
}

/** Even widths, so that a node's middle falls on a whole pixel. */
function hugging(text: string, extra: number): number {
  const width = labelWidth(text) + PADDING + extra;
  return 2 * Math.ceil(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH) / 2);
}

export function nodeSizes(columns: Columns): { width: Float32Array; height: Float32Array } {
  const width = new Float32Array(columns.nodes);
  const height = new Float32Array(columns.nodes).fill(SMALL_HEIGHT);
  for (let node = 0; node < columns.nodes; node++) {
    const operator = columns.nodeKind[node] === OPERATOR;
    if (operator && columns.nodeLayer[node] === 1) {
      width[node] = LAYER_WIDTH;
      height[node] = LAYER_HEIGHT;
      continue;
    }
    const label = columns.strings[operator ? columns.nodeOp[node] : columns.nodeName[node]] ?? '';
    const opens = (columns.strings[columns.nodeSubgraph[node]] ?? '') !== '';
    width[node] = hugging(label, opens ? OPENER : 0);
  }
  return { width, height };
}
