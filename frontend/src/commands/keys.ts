// Turns key presses into commands.
import { dialog, popup } from '../state/view';
import { available, fits } from './command';
import { COMMANDS } from './list';

/** Keys that a text field needs for itself, with Ctrl or Cmd held. */
const EDITING = new Set(['a', 'c', 'x', 'v', 'z', 'y', 'backspace', 'arrowup', 'arrowdown', 'enter']);

export function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || popup.value !== null) return;
  if (dialog.value !== null) return;
  const typing = isField(event.target);
  if (typing && !reachesCommands(event)) return;
  // A focused button or link takes Enter and Space for itself.
  if ((event.key === ' ' || event.key === 'Enter') && isControl(event.target) && !event.ctrlKey && !event.metaKey) return;
  // What has the focus moves by these keys itself; without it the picture does.
  if (/^(Arrow|Page)/.test(event.key) && !event.altKey && !event.shiftKey && !isGround(event.target)) return;
  const found = COMMANDS.find((one) => one.hotkeys?.some((hotkey) => fits(hotkey, event)) && available(one));
  if (!found) return;
  event.preventDefault();
  void found.run();
}

function reachesCommands(event: KeyboardEvent): boolean {
  if (/^F\d+$/.test(event.key) || event.key === 'Escape') return true;
  return (event.ctrlKey || event.metaKey) && !EDITING.has(event.key.toLowerCase());
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
    || (target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox');
}

/** Nothing in particular has the focus, or the canvas has it. */
function isGround(target: EventTarget | null): boolean {
  return !(target instanceof Element) || target === document.body || target instanceof HTMLCanvasElement;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, summary, [role="row"], input') !== null;
}
