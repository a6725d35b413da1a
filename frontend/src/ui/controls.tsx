// Buttons, segments, an amount as slider and field, and a list to choose from.
import type { ComponentChildren } from 'preact';
import { typedNumber } from '../lib/typed';
import { Icon } from './icon';

export function IconButton({ label, hotkey, disabled = false, pressed, onClick, children }: {
  label: string; hotkey?: string; disabled?: boolean; pressed?: boolean; onClick: (event: MouseEvent) => void; children: ComponentChildren;
}) {
  const title = hotkey ? `${label} (${hotkey})` : label;
  return (
    <button type="button" class={`btn plain${pressed ? ' on' : ''}`} aria-label={label} title={title} aria-pressed={pressed}
      disabled={disabled} onClick={onClick}>{children}</button>
  );
}

export interface Choice {
  value: string;
  label: ComponentChildren;
  title?: string;
  disabled?: boolean;
}

/** Up to four choices, all in sight. */
export function Segments({ label, value, choices, onChange }: {
  label: string; value: string; choices: Choice[]; onChange: (value: string) => void;
}) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const usable = choices.filter((choice) => !choice.disabled);
    const at = usable.findIndex((choice) => choice.value === value);
    const next = usable[(at + step + usable.length) % usable.length];
    if (!next) return;
    onChange(next.value);
    const group = event.currentTarget as HTMLElement;
    requestAnimationFrame(() => group.querySelector<HTMLElement>('[aria-checked="true"]')?.focus());
  };
  return (
    <div class="segments" role="radiogroup" aria-label={label} onKeyDown={move}>
      {choices.map((choice) => (
        <button type="button" key={choice.value} role="radio" aria-checked={choice.value === value} title={choice.title}
          tabIndex={choice.value === value ? 0 : -1} disabled={choice.disabled ?? false}
          onClick={() => onChange(choice.value)}>{choice.label}</button>
      ))}
    </div>
  );
}

/** A list to choose from: the browser's own, which keys and readers know, under a field in the page's look. */
export function Select({ label, value, choices, onChange }: {
  label: string; value: string; choices: { value: string; label: string; remark?: string }[]; onChange: (value: string) => void;
}) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <span class="select">
      <span class="grow clip" aria-hidden="true">{chosen?.label}{chosen?.remark && <span class="muted"> {chosen.remark}</span>}</span>
      <Icon name="down" />
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map((choice) => <option key={choice.value} value={choice.value}>{choice.remark ? `${choice.label}, ${choice.remark}` : choice.label}</option>)}
      </select>
    </span>
  );
}

/** A share 0..1, shown and typed in percent; `min` is the least that makes sense. */
export function Amount({ label, value, min = 0, onChange }: {
  label: string; value: number; min?: number; onChange: (value: number) => void;
}) {
  const least = min * 100;
  const take = (text: string) => {
    const typed = typedNumber(text.replace('%', ''));
    if (typed !== null) onChange(Math.min(1, Math.max(min, typed / 100)));
  };
  const shown = Math.round(value * 1e4) / 100;
  return (
    <div class="amount">
      <input type="range" min="0" max="100" step="1" value={shown} aria-label={label}
        style={{ '--fill': `${shown}%` }} onInput={(event) => take(event.currentTarget.value)} />
      <label class="amount-field">
        <input type="number" min={least} max="100" step="0.1" value={shown} aria-label={`${label} in percent`}
          onChange={(event) => take(event.currentTarget.value)} />
        <span>%</span>
      </label>
    </div>
  );
}
