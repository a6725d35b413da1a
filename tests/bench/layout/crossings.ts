// Counts where the lines of a drawing cross; it knows nothing of who drew them.

/** One drawn edge: x and y in turn, and what it joins. */
export interface Line {
  readonly points: readonly number[];
  readonly from: number;
  readonly to: number;
}

const CELL = 64;
/** Lines of different edges are moved apart by less than this, px, so that none lies on another. */
const NUDGE = 0.01;

/**
 * Proper crossings of pairs of lines. Two that share an end are taken as drawn: lying on each other
 * is no crossing. Others are nudged by a fixed amount of their own: where they run on one line for
 * a while, they cross once if they leave it on opposite sides.
 */
export function countCrossings(lines: readonly Line[]): number {
  const [ax, ay, bx, by, of]: number[][] = [[], [], [], [], []];
  lines.forEach(({ points }, line) => {
    for (let at = 2; at < points.length; at += 2) {
      if (points[at] === points[at - 2] && points[at + 1] === points[at - 1]) continue;
      ax.push(points[at - 2]);
      ay.push(points[at - 1]);
      bx.push(points[at]);
      by.push(points[at + 1]);
      of.push(line);
    }
  });
  const top = ay.map((y, i) => Math.min(y, by[i]));
  const bottom = ay.map((y, i) => Math.max(y, by[i]));
  const order = ax.map((_, i) => i).sort((a, b) => top[a] - top[b] || a - b);
  const cells = new Map<number, number[]>();
  const met = new Int32Array(ax.length).fill(-1);
  const nudge = (line: number): number => NUDGE * ((line * 0.6180339887) % 1);
  const crossed = (i: number, j: number): boolean => {
    const [a, b] = [lines[of[i]], lines[of[j]]];
    const shared = a.from === b.from || a.to === b.to;
    const [di, dj] = shared ? [0, 0] : [nudge(of[i]), nudge(of[j])];
    const side = (ox: number, oy: number, px: number, py: number, qx: number, qy: number): number => {
      const value = (px - ox) * (qy - oy) - (py - oy) * (qx - ox);
      return Math.abs(value) < 1e-9 ? 0 : Math.sign(value);
    };
    const [x1, y1, x2, y2] = [ax[i] + di, ay[i] - di, bx[i] + di, by[i] - di];
    const [x3, y3, x4, y4] = [ax[j] + dj, ay[j] - dj, bx[j] + dj, by[j] - dj];
    return (
      side(x1, y1, x2, y2, x3, y3) * side(x1, y1, x2, y2, x4, y4) < 0 &&
      side(x3, y3, x4, y4, x1, y1) * side(x3, y3, x4, y4, x2, y2) < 0
    );
  };
  let count = 0;
  for (const i of order) {
    const first = Math.floor((Math.min(ax[i], bx[i]) - 1) / CELL);
    const last = Math.floor((Math.max(ax[i], bx[i]) + 1) / CELL);
    for (let cell = first; cell <= last; cell++) {
      const open = cells.get(cell) ?? [];
      let kept = 0;
      for (const j of open) {
        if (bottom[j] + 1 < top[i]) continue;
        open[kept++] = j;
        if (met[j] === i || of[j] === of[i]) continue;
        met[j] = i;
        if (crossed(i, j)) count++;
      }
      open.length = kept;
      open.push(i);
      cells.set(cell, open);
    }
  }
  return count;
}
