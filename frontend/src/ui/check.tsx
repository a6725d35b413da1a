// A switch with its words, as a checkbox.
import type { ComponentChildren } from 'preact';

export function Check({ on, label, title, onChange }: { on: boolean; label: ComponentChildren; title?: string; onChange: (on: boolean) => void }) {
  return (
    <label class="check" title={title}>
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{label}</span>
    </label>
  );
}
