// What the canvas shows of a graph: colour modes, direction, rows inside the nodes.
import { COLOUR_MODES } from '../canvas/modes/list';
import type { Settings } from '../api/schema';
import { colourMode } from '../state/canvas';
import { graph, showGraph, trail } from '../state/graph';
import { server } from '../state/session';
import { viewport } from '../state/view';
import type { Command } from './command';
import { ready } from './go';
import { changeSettings } from './view';

const hasGraph = () => graph.value !== null;

/** Lays the graph out again, and looks at the place that was in the middle. */
async function relayout(change: Partial<Settings>): Promise<void> {
  const view = viewport.value;
  const place = view?.place() ?? null;
  const saved = changeSettings(change);
  if (graph.value !== null) {
    await showGraph(trail.value);
    await ready();
    if (place === null || place.whole) view?.fit(false);
    else if (place.node >= 0) await view?.goTo(place.node, false);
  }
  await saved;
}

const settings = (): Settings | undefined => server.value?.settings;

function rowsCommand(kind: 'attributes' | 'constants' | 'names', label: string, hotkey: string): Command {
  return {
    id: `view.rows.${kind}`, group: 'View', label, hotkeys: [hotkey], when: hasGraph,
    checked: () => settings()?.[kind] === true,
    run: () => relayout({ [kind]: settings()?.[kind] !== true }),
  };
}

const COLOURS: readonly Command[] = COLOUR_MODES.map((mode, at) => ({
  id: `view.colour.${mode.id}`, group: 'View', label: () => `Colour: ${mode.label}`, hotkeys: [`Alt+${at + 1}`], when: hasGraph,
  checked: () => colourMode.value === mode.id,
  run: () => {
    colourMode.value = mode.id;
  },
}));

/** Px per press of a key; a page is this share of the window. */
const STEP = 64;
const PAGE = 0.8;

function moveCommand(id: string, label: string, hotkey: string, by: () => readonly [number, number]): Command {
  return {
    id: `view.move-${id}`, group: 'View', label, hotkeys: [hotkey], when: () => hasGraph() && viewport.value !== null,
    run: () => viewport.value?.panBy(...by()),
  };
}

export const CANVAS_COMMANDS: readonly Command[] = [
  moveCommand('up', 'Move up', 'ArrowUp', () => [0, STEP]),
  moveCommand('down', 'Move down', 'ArrowDown', () => [0, -STEP]),
  moveCommand('left', 'Move left', 'ArrowLeft', () => [STEP, 0]),
  moveCommand('right', 'Move right', 'ArrowRight', () => [-STEP, 0]),
  moveCommand('page-up', 'Move a page up', 'PageUp', () => [0, PAGE * innerHeight]),
  moveCommand('page-down', 'Move a page down', 'PageDown', () => [0, -PAGE * innerHeight]),
  ...COLOURS,
  {
    id: 'view.direction', group: 'View', hotkeys: ['Mod+K'], when: hasGraph,
    label: () => (settings()?.direction === 'right' ? 'Draw from top to bottom' : 'Draw from left to right'),
    run: () => relayout({ direction: settings()?.direction === 'right' ? 'down' : 'right' }),
  },
  rowsCommand('attributes', 'Attributes in nodes', 'Mod+D'),
  rowsCommand('constants', 'Weights and constants in nodes', 'Mod+I'),
  rowsCommand('names', 'Names in nodes', 'Mod+U'),
];
