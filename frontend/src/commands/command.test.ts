// Keys and the list of commands: what a key means, how it is written, and that no two collide.
import { describe, expect, it } from 'vitest';
import { fits, keyText, type Pressed } from './command';
import { COMMANDS, command } from './list';

const press = (key: string, ...held: ('ctrl' | 'shift' | 'alt' | 'meta')[]): Pressed => ({
  key, ctrlKey: held.includes('ctrl'), shiftKey: held.includes('shift'), altKey: held.includes('alt'), metaKey: held.includes('meta'),
});

describe('keys', () => {
  it('need exactly the held keys that are written', () => {
    expect(fits('Mod+Z', press('z', 'ctrl'))).toBe(true);
    expect(fits('Mod+Z', press('Z', 'ctrl', 'shift'))).toBe(false);
    expect(fits('Mod+Shift+Z', press('Z', 'ctrl', 'shift'))).toBe(true);
    expect(fits('P', press('p'))).toBe(true);
    expect(fits('P', press('p', 'ctrl'))).toBe(false);
    expect(fits('P', press('p', 'alt'))).toBe(false);
    expect(fits('Backspace', press('Backspace', 'shift'))).toBe(false);
  });
  it('know the signs that Shift makes, space and plus', () => {
    expect(fits('?', press('?', 'shift'))).toBe(true);
    expect(fits('Plus', press('+', 'shift'))).toBe(true);
    expect(fits('Space', press(' '))).toBe(true);
    expect(fits('Shift+ArrowUp', press('ArrowUp', 'shift'))).toBe(true);
  });
  it('with Alt go by their place: Option and AltGr write other signs', () => {
    expect(fits('Mod+Alt+E', { ...press('€', 'ctrl', 'alt'), code: 'KeyE' })).toBe(true);
    expect(fits('Alt+1', { ...press('¡', 'alt'), code: 'Digit1' })).toBe(true);
    expect(fits('Mod+Shift+E', { ...press('E', 'ctrl', 'shift'), code: 'KeyE' })).toBe(true);
    expect(fits('Mod+Alt+E', { ...press('e', 'ctrl'), code: 'KeyE' })).toBe(false);
  });
  it('are written as people read them', () => {
    expect(keyText('Mod+Shift+Z')).toBe('Ctrl Shift Z');
    expect(keyText('Space')).toBe('Space');
  });
});

describe('the list', () => {
  it('names each command once', () => {
    const ids = COMMANDS.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(() => command('no.such')).toThrow(/no.such/);
  });
  it('gives no key to two commands', () => {
    const keys = COMMANDS.flatMap((one) => one.hotkeys ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('honours the keys that Netron’s users have in their fingers', () => {
    const wanted: Record<string, string> = {
      'Mod+O': 'file.open', 'Mod+1': 'file.recent.1', 'Mod+9': 'file.recent.9', F5: 'file.reload', 'Mod+R': 'file.reload', 'Mod+F': 'go.find',
      'Shift+ArrowUp': 'view.zoom-in', 'Shift+ArrowDown': 'view.zoom-out', 'Shift+Backspace': 'view.zoom-100', 'Mod+Enter': 'view.model',
      Escape: 'go.close', Backspace: 'go.back', Space: 'view.fit', 'Mod+C': 'edit.copy', 'Mod+Z': 'edit.undo', 'Mod+Shift+Z': 'edit.redo',
      'Mod+Y': 'edit.redo', 'Mod+S': 'file.save', 'Mod+Shift+S': 'file.save-as', 'Mod+Shift+P': 'help.palette', 'Mod+Shift+E': 'file.export-png', 'Mod+Alt+E': 'file.export-svg', F11: 'view.full-screen',
      'Mod+D': 'view.rows.attributes', 'Mod+I': 'view.rows.constants', 'Mod+U': 'view.rows.names', 'Mod+K': 'view.direction', 'Mod+M': 'view.wheel', P: 'prune.form', F1: 'help.shortcuts',
    };
    for (const [key, id] of Object.entries(wanted)) {
      expect(COMMANDS.find((one) => one.hotkeys?.includes(key))?.id, key).toBe(id);
    }
  });
});
