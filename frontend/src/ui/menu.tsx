// A floating menu: arrows walk, Enter runs, Escape and a click elsewhere close.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { moved } from './pointer';

export interface MenuItem {
  id: string;
  label: string;
  hint?: string;
  icon?: ComponentChildren;
  hotkey?: string;
  disabled?: boolean;
  checked?: boolean;
  /** how far it stands in, for lists that are trees */
  depth?: number;
  run: () => void;
}

export type MenuEntry = MenuItem | 'line' | { heading: string };

/** CSS px that a step of a tree stands in; those of a deep tree are narrower, so that names stay. */
const STEP = 14;
/** CSS px that the deepest entry stands in at most. */
const DEEPEST = 112;

function isItem(entry: MenuEntry): entry is MenuItem {
  return typeof entry === 'object' && 'run' in entry;
}

export function Menu({ entries, x, y, label, onClose }: {
  entries: MenuEntry[]; x: number; y: number; label: string; onClose: () => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: x, top: y });
  const items = entries.filter(isItem).filter((item) => !item.disabled);
  const [at, setAt] = useState(-1);
  const step = Math.min(STEP, DEEPEST / Math.max(1, ...items.map((item) => item.depth ?? 0)));

  useLayoutEffect(() => {
    const size = box.current!.getBoundingClientRect();
    setPlace({
      left: Math.max(4, Math.min(x, innerWidth - size.width - 4)),
      top: Math.max(4, Math.min(y, innerHeight - size.height - 4)),
    });
    const before = document.activeElement;
    box.current!.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [x, y]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener('pointerdown', outside, true);
    addEventListener('blur', onClose);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      removeEventListener('blur', onClose);
    };
  }, [onClose]);

  // A list of choices that is longer than the window begins at the present one; any list follows the arrows.
  const choices = items.every((item) => item.checked !== undefined);
  useEffect(() => {
    if (at < 0 && !choices) return;
    box.current?.querySelector(at < 0 ? '[aria-checked="true"]' : '.on')?.scrollIntoView({ block: 'nearest' });
  }, [at, choices]);

  const run = (item: MenuItem) => {
    onClose();
    item.run();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined && items.length > 0) setAt((at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length);
    else if (event.key === 'Home') setAt(0);
    else if (event.key === 'End') setAt(items.length - 1);
    else if ((event.key === 'Enter' || event.key === ' ') && items[at]) run(items[at]);
    else if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu" role="menu" aria-label={label} tabIndex={-1} aria-activedescendant={at < 0 ? undefined : `item-${at}`} ref={box} style={{ left: `${place.left}px`, top: `${place.top}px` }} onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}>
      {entries.map((entry, index) => {
        if (entry === 'line') return <hr key={`line-${index}`} />;
        if (!isItem(entry)) return <div key={entry.heading} class="menu-heading">{entry.heading}</div>;
        const active = items[at] === entry;
        return (
          <div key={entry.id} id={`item-${items.indexOf(entry)}`} class={`menu-item${active ? ' on' : ''}`} role={entry.checked === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={entry.checked} aria-disabled={entry.disabled ?? false} title={entry.hint}
            onPointerMove={(event) => { if (moved(event)) setAt(items.indexOf(entry)); }} onClick={() => !entry.disabled && run(entry)}>
            <span class="menu-icon">{entry.icon}</span>
            <span class="menu-label" style={entry.depth ? { paddingLeft: `${entry.depth * step}px` } : undefined}>{entry.label}</span>
            {entry.hotkey && <kbd>{entry.hotkey}</kbd>}
          </div>
        );
      })}
    </div>
  );
}
