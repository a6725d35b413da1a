// Where each tensor tells its shape: where it leaves its node, or enters the next one, if free.
import type Flatbush from 'flatbush';
import type { Columns } from './columns';
import { group, type Links } from './layout/links';
import { GAP, type LayoutResult } from './layout/types';
import { labelWidth } from './sizes';

const HALF_HEIGHT = 6;
/** Labels are written at 11 px; `labelWidth` tells 12 px. */
const SCALE = 11 / 12;
/** Middle of a label above the node that its line enters, px. */
const ABOVE_ENTRY = 10;

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly right: number;
}

/**
 * Moves or drops labels that would lie on something else. One that repeats a shape which already
 * enters its node needs a free place; a new shape may cross a line, but no box and no other label.
 */
export function placeLabels(
  columns: Columns,
  drawn: LayoutResult,
  nodes: Flatbush,
  edges: Flatbush,
): void {
  const entering = group(columns.nodes, columns.edgeTarget);
  const written = new Written();
  for (let edge = 0; edge < columns.edges; edge++) {
    const label = columns.strings[columns.edgeLabel[edge]] ?? '';
    if (Number.isNaN(drawn.labelX[edge]) || label === '') continue;
    const width = labelWidth(label) * SCALE;
    const end = 2 * drawn.start[edge + 1] - 2;
    const spots = [
      { x: drawn.labelX[edge], y: drawn.labelY[edge] },
      { x: drawn.points[end] + GAP.textRight, y: drawn.points[end + 1] - ABOVE_ENTRY },
    ].map((spot) => ({ ...spot, right: spot.x + width }));
    const clear = spots.filter((spot) => !written.covers(spot) && !hitsBox(nodes, spot));
    const free = clear.find((spot) => !hitsLine(drawn, edges, spot));
    const chosen = free ?? (repeats(columns, entering, edge) ? undefined : clear[0]);
    drawn.labelX[edge] = chosen?.x ?? NaN;
    drawn.labelY[edge] = chosen?.y ?? NaN;
    if (chosen !== undefined) written.add(chosen);
  }
}

function repeats(columns: Columns, entering: Links, edge: number): boolean {
  const node = columns.edgeSource[edge];
  for (let k = entering.start[node]; k < entering.start[node + 1]; k++) {
    if (columns.edgeLabel[entering.list[k]] === columns.edgeLabel[edge]) return true;
  }
  return false;
}

function hitsBox(nodes: Flatbush, { x, y, right }: Spot): boolean {
  return nodes.search(x, y - HALF_HEIGHT, right, y + HALF_HEIGHT).length > 0;
}

/** True where a drawn line, not only its box, runs through the label. */
function hitsLine(drawn: LayoutResult, edges: Flatbush, { x, y, right }: Spot): boolean {
  const { points } = drawn;
  const runsThrough = (wire: number): boolean => {
    for (let at = drawn.start[wire]; at + 1 < drawn.start[wire + 1]; at++) {
      const [ax, ay, bx, by] = points.subarray(2 * at, 2 * at + 4);
      if (Math.max(ax, bx) < x || Math.min(ax, bx) > right) continue;
      if (Math.max(ay, by) < y - HALF_HEIGHT || Math.min(ay, by) > y + HALF_HEIGHT) continue;
      return true;
    }
    return false;
  };
  return edges.search(x, y - HALF_HEIGHT, right, y + HALF_HEIGHT, runsThrough).length > 0;
}

/** Labels placed so far, by height. */
class Written {
  private readonly rows = new Map<number, Spot[]>();

  private static row(y: number): number {
    return Math.floor(y / (2 * HALF_HEIGHT));
  }

  add(spot: Spot): void {
    const row = Written.row(spot.y);
    const spots = this.rows.get(row);
    if (spots === undefined) this.rows.set(row, [spot]);
    else spots.push(spot);
  }

  covers(spot: Spot): boolean {
    const row = Written.row(spot.y);
    return [row - 1, row, row + 1].some((near) =>
      (this.rows.get(near) ?? []).some(
        (other) =>
          Math.abs(other.y - spot.y) < 2 * HALF_HEIGHT &&
          other.x < spot.right &&
          spot.x < other.right,
      ),
    );
  }
}
