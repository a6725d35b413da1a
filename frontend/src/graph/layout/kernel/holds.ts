// What keeps a drawing wide: straight lines that hold things apart which lie in different ranks.
import { Drawing, Standing } from './standing';

/** What stands further out than this share of the furthest counts, too: models repeat. */
const OUT: f64 = 0.9;

/**
 * Cuts blocks so that what stands furthest out can come closer to the main path. From there inwards
 * blocks stand tight against each other; one that does so in another rank than it is pushed against is
 * cut between the two. Only lines are cut, never two nodes in one line. The standing itself where there
 * is nothing to cut.
 */
export function cutHolds(drawing: Drawing, standing: Standing): Standing {
  const middle = standing.middle;
  const centre = standing.centre;
  const nodes = drawing.nodes;
  const row = drawing.row;
  const next = drawing.follow(standing.blockOf, true);
  const previous = drawing.follow(standing.blockOf, false);
  // The nearest vertex of its block, up and down, that stands tight; and where a cut sets free from it.
  const up = new Int32Array(drawing.vertices).fill(-1);
  const upCut = new Int32Array(drawing.vertices).fill(-1);
  const down = new Int32Array(drawing.vertices).fill(-1);
  const downCut = new Int32Array(drawing.vertices).fill(-1);
  for (let k = 0; k < row.length; k++) {
    const vertex = row[k];
    const before = previous[vertex];
    if (against(drawing, middle, centre, vertex) >= 0) up[vertex] = vertex;
    else if (before >= 0 && up[before] >= 0) {
      up[vertex] = up[before];
      upCut[vertex] = upCut[before] >= 0 ? upCut[before] : before >= nodes || vertex >= nodes ? vertex : -1;
    }
  }
  for (let k = row.length - 1; k >= 0; k--) {
    const vertex = row[k];
    const after = next[vertex];
    if (up[vertex] === vertex) down[vertex] = vertex;
    else if (after >= 0 && down[after] >= 0) {
      down[vertex] = down[after];
      downCut[vertex] = downCut[after] >= 0 ? downCut[after] : after >= nodes || vertex >= nodes ? after : -1;
    }
  }

  let left = centre;
  let right = centre;
  for (let vertex = 0; vertex < drawing.vertices; vertex++) {
    left = Math.min(left, middle[vertex]);
    right = Math.max(right, middle[vertex]);
  }
  left = centre + OUT * (left - centre);
  right = centre + OUT * (right - centre);
  const stack = new Int32Array(3 * drawing.vertices);
  let waiting: i32 = 0;
  for (let vertex = 0; vertex < drawing.vertices; vertex++) {
    if (middle[vertex] < left || middle[vertex] > right) stack[waiting++] = vertex;
  }
  const begins = new Int32Array(2 * drawing.vertices);
  let begun: i32 = 0;
  const seen = new Uint8Array(drawing.vertices);
  while (waiting > 0) {
    const from = stack[--waiting];
    if (seen[from] === 1 || middle[from] === centre) continue;
    seen[from] = 1;
    const firmUp = up[from] >= 0 && upCut[from] < 0;
    const firmDown = down[from] >= 0 && downCut[from] < 0;
    // What is held by one firm way, no cut sets free.
    if (firmUp) stack[waiting++] = against(drawing, middle, centre, up[from]);
    if (firmDown && down[from] !== from) stack[waiting++] = against(drawing, middle, centre, down[from]);
    if (firmUp || firmDown) continue;
    if (upCut[from] >= 0) begins[begun++] = upCut[from];
    if (downCut[from] >= 0) begins[begun++] = downCut[from];
  }
  return begun > 0 ? standing.cut(drawing, begins, begun) : standing;
}

/** The vertex that `vertex` stands tight against on its inner side, or -1. */
function against(drawing: Drawing, middle: Float64Array, centre: f64, vertex: i32): i32 {
  const rank = drawing.rank[vertex];
  const right = middle[vertex] > centre;
  const at = drawing.at[vertex] + (right ? -1 : 1) + drawing.rowStart[rank];
  if (at < drawing.rowStart[rank] || at >= drawing.rowStart[rank + 1]) return -1;
  const other = drawing.row[at];
  const least = right ? drawing.apart(other, vertex) : drawing.apart(vertex, other);
  return Math.abs(middle[vertex] - middle[other]) <= least ? other : -1;
}
