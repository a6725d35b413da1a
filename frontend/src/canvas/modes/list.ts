// The colour modes of the canvas, in the order of the menu.
import { CLAIMS } from './claims';
import { DTYPE } from './dtype';
import { FORMAT } from './format';
import type { ColourMode } from './mode';
import { OP } from './op';
import { PARAMETERS } from './parameters';
import { SENSITIVITY } from './sensitivity';
import { SPARSITY } from './sparsity';

export const COLOUR_MODES: readonly ColourMode[] = [SPARSITY, FORMAT, CLAIMS, OP, PARAMETERS, DTYPE, SENSITIVITY];

/** The mode of an id; sparsity for one that is not in the list. */
export function modeOf(id: string): ColourMode {
  return COLOUR_MODES.find((mode) => mode.id === id) ?? SPARSITY;
}
