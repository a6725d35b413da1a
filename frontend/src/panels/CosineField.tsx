// How far outputs may drift: the least cosine that is allowed, as a field.
import { typedNumber } from '../lib/typed';

export function CosineField({ label, value, remark, onChange }: { label: string; value: number; remark: string; onChange: (value: number) => void }) {
  return (
    <label class="row cosine-field">≥
      <input class="text-field num" type="text" inputMode="decimal" value={String(value)} aria-label={label}
        onChange={(event) => {
          const typed = typedNumber(event.currentTarget.value);
          if (typed !== null && typed > 0 && typed < 1) onChange(typed);
          else event.currentTarget.value = String(value);
        }} />
      <span class="muted">{remark}</span>
    </label>
  );
}
