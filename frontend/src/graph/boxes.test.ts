// Finding boxes by place, few and many, with a tree that came along and without, held against a look at each.
import { describe, expect, it } from 'vitest';
import { Boxes, treeOf } from './boxes';

/** The same numbers at each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function scattered(count: number): Float32Array {
  const next = numbers(count + 1);
  const corners = new Float32Array(4 * count);
  for (let at = 0; at < corners.length; at += 4) {
    const [x, y] = [next() * 10_000, next() * 40_000];
    corners.set([x, y, x + next() * 200, y + next() * 60], at);
  }
  return corners;
}

describe.each([
  ['few', 200, false],
  ['many', 6000, false],
  ['many, with their tree,', 6000, true],
])('%s boxes', (_, count, planted) => {
  const corners = scattered(count as number);
  const boxes = new Boxes(count as number, () => corners, planted === true ? treeOf(corners) : null);

  it.each([0.002, 0.05, 0.4, 2])('are found in a look at %s of the ground, in rising order', (share) => {
    const box = { x: 3000, y: 9000, width: 10_000 * share, height: 40_000 * share };
    if (share > 1) [box.x, box.y] = [-100, -100];
    const wanted: number[] = [];
    for (let at = 0; at < count; at++) {
      const [left, top, right, bottom] = corners.subarray(4 * at, 4 * at + 4);
      if (left! <= box.x + box.width && right! >= box.x && top! <= box.y + box.height && bottom! >= box.y) wanted.push(at);
    }
    if (share >= 0.05) expect(wanted.length).toBeGreaterThan(0);
    expect(boxes.within(box)).toEqual(wanted);
  });

  it('are found where a look only touches their edge', () => {
    const [left, top] = corners;
    expect(boxes.within({ x: left! - 5, y: top! - 5, width: 5, height: 5 })).toContain(0);
  });

  it('tell the nearest to a point', () => {
    const next = numbers(7);
    for (let go = 0; go < 40; go++) {
      const [x, y] = [next() * 12_000 - 1000, next() * 42_000 - 1000];
      const far = (at: number): number => {
        const [left, top, right, bottom] = corners.subarray(4 * at, 4 * at + 4);
        return Math.hypot(Math.max(left! - x, x - right!, 0), Math.max(top! - y, y - bottom!, 0));
      };
      const least = Math.min(...Array.from({ length: count }, (__, at) => far(at)));
      expect(far(boxes.nearest(x, y))).toBeCloseTo(least, 3);
    }
  });
});

describe('no boxes', () => {
  it('are found nowhere', () => {
    const none = new Boxes(0, () => new Float32Array(0));
    expect([none.within({ x: -1e9, y: -1e9, width: 2e9, height: 2e9 }), none.nearest(0, 0)]).toEqual([[], -1]);
  });
});
