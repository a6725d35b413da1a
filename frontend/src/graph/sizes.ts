// How large each node is drawn, in world pixels, from its label alone: the worker has no fonts.
import type { Columns } from './columns';
import { OPERATOR } from './document';
import type { StubPlan } from './stubs';

export const LAYER_WIDTH = 248;
export const LAYER_HEIGHT = 52;
export const SMALL_HEIGHT = 22;
/** A line of text under the node's head: a small constant, a weight. */
export const ROW_HEIGHT = 18;
export const ROW_AIR = 3;
const MAX_STUB = 150;
const STUB_PADDING = 12;
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

/** Height of the lines of a node, with the air above and below them. */
function rowsHeight(rows: number): number {
  return rows === 0 ? 0 : rows * ROW_HEIGHT + 2 * ROW_AIR;
}

/** `rows` tells how many extra lines of text each node has: such a node is as wide as a layer. */
export function nodeSizes(
  columns: Columns,
  rows?: Uint8Array,
): { width: Float32Array; height: Float32Array } {
  const width = new Float32Array(columns.nodes);
  const height = new Float32Array(columns.nodes).fill(SMALL_HEIGHT);
  for (let node = 0; node < columns.nodes; node++) {
    const extra = rows?.[node] ?? 0;
    const operator = columns.nodeKind[node] === OPERATOR;
    if (operator && columns.nodeLayer[node] === 1) {
      width[node] = LAYER_WIDTH;
      height[node] = LAYER_HEIGHT + rowsHeight(extra);
      continue;
    }
    const label = columns.strings[operator ? columns.nodeOp[node] : columns.nodeName[node]] ?? '';
    const opens = (columns.strings[columns.nodeSubgraph[node]] ?? '') !== '';
    width[node] = extra > 0 ? LAYER_WIDTH : hugging(label, opens ? OPENER : 0);
    height[node] += rowsHeight(extra);
  }
  return { width, height };
}

/** What each stub says: the tensor's own name, and below a producer how often it is used. */
export function stubTexts(columns: Columns, plan: StubPlan): string[] {
  return Array.from(plan.edge, (edge, stub) => {
    const path = columns.strings[columns.edgeTensor[edge]] ?? '';
    const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1);
    return plan.side[stub] === 0 ? `${name} ×${plan.uses[stub]}` : name;
  });
}

/** Even, for whole middles. Longer texts are elided. */
export function stubWidths(texts: readonly string[]): Float32Array {
  return Float32Array.from(texts, (text) => {
    const width = labelWidth(text.slice(0, MAX_STUB)) + STUB_PADDING;
    return 2 * Math.ceil(Math.min(width, MAX_STUB) / 2);
  });
}
