// The table of levels on the page: fields in the look of tiles, pasted tables, the text of it all.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { samplePreview, samplePreviewRow, sampleRow, sampleSummary } from '../api/sample';
import { beginLevels } from '../state/levels';
import { shown } from '../state/preview';
import { form, PLAIN } from '../state/prune';
import { select } from '../state/selection';
import { toasts } from '../state/toasts';
import { dialog } from '../state/view';
import { replaceRows } from '../state/weights';
import { LevelsDialog } from './LevelsDialog';
import { LevelTable } from './LevelTable';

vi.mock('../graph/load', () => ({ loadGraph: () => new Promise(() => {}) }));

const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const field = (layer: string) => root.querySelector<HTMLInputElement>(`input[aria-label="Level of ${layer}"]`)!;

async function type(layer: string, text: string): Promise<void> {
  const own = field(layer);
  own.focus();
  own.value = text;
  own.dispatchEvent(new Event('input', { bubbles: true }));
  own.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
  await settled();
}

beforeEach(() => {
  document.body.append(root);
  toasts.value = [];
  const list = [sampleRow(), sampleRow({ id: 1, node: 1, layer: 'conv2', tensor: 'b', protected: true }), sampleRow({ id: 2, node: 2, layer: 'fc', tensor: 'c' })];
  replaceRows(list, sampleSummary(list));
  select([0, 1, 2]);
  form.value = { ...PLAIN, sparsity: 0.6 };
  beginLevels();
  shown.value = { ...samplePreview({ rows: [samplePreviewRow(), samplePreviewRow({ weight: 1, layer: 'conv2', skipped: 'protected from pruning' })] }), exact: true };
});
afterEach(() => {
  render(null, root);
  form.value = PLAIN;
  shown.value = null;
});

it('has a field for each layer, with what it keeps, and says who stays and why', () => {
  render(<LevelTable />, root);
  expect(['conv1', 'conv2', 'fc'].map((layer) => field(layer).value)).toEqual(['60 %', '60 %', '60 %']);
  const rows = [...root.querySelectorAll<HTMLElement>('.plan-row:not(.plan-head)')];
  expect(rows[0]!.textContent!.replace(/\u00a0/g, ' ')).toContain('90.0 %');
  expect([rows[1]!.textContent!.includes('stays'), rows[1]!.title]).toEqual([true, 'conv2 stays as it is: protected from pruning']);
  expect(rows[1]!.querySelector('.lock')).not.toBeNull();
});

it('takes what is typed, leaves what means nothing, and an empty field lets the layer stay', async () => {
  render(<LevelTable />, root);
  await type('fc', '82.5');
  expect(form.value.levels!['fc']).toBe(0.825);
  expect(field('fc').value).toBe('82.5 %');
  await type('fc', 'much');
  expect(field('fc').value).toBe('82.5 %');
  await type('conv1', '');
  expect(form.value.levels).toEqual({ conv2: 0.6, fc: 0.825 });
  expect([field('conv1').value, field('conv1').placeholder]).toEqual(['', 'stays']);
});

it('takes a pasted table, or levels alone from the field on', async () => {
  render(<LevelTable />, root);
  const paste = async (layer: string, text: string) => {
    const event = Object.assign(new Event('paste', { bubbles: true, cancelable: true }), { clipboardData: { getData: () => text } });
    field(layer).dispatchEvent(event);
    await settled();
    return event.defaultPrevented;
  };
  expect(await paste('conv1', 'fc\t90%\nconv1\t0.1\nother\t5%')).toBe(true);
  expect(form.value.levels).toEqual({ conv1: 0.1, conv2: 0.6, fc: 0.9 });
  expect(toasts.value.at(-1)!.text).toContain('Took 2 levels; 1 line left out');
  await paste('conv2', '20%\n30%');
  expect(form.value.levels).toEqual({ conv1: 0.1, conv2: 0.2, fc: 0.3 });
  expect(await paste('fc', '70')).toBe(false); // one number goes into the field by itself
});

it('edits the table as text, tells what cannot be read, and takes the rest', async () => {
  dialog.value = { kind: 'levels' };
  render(<LevelsDialog />, root);
  const text = root.querySelector('textarea')!;
  expect(text.value).toBe('layer,sparsity\nconv1,60%\nconv2,60%\nfc,60%');
  text.value = 'fc,75%\nfc2,10%';
  text.dispatchEvent(new Event('input', { bubbles: true }));
  await settled();
  expect(root.textContent).toContain('1 of 3 layers named, the others stay as they are.');
  expect(root.textContent).toContain('fc2 is none of the chosen layers');
  [...root.querySelectorAll('button')].find((one) => one.textContent!.startsWith('Take'))!.click();
  expect(form.value.levels).toEqual({ fc: 0.75 });
  expect(dialog.value).toBeNull();
});
