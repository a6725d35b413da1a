// The weight in the panel is fetched when it changes, and groups only where a claim is broken.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleSummary, unmeasured } from '../api/sample';
import { sampleHistogram, sampleMask, sampleProfile, sampleViolations } from '../api/sample-weight';
import { askedFormat, picture, showGroups, violations, watchPicture } from './picture';
import { selected } from './selection';
import { dialog, side } from './view';
import { mergeRows, replaceRows } from './weights';

const asked: string[] = [];
let stop = () => {};
let answers: (path: string) => [number, unknown];

function show(...rows: ReturnType<typeof sampleRow>[]): void {
  replaceRows(rows, sampleSummary(rows));
  selected.value = new Set([rows[0]!.node]);
  side.value = 'node';
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

beforeEach(() => {
  asked.length = 0;
  answers = (path) => [200, path.includes('histogram') ? sampleHistogram() : path.includes('profile') ? { out: sampleProfile(), in: sampleProfile() }
    : path.includes('violations') ? sampleViolations() : sampleMask()];
  vi.stubGlobal('fetch', (path: string) => {
    asked.push(path.replace(/\?.*/, ''));
    const [status, body] = answers(path);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  stop = watchPicture();
});

afterEach(() => {
  stop();
  side.value = 'none';
  selected.value = new Set();
  dialog.value = null;
  askedFormat.value = null;
  vi.unstubAllGlobals();
});

it('looks at the weight in the panel once it is measured', async () => {
  show(unmeasured());
  await settled();
  expect([asked, picture.value]).toEqual([[], null]);
  mergeRows([sampleRow()], sampleSummary([sampleRow()]));
  await settled();
  expect(asked.toSorted()).toEqual(['/api/weight/0/histogram', '/api/weight/0/mask', '/api/weight/0/profile']);
  expect(picture.value?.histogram?.nonzeros).toBe(24);
  expect(picture.value?.mask?.height).toBe(12);
  side.value = 'none';
  expect(picture.value).toBe(null);
});

it('looks again after an edit, and shows the old values until the new ones are there', async () => {
  show(sampleRow());
  await settled();
  asked.length = 0;
  mergeRows([sampleRow({ zeros: 200 })], sampleSummary([sampleRow()]));
  expect(picture.value?.histogram?.zeros).toBe(50);
  answers = () => [200, sampleHistogram({ zeros: 200 })];
  await settled();
  expect(asked).toHaveLength(3);
});

it('asks for the groups of a claim that does not hold, and of a format that the user asks for', async () => {
  const claim = { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null };
  show(sampleRow({ declared: claim, agrees: false }));
  await settled();
  expect(asked).toContain('/api/weight/0/violations');
  expect(violations.value?.violating).toBe(2);
  show(sampleRow({ id: 1, node: 1 }));
  await settled();
  expect(violations.value).toBe(null);
  showGroups('1:4');
  await settled();
  expect(dialog.value).toEqual({ kind: 'mask' });
  expect(asked.at(-1)).toBe('/api/weight/1/violations');
});

it('tells why a weight cannot be read', async () => {
  answers = () => [400, { message: 'Too short.', hint: '', code: 'truncated' }];
  show(sampleRow());
  await settled();
  expect(picture.value?.problem?.message).toBe('Too short.');
});
