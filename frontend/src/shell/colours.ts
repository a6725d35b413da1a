// What the canvas, the minimap and the legend paint with: facts of the graph under the colour mode.
import { computed } from '@preact/signals';
import { modeOf } from '../canvas/modes/list';
import { coloursOf, type Facts } from '../canvas/modes/mode';
import { colourMode } from '../state/canvas';
import { graph } from '../state/graph';
import { rows } from '../state/weights';
import { rowsTold } from '../state/within';
import { tilesOf } from './tiles';

export const mode = computed(() => modeOf(colourMode.value));

/** Null without a graph. */
export const facts = computed<Facts | null>(() => {
  const document = graph.value?.document;
  if (!document) return null;
  return { document, tiles: tilesOf(document, rowsTold.value, rows.value), rowsOfNode: rowsTold.value };
});

export const colours = computed(() => (facts.value === null ? null : coloursOf(mode.value, facts.value)));
