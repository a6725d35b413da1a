// Who makes the tensors that an operator reads, and who reads those that it makes, in the graph on the canvas.
import { computed } from '@preact/signals';
import { INPUT, OPERATOR, type GraphDocument } from '../graph/document';
import { graph } from './graph';
import { current } from './selection';

/** An operator, or an input or output of the graph, by its position in the graph's document. */
export interface End {
  readonly at: number;
  readonly kind: 'operator' | 'input' | 'output';
  readonly op: string;
  readonly name: string;
  readonly category: string;
}

export interface Wiring {
  /** By tensor: who makes it, the only one. */
  readonly from: ReadonlyMap<string, readonly End[]>;
  /** By tensor: who reads it, each once. */
  readonly to: ReadonlyMap<string, readonly End[]>;
}

function wiringOf(document: GraphDocument, at: number): Wiring {
  const from = new Map<string, End[]>();
  const to = new Map<string, End[]>();
  const listed = new Set<string>();
  const { edgeSource, edgeTarget, edgeTensor } = document;
  for (let edge = 0; edge < edgeSource.length; edge += 1) {
    const tensor = edgeTensor[edge]!;
    if (edgeTarget[edge] === at) from.set(tensor, [endAt(document, edgeSource[edge]!)]);
    if (edgeSource[edge] !== at) continue;
    // One operator may read a tensor twice: x * x.
    const key = `${edgeTarget[edge]} ${tensor}`;
    if (listed.has(key)) continue;
    listed.add(key);
    const ends = to.get(tensor);
    const end = endAt(document, edgeTarget[edge]!);
    if (ends === undefined) to.set(tensor, [end]);
    else ends.push(end);
  }
  return { from, to };
}

function endAt(document: GraphDocument, at: number): End {
  const kind = document.kind[at] === OPERATOR ? 'operator' : document.kind[at] === INPUT ? 'input' : 'output';
  return { at, kind, op: document.op[at]!, name: document.name[at]!, category: document.category[at]! };
}

const NONE: Wiring = { from: new Map(), to: new Map() };

/** Of the operator in the side panel; empty where another graph is on the canvas. */
export const wiring = computed<Wiring>(() => {
  const shown = graph.value?.document;
  const at = current.value === null ? undefined : shown?.indexOf.get(current.value);
  return shown && at !== undefined ? wiringOf(shown, at) : NONE;
});
