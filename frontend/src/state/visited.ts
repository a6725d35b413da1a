// Where the user has been: the operators that were read one after the other, to go back to.
import { effect, signal } from '@preact/signals';
import { currentPath } from './graph';
import { selected } from './selection';
import { model } from './session';

export interface Place {
  readonly node: number;
  /** of the graph where it lives */
  readonly path: string;
}

export const behind = signal<readonly Place[]>([]);
export const ahead = signal<readonly Place[]>([]);

const MOST = 100;

/** The operator that is read now; null: none, or several. */
let here: Place | null = null;
/** The one that a step back or forth is on its way to: no new place. */
let awaited: number | null = null;

/** Notes each operator that is left for another one, however that came about. */
export function watchVisited(): () => void {
  let serial: number | undefined;
  return effect(() => {
    if (model.value?.serial !== serial) {
      serial = model.value?.serial;
      here = null;
      behind.value = [];
      ahead.value = [];
    }
    if (selected.value.size !== 1) return;
    const [node] = selected.value;
    if (node === undefined || node === here?.node) return;
    if (here !== null && node !== awaited) leave();
    awaited = null;
    here = { node, path: currentPath() };
  });
}

/** Makes the operator that is read a place to come back to: the canvas goes elsewhere. */
export function leave(): void {
  if (here === null) return;
  behind.value = [...behind.peek(), here].slice(-MOST);
  ahead.value = [];
}

/** Takes one step through the places; null where there is none. `visit` brings it into view. */
export async function turn(by: 'back' | 'forth', visit: (place: Place) => Promise<void>): Promise<void> {
  const [from, to] = by === 'back' ? [behind, ahead] : [ahead, behind];
  const place = from.peek().at(-1);
  if (place === undefined) return;
  from.value = from.peek().slice(0, -1);
  if (here !== null) to.value = [...to.peek(), here];
  awaited = place.node;
  await visit(place);
}
