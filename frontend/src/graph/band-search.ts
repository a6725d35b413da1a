// What touches a box of a folded drawing: asked of the flat drawing's trees, band by band.
import type { Box } from '../lib/geometry';
import type { Narrow } from './boxes';
import type { Fold } from './fold';
import type { Scene, Searches } from './scene';

/** Coordinates of 32 bits are not moved exactly, px; what is not cut is further from a cut than this, see `profileOf`. */
const SLACK = 1;

interface Moved {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly start: Uint32Array;
  readonly points: Float32Array;
}

/** `moved` is the folded drawing; `cut` are the edges whose own lines lead over a gutter. */
export function bandSearches(flat: Scene, fold: Fold, moved: Moved, cut: readonly number[]): Searches {
  const down = flat.direction === 'down';
  const { x, y, start, points } = moved;
  const isCut = new Set(cut);

  const touchesNode = (node: number, left: number, top: number, right: number, bottom: number): boolean =>
    x[node] <= right && y[node] <= bottom && x[node] + flat.nodeWidth[node] >= left && y[node] + flat.nodeHeight[node] >= top;
  const touchesWire = (wire: number, left: number, top: number, right: number, bottom: number): boolean => {
    let [least, most, first, last] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 2 * start[wire]; at < 2 * start[wire + 1]; at += 2) {
      least = Math.min(least, points[at]);
      most = Math.max(most, points[at]);
      first = Math.min(first, points[at + 1]);
      last = Math.max(last, points[at + 1]);
    }
    return least <= right && first <= bottom && most >= left && last >= top;
  };

  const nodes: Narrow = (left, top, right, bottom) => {
    const found: number[] = [];
    eachBand(fold, down, left, top, right, bottom, (box) => {
      for (const node of flat.nodes.within(box)) {
        if (touchesNode(node, left, top, right, bottom)) found.push(node);
      }
    });
    return found;
  };
  const edges: Narrow = (left, top, right, bottom) => {
    const found = cut.filter((wire) => touchesWire(wire, left, top, right, bottom));
    eachBand(fold, down, left, top, right, bottom, (box) => {
      for (const wire of flat.edges.within(box)) {
        if (isCut.has(wire) || flat.start[wire] === flat.start[wire + 1]) continue;
        if (touchesWire(wire, left, top, right, bottom)) found.push(wire);
      }
    });
    return found;
  };
  return { nodes, edges };
}

/** Tells the bands that a box may touch, and the box in the flat drawing, as far as it is that band's. */
function eachBand(
  { bands, cuts, lane, across, along }: Fold,
  down: boolean,
  left: number,
  top: number,
  right: number,
  bottom: number,
  tell: (box: Box) => void,
): void {
  const [from, to, begin, end] = down ? [left, right, top, bottom] : [top, bottom, left, right];
  for (let band = 0; band < bands; band++) {
    if ((band > 0 && to < lane[band]) || (band + 1 < bands && from > lane[band + 1])) continue;
    const first = Math.max(begin - along[band], band === 0 ? -Infinity : cuts[band]) - SLACK;
    const last = Math.min(end - along[band], band + 1 === bands ? Infinity : cuts[band + 1]) + SLACK;
    if (last < first) continue;
    const [low, wide] = [from - across[band] - SLACK, to - from + 2 * SLACK];
    tell(down ? { x: low, y: first, width: wide, height: last - first } : { x: first, y: low, width: last - first, height: wide });
  }
}
