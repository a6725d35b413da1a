// Which key press runs which command.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleModel, sampleRow, sampleState, sampleSummary } from '../api/sample';
import { select, selected } from '../state/selection';
import { server } from '../state/session';
import { graph } from '../state/graph';
import { dialog, dock, popup, side, viewport, type Viewport } from '../state/view';
import { replaceRows } from '../state/weights';
import { onKeyDown } from './keys';

const field = document.createElement('input');
const button = document.createElement('button');

function press(key: string, target: HTMLElement, held: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}

beforeEach(() => {
  document.body.append(field, button);
  addEventListener('keydown', onKeyDown);
  server.value = sampleState({ model: sampleModel() });
  replaceRows([sampleRow()], sampleSummary([sampleRow()]));
  select([]);
  dialog.value = null;
  popup.value = null;
  dock.value = false;
  side.value = 'none';
});
afterEach(() => removeEventListener('keydown', onKeyDown));

it('runs the command of a key', () => {
  expect(press('t', document.body)).toBe(true);
  expect(dock.value).toBe(true);
});

it('leaves letters and editing keys to a text field, but not function keys and Escape', () => {
  expect(press('t', field)).toBe(false);
  expect(press('a', field, { ctrlKey: true })).toBe(false);
  expect(dock.value).toBe(false);
  expect(selected.value.size).toBe(0);
  side.value = 'model';
  press('Escape', field);
  expect(side.value).toBe('none');
  press('F1', field);
  expect(dialog.value).toEqual({ kind: 'shortcuts' });
});

it('leaves Space and Enter to a focused button', () => {
  select([0]);
  expect(press(' ', button)).toBe(false);
});

it('moves the picture by arrow keys, unless something in the page has the focus', () => {
  const moved: number[][] = [];
  graph.value = { document: {}, scene: {} } as typeof graph.value;
  viewport.value = { panBy: (dx: number, dy: number) => void moved.push([dx, dy]) } as unknown as Viewport;
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  for (const target of [document.body, canvas]) {
    for (const key of ['ArrowDown', 'ArrowRight', 'PageUp']) expect(press(key, target)).toBe(true);
  }
  expect(moved.slice(0, 3).map(([dx, dy]) => [Math.sign(dx!), Math.sign(dy!)])).toEqual([[0, -1], [-1, 0], [0, 1]]);
  expect(moved).toHaveLength(6);
  const slider = Object.assign(document.createElement('input'), { type: 'range' });
  document.body.append(slider);
  for (const target of [slider, button, field]) expect(press('ArrowDown', target)).toBe(false);
  expect(moved).toHaveLength(6);
  graph.value = null;
  viewport.value = null;
});

it('keeps still while a dialog or a menu is open, or when a command cannot run', () => {
  expect(press('p', document.body)).toBe(false);
  popup.value = { kind: 'main', x: 0, y: 0 };
  expect(press('t', document.body)).toBe(false);
  popup.value = null;
  dialog.value = { kind: 'palette' };
  expect(press('t', document.body)).toBe(false);
});
