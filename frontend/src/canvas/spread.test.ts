// Layers far away: as high as can be seen where there is room, never two of them on each other.
import { describe, expect, it } from 'vitest';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { planFold } from '../graph/fold';
import { foldScene } from '../graph/folded';
import { encodeSample, randomStream, type SampleEdge } from '../graph/sample';
import { buildScene, nodeBox, openScene } from '../graph/scene';
import type { Direction } from '../graph/turn';
import { growthOf } from './spread';

function open(direction: Direction, share: number) {
  const random = randomStream(9);
  const nodes = Array.from({ length: 160 }, (_, at) => ({ op: 'Conv', layer: at === 0 || random() < share }));
  const edges: SampleEdge[] = nodes.slice(1).map((_, at) => ({ from: at - Math.floor(random() * Math.min(at + 1, 3)), to: at + 1 }));
  const columns = decodeColumns(encodeSample(nodes, edges));
  return { document: documentOf(columns), scene: openScene(buildScene(columns, { direction })) };
}

describe.each([['down', false], ['right', false], ['down', true], ['right', true]] as const)('a drawing that goes %s, folded: %s', (direction, folds) => {
  const { document, scene: flat } = open(direction, 0.5);
  const scene = folds ? foldScene(flat, planFold(flat, direction === 'down' ? { width: 1300, height: 700 } : { width: 700, height: 1300 })!) : flat;
  const layers = Array.from(document.layer.keys()).filter((node) => document.layer[node] === 1);

  it.each([0.3, 0.09, 0.04, 0.01])('layers stay apart at zoom %s, and are seen where there is room', (zoom) => {
    const grown = layers.map((node) => {
      const { x, y, width, height } = nodeBox(scene, node);
      const by = growthOf(scene, document, node, zoom);
      return { left: x - by, top: y - by, right: x + width + by, bottom: y + height + by, by, node };
    });
    for (const a of grown) {
      const wish = (5 / zoom - scene.nodeHeight[a.node]!) / 2;
      expect(a.by).toBeGreaterThanOrEqual(0);
      expect(a.by).toBeLessThanOrEqual(Math.max(Math.min(wish, 64), 0));
      // How far it is to the nearest other layer along one of the sides.
      let room = Infinity;
      for (const b of grown) {
        if (a === b) continue;
        const apart = Math.max(b.left + b.by - a.right + a.by, a.left + a.by - b.right + b.by, b.top + b.by - a.bottom + a.by, a.top + a.by - b.bottom + b.by);
        room = Math.min(room, apart);
        const left = Math.max(b.left - a.right, a.left - b.right, b.top - a.bottom, a.top - b.bottom);
        expect(left).toBeGreaterThan(Math.min(apart, 6) - 0.01);
      }
      if (room > 2 * 64 + 6 && !folds) expect(a.by).toBeCloseTo(Math.max(Math.min(wish, 64), 0), 3);
      if (wish > 0) expect(a.by > 0).toBe(room > 6);
    }
  });

  it('operators without weights stay as they are', () => {
    for (let node = 0; node < scene.count; node++) {
      if (document.layer[node] !== 1) expect(growthOf(scene, document, node, 0.01)).toBe(0);
    }
  });
});

it('grows a lone layer as far as it needs, up to a limit', () => {
  const columns = decodeColumns(encodeSample([{ op: 'Conv', layer: true }, { op: 'Relu' }], [{ from: 0, to: 1 }]));
  const [document, scene] = [documentOf(columns), openScene(buildScene(columns))];
  // 52 px high: at 0.05 five pixels are 100.
  expect([0.5, 0.05, 0.001].map((zoom) => growthOf(scene, document, 0, zoom))).toEqual([0, 24, 64]);
});
