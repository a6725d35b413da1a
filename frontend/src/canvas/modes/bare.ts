// The look before anything is known of the weights: layers are dashed, all else is plain.
import type { GraphDocument } from '../../graph/document';
import { DASHED, NO_COLOUR, NO_TILE, type Colours } from '../colours';

export function bareColours({ count, layer }: GraphDocument): Colours {
  return {
    look: Uint8Array.from(layer, (is) => (is === 1 ? DASHED : NO_TILE)),
    rgb: new Uint32Array(count).fill(NO_COLOUR),
    word: null,
    scale: true,
  };
}
