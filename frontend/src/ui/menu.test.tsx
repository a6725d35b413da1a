// @vitest-environment happy-dom
// A menu: where it begins, what the arrows stand on, and that readers hear of it.
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, expect, it, vi } from 'vitest';
import { Menu, type MenuEntry } from './menu';

const root = document.createElement('div');
document.body.append(root);
const item = (id: string, checked?: boolean) => ({ id, label: id, run: () => {}, ...(checked === undefined ? {} : { checked }) });

async function show(entries: MenuEntry[]): Promise<string[]> {
  const seen: string[] = [];
  vi.spyOn(HTMLElement.prototype, 'scrollIntoView').mockImplementation(function note(this: HTMLElement) {
    seen.push(this.textContent!);
  });
  await act(() => render(<Menu entries={entries} x={0} y={0} label="menu" onClose={() => {}} />, root));
  return seen;
}

afterEach(() => {
  render(null, root);
  vi.restoreAllMocks();
});

it('a list of choices begins at the present one, a list of commands at its top', async () => {
  expect(await show([item('flat', false), item('sparsity', true)])).toEqual(['sparsity']);
  render(null, root);
  expect(await show([item('Open…'), 'line', item('Dark', true)])).toEqual([]);
});

it('says which entry the arrows stand on', async () => {
  const seen = await show([item('Open…'), { heading: 'more' }, item('Save…')]);
  const menu = root.querySelector<HTMLElement>('[role="menu"]')!;
  expect(menu.hasAttribute('aria-activedescendant')).toBe(false);
  for (const name of ['Open…', 'Save…', 'Open…']) {
    await act(() => { menu.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true })); });
    expect(document.getElementById(menu.getAttribute('aria-activedescendant')!)!.textContent).toBe(name);
    expect(seen.at(-1)).toBe(name);
  }
});

it('a deep tree leaves its names room, and every step still stands in', async () => {
  const depths = Array.from({ length: 31 }, (_, depth) => depth);
  await show(depths.map((depth) => ({ ...item(`body ${depth}`), depth })));
  const stands = [...root.querySelectorAll<HTMLElement>('.menu-label')].map((label) => parseFloat(label.style.paddingLeft) || 0);
  expect(stands.length).toBe(31);
  for (const depth of depths.slice(1)) expect(stands[depth]).toBeGreaterThan(stands[depth - 1]!);
  expect(stands[30]).toBeLessThanOrEqual(112); // of 360 px
  render(null, root);
  await show([0, 1, 2].map((depth) => ({ ...item(`body ${depth}`), depth })));
  expect(root.querySelectorAll<HTMLElement>('.menu-label')[2]!.style.paddingLeft).toBe('28px');
});

it('a menu that opens under a resting pointer stands on nothing until the pointer moves', async () => {
  await show([item('Open…'), item('Save…')]);
  const over = async (movementX: number) => {
    const event = Object.assign(new Event('pointermove', { bubbles: true }), { movementX, movementY: 0 });
    await act(() => { root.querySelectorAll('.menu-item')[1]!.dispatchEvent(event); });
    return root.querySelector('.menu-item.on')?.textContent;
  };
  expect(await over(0)).toBeUndefined();
  expect(await over(2)).toBe('Save…');
});
