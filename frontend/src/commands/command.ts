// What a command is, and how its keys are written and recognised.
import type { IconName } from '../ui/icon';
import type { GlyphName } from '../lib/glyphs';

export type Group = 'File' | 'Edit' | 'Prune' | 'View' | 'Go' | 'Help';

/** One thing that a user can do. Menus, palette, shortcuts and keys only filter the list of them. */
export interface Command {
  id: string;
  group: Group;
  label: string | (() => string);
  /** "Mod+Shift+Z"; Mod is Cmd on macOS and Ctrl elsewhere; the first one is shown */
  hotkeys?: readonly string[];
  icon?: { icon: IconName } | { glyph: GlyphName };
  /** for one of several choices: whether it is the present one */
  checked?: () => boolean;
  /** whether it can be done now; absent: always */
  when?: () => boolean;
  run: () => void | Promise<void>;
}

const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

const SHOWN: Record<string, string> = {
  Mod: MAC ? '⌘' : 'Ctrl', Shift: 'Shift', Alt: MAC ? '⌥' : 'Alt', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', ' ': 'Space',
  Escape: 'Esc', ContextMenu: 'Menu', '-': '−', Plus: '+',
};

export function labelOf(command: Command): string {
  return typeof command.label === 'string' ? command.label : command.label();
}

export function available(command: Command): boolean {
  return command.when?.() ?? true;
}

/** "Mod+Shift+P" as people read it: "Ctrl Shift P". */
export function keyText(hotkey: string): string {
  return parts(hotkey).map((part) => SHOWN[part] ?? part).join(MAC ? '' : ' ');
}

export function shownKey(command: Command): string | undefined {
  const first = command.hotkeys?.[0];
  return first === undefined ? undefined : keyText(first);
}

/** The plus key itself is written "Plus". */
function parts(hotkey: string): string[] {
  return hotkey.split('+').map((part) => (part === 'Space' ? ' ' : part));
}

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  /** the key's place, as on a US keyboard */
  code?: string;
}

export function fits(hotkey: string, event: Pressed): boolean {
  const wanted = parts(hotkey);
  const key = wanted[wanted.length - 1]!;
  const mod = MAC ? event.metaKey : event.ctrlKey;
  if (wanted.includes('Mod') !== mod || wanted.includes('Alt') !== event.altKey) return false;
  // With Alt many keyboards write another sign: then the place of the key counts.
  const place = wanted.includes('Alt') ? /^(?:Key|Digit)(.)$/.exec(event.code ?? '')?.[1] : undefined;
  const typed = place ?? (event.key === '+' ? 'Plus' : event.key);
  // Shift makes another sign of some keys ("?"), so it only counts for letters and named keys.
  const shiftCounts = key.length > 1 || /[a-z0-9 ]/i.test(key);
  if (shiftCounts && key !== 'Plus' && wanted.includes('Shift') !== event.shiftKey) return false;
  return typed.toLowerCase() === key.toLowerCase();
}
