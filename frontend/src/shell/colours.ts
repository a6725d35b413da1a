// What the canvas, the minimap and the legend paint with: facts of the graph under the colour mode.
import { computed } from '@preact/signals';
import { modeOf } from '../canvas/modes/list';
import { coloursOf, type Facts } from '../canvas/modes/mode';
import { colourMode } from '../state/canvas';
import { graph } from '../state/graph';
import { rows, rowsOfNode } from '../state/weights';
import { rowsShown } from '../state/within';
import { tilesOf } from './tiles';

export const mode = computed(() => modeOf(colourMode.value));

/** Null without a graph. */
export const facts = computed<Facts | null>(() => {
  const document = graph.value?.document;
  if (!document) return null;
  const shown = rowsShown(document, rowsOfNode.value);
  return { document, tiles: tilesOf(document, shown, rows.value), rowsOfNode: shown };
});

export const colours = computed(() => (facts.value === null ? null : coloursOf(mode.value, facts.value)));
