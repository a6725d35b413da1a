// The weights inside operators of the graph that is shown: in the bodies of an If, a Loop, a function.
import { computed } from '@preact/signals';
import type { WeightRow } from '../api/schema';
import { plural } from '../lib/numbers';
import { graph } from './graph';
import { selected } from './selection';
import { rows, rowsOfNode } from './weights';

export interface Inside {
  /** What the node's tile tells of; null until all of them have come. */
  readonly rows: readonly WeightRow[] | null;
  /** Ids of the operators inside that have these weights: the layers of the table. */
  readonly layers: readonly number[];
  /** Whether weights of its own are among them, as those that a call hands on. */
  readonly own: boolean;
}

/** By node id, the operators of the shown graph that hold weights in their bodies. */
export const inside = computed<ReadonlyMap<number, Inside>>(() => {
  const document = graph.value?.document;
  const found = new Map<number, Inside>();
  if (!document?.within) return found;
  const { start, end, weight } = document.within;
  // Calls of one function share a stretch, and what is in it: looked at once, however many they are.
  const known = new Map<number, Inside>();
  for (let at = 0; at < document.count; at++) {
    if (end[at] === start[at]) continue;
    let held = known.get(start[at]);
    if (held === undefined) known.set(start[at], (held = heldBy(weight.subarray(start[at], end[at]))));
    const node = document.nodeId[at];
    const own = held.layers.includes(node);
    found.set(node, own ? { ...held, layers: held.layers.filter((one) => one !== node), own } : held);
  }
  return found;
});

/** What weights tell of, by their ids, as those of nobody's own. */
function heldBy(ids: Uint32Array): Inside {
  const list = [...ids].map((id) => rows.value.get(id)).filter((row) => row !== undefined);
  return { rows: list.length === ids.length ? list : null, layers: [...new Set(list.map((row) => row.node))], own: false };
}

/** By node id, the weights that the tiles of the shown graph tell of: an operator's own, or all inside it. */
export const rowsTold = computed<ReadonlyMap<number, readonly WeightRow[]>>(() => {
  if (inside.value.size === 0) return rowsOfNode.value;
  const told = new Map<number, readonly WeightRow[]>(rowsOfNode.value);
  for (const [node, { rows: list }] of inside.value) {
    if (list === null) told.delete(node);
    else told.set(node, list);
  }
  return told;
});

/** Layers inside the selected operators, by node id. */
export function layersInside(): number[] {
  return [...new Set([...selected.value].flatMap((node) => inside.value.get(node)?.layers ?? []))];
}

/** "weighted over 3 layers inside": what a share of zeros of an operator with bodies is of. */
export function overWhat({ rows: list, layers, own }: Inside): string {
  const thing = list?.every((row) => row.kind === 'embedding') ? 'embedding' : 'layer';
  return `weighted over ${own ? 'its own weights and ' : ''}${plural(layers.length, thing)} inside`;
}

/**
 * Of the weights inside an operator, those in one of its bodies and in the bodies in there; none where
 * some come in with a call, or are in functions that are called: whose they are, paths do not tell.
 */
export function rowsIn(path: string, holder: number): readonly WeightRow[] {
  const list = inside.value.get(holder)?.rows ?? [];
  const [root] = path.split('#');
  if (list.some((row) => row.graph.split('#')[0] !== root)) return [];
  return list.filter((row) => row.graph === path || row.graph.startsWith(`${path}#`));
}
