// The prune form: what it sends for what is wished.
import { expect, it } from 'vitest';
import { sampleRow } from '../api/sample';
import { floorOf, PLAIN, prunable, requestOf } from './prune';

it('prunes weights, never embeddings or what cannot be read', () => {
  expect(prunable([sampleRow(), sampleRow({ id: 1, kind: 'embedding' }), sampleRow({ id: 2, problem: 'gone' })]).map((row) => row.id)).toEqual([0]);
});

it('lets N:M say its own share, and sends an amount only beyond it', () => {
  expect(floorOf('2:4')).toBe(0.5);
  expect(floorOf('unstructured')).toBe(0);
  const wanted = { ...PLAIN, format: '2:4' };
  expect(requestOf(wanted, [sampleRow()]).sparsity).toBeNull();
  expect(requestOf({ ...wanted, sparsity: 0.7 }, [sampleRow()]).sparsity).toBe(0.7);
  expect(requestOf(PLAIN, [sampleRow()]).sparsity).toBe(0.5);
});

it('sends a budget, spared ends and a threshold only where they are wanted', () => {
  const plain = requestOf(PLAIN, [sampleRow()]);
  expect(plain).not.toHaveProperty('budget');
  expect(plain).not.toHaveProperty('keep_ends');
  const overall = { ...PLAIN, scope: 'global-rms' as const, budget: 'overall' as const, keepEnds: true };
  expect(requestOf(overall, [sampleRow()])).toMatchObject({ scope: 'global-rms', budget: 'overall', keep_ends: true, sparsity: 0.5, threshold: null });
  // Over all weights together a share has to be said, whatever N:M makes by itself.
  expect(requestOf({ ...overall, format: '2:4', sparsity: 0.3 }, [sampleRow()]).sparsity).toBe(0.3);
  const border = requestOf({ ...overall, criterion: 'threshold', threshold: 0.02 }, [sampleRow()]);
  expect(border).toMatchObject({ sparsity: null, threshold: 0.02, scope: 'layer' });
  expect(border).not.toHaveProperty('budget');
  expect(requestOf({ ...PLAIN, criterion: 'threshold', format: '2:4' }, [sampleRow()]).threshold).toBeNull();
});
