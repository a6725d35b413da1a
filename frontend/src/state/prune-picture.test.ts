// The picture of a prune: asked for once there is a mask to show, and again when it changes.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { samplePreview } from '../api/sample';
import { sampleHistogram, sampleMask } from '../api/sample-weight';
import { preview, shown } from './preview';
import { corner, spread, watchPrunePicture } from './prune-picture';

let asked: string[];
let stop: () => void;
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path.split('?')[0]!.replace('/api/weight/', ''));
    if (path.includes('/tile')) return new Response(new Uint8Array(1 << 16));
    return Response.json(path.includes('/mask') ? sampleMask() : sampleHistogram());
  });
  stop = watchPrunePicture();
});
afterEach(() => {
  stop();
  shown.value = null;
  preview.value = null;
});

it('waits for the mask, though the numbers are there', async () => {
  shown.value = { ...samplePreview(), exact: true };
  await settled();
  expect(asked).toEqual([]);
  preview.value = samplePreview();
  await settled();
  expect(asked).toEqual(['0/mask', '0/tile', '0/histogram']);
  expect([corner.value?.weight, spread.value?.weight]).toEqual([0, 0]);
  // Numbers of a moving slider ask for nothing; the next preview for the mask alone.
  shown.value = { ...samplePreview({ sparsity_after: 0.6 }), exact: true };
  await settled();
  expect(asked).toHaveLength(3);
  preview.value = samplePreview({ sparsity_after: 0.6 });
  await settled();
  expect(asked.slice(3)).toEqual(['0/mask', '0/tile']);
  preview.value = null;
  expect([corner.value, spread.value]).toEqual([null, null]);
});
