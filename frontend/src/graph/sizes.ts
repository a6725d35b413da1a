// How large each node is drawn, in world pixels, from its label alone: the worker has no fonts.
import type { Columns } from './columns';
import { OPERATOR } from './document';
import type { StubPlan } from './stubs';

/** As wide as `960×1×3×3 · depthwise · stride 2` needs, beside the tile. */
export const LAYER_WIDTH = 272;
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
/** Notes and lines are written at 11 px, `labelWidth` tells 12 px; names of lines are semibold. */
const NOTE_SCALE = 11 / 12;
const BOLD = 1.08;
/** Between a word and the note beside it. */
export const NOTE_GAP = 7;
/** An operator with a long note stays narrower than a layer: the note loses its end. */
const NOTED_WIDTH = 260;
/** Width of a letter of the monospaced font at 11 px. */
const MONO = 6.6;
/** Room for the share of zeros at the end of a line. */
const FIGURE = 56;
/** The mark of a node that opens into a subgraph. */
const OPENER = 14;

/** From here on letters are as wide as high: Hangul, kana, Chinese; emoji come later still. */
const SQUARE = 0x1100;

/** Width of each letter of ASCII. */
const WIDTHS = new Float64Array(128).fill(6.9);
WIDTHS.fill(8.3, 65, 91);
for (const letter of "iljtfrI.,:;'|!()[]{} /-") WIDTHS[letter.charCodeAt(0)] = 3.9;
for (const letter of 'mwMW@%') WIDTHS[letter.charCodeAt(0)] = 10.2;

/** The second half of a letter that takes two code units: counted with the first. */
function isSecond(text: string, at: number): boolean {
  return at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** Width of a label at 12 px in a common sans serif, within a few per cent of the real fonts. */
export function labelWidth(text: string): number {
  let width = 0;
  // By index: the letters of all labels are most of what a first layout would make objects for.
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128) width += WIDTHS[code];
    else if (code < SQUARE) width += 6.9;
    else if (!isSecond(text, at)) width += 12;
  }
  return width;
}

/** Even widths, so that a node's middle falls on a whole pixel. */
function even(width: number, most: number): number {
  return 2 * Math.ceil(Math.min(Math.max(width, MIN_WIDTH), most) / 2);
}

/** Width of a name of an input or output: 11 px, every letter as wide as the next, some twice. */
function pillWidth(name: string): number {
  let width = 0;
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code < SQUARE) width += MONO;
    else if (!isSecond(name, at)) width += 2 * MONO;
  }
  return width;
}

/** Width of what is written at 11 px. */
function noteWidth(text: string): number {
  return labelWidth(text) * NOTE_SCALE;
}

/** What the lines of a node need: name and text side by side; a name has half of a layer at most. */
function rowsWidth({ rows, strings }: Columns, node: number): number {
  let widest = 0;
  if (rows === null) return widest;
  for (let row = rows.start[node]; row < rows.start[node + 1]; row++) {
    const name = strings[rows.name[row]] ?? '';
    const text = strings[rows.text[row]] ?? '';
    const figure = rows.weight[row] >= 0 ? FIGURE : 0;
    const whole = Math.min(noteWidth(name) * BOLD, LAYER_WIDTH / 2) + noteWidth(text) + figure;
    widest = Math.max(widest, whole + NOTE_GAP);
  }
  return widest;
}

/** Height of the lines of a node, with the air above and below them. */
function rowsHeight(rows: number): number {
  return rows === 0 ? 0 : rows * ROW_HEIGHT + 2 * ROW_AIR;
}

/** `rows` tells how many extra lines of text each node has. */
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
    const note = operator ? (columns.strings[columns.nodeNote[node]] ?? '') : '';
    const beside = (opens ? OPENER : 0) + (note === '' ? 0 : noteWidth(note) + NOTE_GAP);
    const word = operator ? labelWidth(label) : pillWidth(label);
    const head = even(word + PADDING + beside, note === '' ? MAX_WIDTH : NOTED_WIDTH);
    width[node] = extra > 0 ? Math.max(head, even(rowsWidth(columns, node) + PADDING, LAYER_WIDTH)) : head;
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
