// Boxes found by place: few are looked through one by one, many by a tree that the first narrow look makes.
import Flatbush from 'flatbush';
import type { Box } from '../lib/geometry';

/** Left, top, right and bottom of each box, one after another. */
export type Corners = Float32Array;

/** So few are looked through one by one: sorting them would take longer than that ever does. */
const FEW = 4096;
/** Of a look at more than this share of the ground most is found: one by one that takes a tenth of the time. */
const WIDE = 1 / 16;

/** A tree over boxes, as a buffer that can be handed over; null where so few need none. */
export function treeOf(corners: Corners): ArrayBuffer | null {
  const count = corners.length / 4;
  if (count <= FEW) return null;
  const tree = new Flatbush(count, 16, Float32Array);
  for (let at = 0; at < corners.length; at += 4) tree.add(corners[at], corners[at + 1], corners[at + 2], corners[at + 3]);
  tree.finish();
  return tree.data as ArrayBuffer;
}

/** Finds boxes where that is possible without a tree of them. */
export interface Search {
  /** Left, top, right, bottom: nothing lies outside. */
  readonly around: readonly [number, number, number, number];
  /** Those that touch a box, in any order. */
  find(left: number, top: number, right: number, bottom: number): readonly number[];
}

export class Boxes {
  private known: Corners | null = null;
  private all: number[] | null = null;
  private tree: Flatbush | null;
  /** Left, top, right, bottom around everything. */
  private bounds: readonly [number, number, number, number] | null = null;

  /**
   * `make` tells the corners when they are first needed; `search` stands in for a tree.
   */
  constructor(
    readonly count: number,
    private readonly make: () => Corners,
    tree: ArrayBuffer | null = null,
    private readonly search: Search | null = null,
  ) {
    this.tree = tree === null ? null : Flatbush.from(tree);
  }

  /** Those that touch the box, edges included, in rising order. */
  within({ x, y, width, height }: Box): number[] {
    if (this.count === 0) return [];
    const [right, bottom] = [x + width, y + height];
    const [minX, minY, maxX, maxY] = this.around();
    if (x <= minX && y <= minY && right >= maxX && bottom >= maxY) return this.everything();
    const across = Math.min(right, maxX) - Math.max(x, minX);
    const along = Math.min(bottom, maxY) - Math.max(y, minY);
    const wide = across > 0 && along > 0 && across * along > (maxX - minX) * (maxY - minY) * WIDE;
    if (this.count <= FEW || wide) return this.lookThrough(x, y, right, bottom);
    // Typed arrays sort by number without a comparison function, several times faster.
    const found = this.search === null ? this.grown().search(x, y, right, bottom) : this.search.find(x, y, right, bottom);
    return Array.from(Uint32Array.from(found).sort());
  }

  /** The nearest to a point, or -1 where there are none. */
  nearest(x: number, y: number): number {
    if (this.count === 0) return -1;
    if (this.count > FEW) return this.grown().neighbors(x, y, 1)[0];
    const corners = this.corners;
    let best = -1;
    let least = Infinity;
    for (let at = 0; at < corners.length; at += 4) {
      const dx = Math.max(corners[at] - x, x - corners[at + 2], 0);
      const dy = Math.max(corners[at + 1] - y, y - corners[at + 3], 0);
      const far = dx * dx + dy * dy;
      if (far < least) [best, least] = [at >> 2, far];
    }
    return best;
  }

  private get corners(): Corners {
    this.known ??= this.make();
    return this.known;
  }

  private grown(): Flatbush {
    this.tree ??= Flatbush.from(treeOf(this.corners)!);
    return this.tree;
  }

  private around(): readonly [number, number, number, number] {
    if (this.bounds !== null) return this.bounds;
    if (this.search !== null) return (this.bounds = this.search.around);
    const { tree } = this;
    if (tree !== null) return (this.bounds = [tree.minX, tree.minY, tree.maxX, tree.maxY]);
    const corners = this.corners;
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 0; at < corners.length; at += 4) {
      if (corners[at] < left) left = corners[at];
      if (corners[at + 1] < top) top = corners[at + 1];
      if (corners[at + 2] > right) right = corners[at + 2];
      if (corners[at + 3] > bottom) bottom = corners[at + 3];
    }
    return (this.bounds = [left, top, right, bottom]);
  }

  private lookThrough(x: number, y: number, right: number, bottom: number): number[] {
    const corners = this.corners;
    const found: number[] = [];
    for (let at = 0; at < corners.length; at += 4) {
      if (corners[at] <= right && corners[at + 1] <= bottom && corners[at + 2] >= x && corners[at + 3] >= y) found.push(at >> 2);
    }
    return found;
  }

  /** All there is, without a search: what a look at the whole graph asks for in every frame. */
  private everything(): number[] {
    this.all ??= Array.from({ length: this.count }, (_, at) => at);
    return this.all;
  }
}
