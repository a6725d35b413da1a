// Moving about: to a node wherever it lives, into a body, back, through the hits.
import type { INPUT, OUTPUT } from '../graph/document';
import { model } from '../state/session';
import { currentDocument, currentPath, graph, phase, showGraph, trail } from '../state/graph';
import { select, selected } from '../state/selection';
import { activeHit, hits, query, searching } from '../state/search';
import { brokenClaims, rowsOfNode } from '../state/weights';
import { dialog, dock, side, viewport } from '../state/view';
import { ahead, behind, leave, turn, type Place } from '../state/visited';
import type { End } from '../state/wiring';
import type { Command } from './command';

/** Paths from the main graph down to `path`: "main#4.body#1.then_branch" lies in "main#4.body" in "main". */
export function wayTo(path: string): string[] {
  const way: string[] = [];
  let rest = path;
  while (rest.includes('#')) {
    way.unshift(rest);
    rest = rest.slice(0, rest.lastIndexOf('#'));
  }
  way.unshift(rest);
  return rest === 'main' ? way : ['main', ...way];
}

/** Resolves when the graph that loads is painted, or has failed. */
export function ready(): Promise<void> {
  return new Promise((resolve) => {
    const stop = phase.subscribe((now) => {
      if (now === 'loading') return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

export async function enterGraph(path: string): Promise<void> {
  if (path === currentPath()) return;
  const at = trail.value.indexOf(path);
  const known = path.startsWith(`${currentPath()}#`) || !path.includes('#');
  const way = at >= 0 ? trail.value.slice(0, at + 1) : known && path !== 'main' ? [...trail.value, path] : wayTo(path);
  await showGraph(way);
  await ready();
}

/** Shows the graph where a node lives; gives its position there, or undefined. */
async function enterGraphOf(node: number, from?: string): Promise<number | undefined> {
  const home = from ?? rowsOfNode.value.get(node)?.[0]?.graph;
  if (home !== undefined && home !== currentPath() && !currentDocument()?.indexOf.has(node)) {
    await showGraph(wayTo(home));
    await ready();
  }
  return currentDocument()?.indexOf.get(node);
}

/** Brings a node into view and leaves the selection alone. Resolves once it is painted. */
export async function reveal(node: number): Promise<void> {
  const at = await enterGraphOf(node);
  if (at !== undefined) await viewport.value?.goTo(at, false);
}

/** Selects a node and brings it into view, in the graph where it lives. Resolves once it is painted. */
export async function goTo(node: number, from?: string, animated = true): Promise<void> {
  const at = await enterGraphOf(node, from);
  if (at === undefined) return;
  select([node]);
  if (side.value === 'none') {
    side.value = 'node';
    await settled();
  }
  await viewport.value?.goTo(at, animated);
}

/** Follows a line to its end: an operator is selected, an input or output of the graph only brought into view. */
export async function follow(end: End): Promise<void> {
  const node = currentDocument()?.nodeId[end.at];
  if (node === undefined) return;
  if (end.kind === 'operator') await goTo(node);
  else {
    leave();
    await viewport.value?.goTo(end.at);
  }
}

/** Brings an input or output of the model into view. */
export async function showPort(name: string, kind: typeof INPUT | typeof OUTPUT): Promise<void> {
  await enterGraph('main');
  const shown = currentDocument();
  const at = shown === null ? -1 : shown.name.findIndex((one, place) => one === name && shown.kind[place] === kind);
  if (at < 0) return;
  leave();
  await viewport.value?.goTo(at);
}

/** Where the user was before, or came back from; in the graph where that operator lives. */
const visit = ({ node, path }: Place) => goTo(node, rowsOfNode.value.get(node)?.[0]?.graph ?? path);

/** The panel that opens makes the canvas narrower: what is centred before that would end up beside the middle. */
function settled(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

/** Opens the body of an If, Loop, Scan or function call; false when the node has none. */
export function openBody(index: number): boolean {
  const path = currentDocument()?.subgraph[index] ?? '';
  if (path === '') return false;
  select([]);
  if (side.value === 'node') side.value = 'none';
  void enterGraph(path);
  return true;
}

export async function back(): Promise<void> {
  if (trail.value.length < 2) return;
  const left = currentPath();
  await showGraph(trail.value.slice(0, -1));
  await ready();
  const shown = currentDocument();
  const at = shown ? shown.subgraph.indexOf(left) : -1;
  if (shown && at >= 0) await goTo(shown.nodeId[at]!);
}

/** Walks to the layer before or after the current one, in the model's order. */
export function step(by: 1 | -1): void {
  const shown = currentDocument();
  if (!shown) return;
  const last = [...selected.value].pop();
  const at = last === undefined ? -1 : shown.indexOf.get(last) ?? -1;
  const onlyLayers = at < 0 || shown.layer[at] === 1;
  for (let next = at + by; next >= 0 && next < shown.count; next += by) {
    if (shown.kind[next] === 0 && (!onlyLayers || shown.layer[next] === 1)) {
      void goTo(shown.nodeId[next]!);
      return;
    }
  }
}

/** Lists the layers whose claims do not hold, and brings the first of them into view: the others dim. */
export async function showBrokenClaims(): Promise<void> {
  query.value = 'declared:wrong';
  dock.value = true;
  const first = brokenClaims.value[0];
  if (first === undefined) return;
  await settled();
  await reveal(first.node);
}

export async function goToHit(at: number): Promise<void> {
  const hit = hits.value[at];
  if (!hit) return;
  const asked = query.value;
  activeHit.value = at;
  await goTo(hit.node, hit.graph);
  // The graph that is shown now tells its own hits first: this one may have another place among them.
  if (query.value === asked) activeHit.value = hits.value.findIndex((one) => one.node === hit.node);
}

function focusSearch(): void {
  const box = document.getElementById('search');
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.select();
  }
}

const hasGraph = () => graph.value !== null && model.value !== null;

export const GO_COMMANDS: readonly Command[] = [
  { id: 'go.find', group: 'Go', label: 'Find', hotkeys: ['Mod+F'], icon: { icon: 'search' }, when: hasGraph, run: focusSearch },
  {
    id: 'go.next-hit', group: 'Go', label: 'Next hit', hotkeys: ['F3', 'Mod+G'], when: () => hits.value.length > 0,
    run: () => goToHit((activeHit.value + 1) % hits.value.length),
  },
  {
    id: 'go.previous-hit', group: 'Go', label: 'Previous hit', hotkeys: ['Shift+F3', 'Mod+Shift+G'],
    when: () => hits.value.length > 0,
    run: () => goToHit((Math.max(activeHit.value, 0) - 1 + hits.value.length) % hits.value.length),
  },
  { id: 'go.next', group: 'Go', label: 'Next layer', hotkeys: ['J'], icon: { icon: 'right' }, when: hasGraph, run: () => step(1) },
  { id: 'go.previous', group: 'Go', label: 'Previous layer', hotkeys: ['K'], icon: { icon: 'left' }, when: hasGraph, run: () => step(-1) },
  {
    id: 'go.into', group: 'Go', label: 'Open the body', hotkeys: ['Enter'], icon: { icon: 'into' },
    when: () => bodyOfSelection() !== null,
    run: () => void openBody(bodyOfSelection()!),
  },
  {
    id: 'go.return', group: 'Go', label: 'Back to where you were', hotkeys: ['Alt+ArrowLeft'], icon: { icon: 'back' },
    when: () => behind.value.length > 0, run: () => turn('back', visit),
  },
  {
    id: 'go.forth', group: 'Go', label: 'Forward again', hotkeys: ['Alt+ArrowRight'], when: () => ahead.value.length > 0, run: () => turn('forth', visit),
  },
  { id: 'go.back', group: 'Go', label: 'Back to the graph around', hotkeys: ['Backspace'], when: () => trail.value.length > 1, run: back },
  {
    id: 'go.close', group: 'Go', label: 'Close the panel', hotkeys: ['Escape'],
    when: () => dialog.value === null,
    run: () => {
      if (searching.value) searching.value = false;
      else if (side.value === 'prune') side.value = selected.value.size > 0 ? 'node' : 'none';
      else if (side.value !== 'none') side.value = 'none';
      else if (query.value !== '') query.value = '';
      else select([]);
    },
  },
];

function bodyOfSelection(): number | null {
  if (selected.value.size !== 1) return null;
  const [node] = selected.value;
  const shown = currentDocument();
  const at = shown?.indexOf.get(node!);
  return shown && at !== undefined && shown.subgraph[at] !== '' ? at : null;
}
