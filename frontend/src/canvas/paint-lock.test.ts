// The lock of a protected layer: where it stands, and that it stays away where nodes are specks.
import { beforeAll, expect, it, vi } from 'vitest';
import { LAYER_HEIGHT } from '../graph/sizes';
import type { Frame } from './frame';
import { paintLock } from './paint-lock';
import { recorder, StubPath } from './recorder';

beforeAll(() => vi.stubGlobal('Path2D', StubPath));

function painted(level: Frame['level'], zoom: number) {
  const found = recorder();
  const frame = {
    level, zoom, ratio: 1, originX: 0, originY: 0, theme: { surface: 'surface', ink: 'ink', ink3: 'ink-3' },
    scene: { x: [100], y: [40], nodeWidth: [248], nodeHeight: [LAYER_HEIGHT] },
  } as unknown as Frame;
  paintLock(found.context, frame, 0);
  return found;
}

it('stands at the left of the upper edge, or at the corner of a small node', () => {
  const full = painted('full', 1);
  expect(full.named('arc')[0]!.args.slice(0, 2)).toEqual([18, 0]);
  expect(full.named('arc')[0]!.origin).toEqual([100, 40]);
  const small = painted('small', 0.5);
  expect(small.named('arc')[0]!.args.slice(0, 2)).toEqual([50, 20]);
  for (const one of [full, small]) expect(one.calls.filter((call) => call.args[0] instanceof StubPath).map((call) => [call.name, call.fill])).toEqual([['fill', 'ink'], ['stroke', 'ink']]);
});

it('is not drawn far away', () => {
  expect(painted('far', 0.2).calls).toEqual([]);
});
