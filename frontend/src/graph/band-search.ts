// What touches a box of a folded drawing: asked of the flat drawing's trees, band by band.
import type { Box } from '../lib/geometry';
import type { Boxes, Search } from './boxes';
import type { Fold } from './fold';
import type { Scene, SceneData, Searches } from './scene';

/** Coordinates of 32 bits are not moved exactly, px; what is not cut is further from a cut than this, see `profileOf`. */
const SLACK = 1;

interface Wires {
  readonly start: Uint32Array;
  readonly points: Float32Array;
}

type Touches = (one: number, left: number, top: number, right: number, bottom: number) => boolean;

/** `moved` is the folded drawing; `cut` are the edges and stubs whose own lines lead over a gutter. */
export function bandSearches(
  flat: Scene,
  fold: Fold,
  moved: SceneData,
  cut: { readonly edges: readonly number[]; readonly stubs: readonly number[] },
): Searches {
  const { x, y, nodeWidth, nodeHeight, stubs } = moved;
  const down = flat.direction === 'down';
  const around = [0, 0, moved.width, moved.height] as const;
  const onNode: Touches = (node, left, top, right, bottom) =>
    x[node] <= right && y[node] <= bottom && x[node] + nodeWidth[node] >= left && y[node] + nodeHeight[node] >= top;
  const onLine = lineTouches(moved);
  const onStubLine = lineTouches(stubs);
  const onStub: Touches = (stub, left, top, right, bottom) => {
    const text = stubs.x[stub] <= right && stubs.y[stub] <= bottom && stubs.x[stub] + stubs.width[stub] >= left && stubs.y[stub] + stubs.height[stub] >= top;
    return text || onStubLine(stub, left, top, right, bottom);
  };
  const search = (boxes: Boxes, touches: Touches, over: readonly number[]): Search => {
    const isCut = new Set(over);
    return {
      around,
      find(left, top, right, bottom) {
        const found = over.filter((one) => touches(one, left, top, right, bottom));
        eachBand(fold, down, left, top, right, bottom, (box) => {
          for (const one of boxes.within(box)) if (!isCut.has(one) && touches(one, left, top, right, bottom)) found.push(one);
        });
        return found;
      },
    };
  };
  return { nodes: search(flat.nodes, onNode, []), edges: search(flat.edges, onLine, cut.edges), stubs: search(flat.stubTexts, onStub, cut.stubs) };
}

/** Whether the box around a line touches another box; what has no line touches nothing. */
function lineTouches({ start, points }: Wires): Touches {
  return (wire, left, top, right, bottom) => {
    let [least, most, first, last] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let at = 2 * start[wire]; at < 2 * start[wire + 1]; at += 2) {
      least = Math.min(least, points[at]);
      most = Math.max(most, points[at]);
      first = Math.min(first, points[at + 1]);
      last = Math.max(last, points[at + 1]);
    }
    return least <= right && first <= bottom && most >= left && last >= top;
  };
}

/** Tells, for each band that a box may touch, that box in the flat drawing, as far as it is the band's. */
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
