// The parameters of a method that goes by data, as its form says; the amount has its own place.
import type { MethodForm, ParamForm } from '../api/schema';
import { typedNumber } from '../lib/typed';
import { form } from '../state/prune';
import { Segments, Select } from '../ui/controls';

/** Has its own field: the amount. */
const ELSEWHERE = ['sparsity'];

export function MethodParams({ method }: { method: MethodForm }) {
  const params = method.params.filter((one) => !ELSEWHERE.includes(one.name));
  if (!method.driven || params.length === 0) return null;
  const changed = params.filter((one) => form.value.params[one.name] !== undefined).length;
  return (
    <details class="method-params" open={changed > 0}>
      <summary class="soft">Settings of {method.label}{changed > 0 && `, ${changed} changed`}</summary>
      {params.map((one) => <Param key={one.name} param={one} />)}
    </details>
  );
}

function Param({ param }: { param: ParamForm }) {
  const value = form.value.params[param.name] ?? param.default ?? '';
  const take = (next: string | number) => {
    const { [param.name]: _, ...rest } = form.value.params;
    form.value = { ...form.value, params: next === param.default ? rest : { ...rest, [param.name]: next } };
  };
  return (
    <div class="field wide" title={param.summary}>
      <span>{param.label}</span>
      {param.kind === 'choice' ? <Choice param={param} value={String(value)} onChange={take} /> : (
        <input class="text-field num" type="text" inputMode="decimal" value={String(value)} aria-label={param.label}
          onChange={(event) => {
            const typed = typedNumber(event.currentTarget.value);
            if (typed !== null && typed >= 0) take(Number.isInteger(param.default) ? Math.round(typed) : typed);
            else event.currentTarget.value = String(value);
          }} />
      )}
    </div>
  );
}

function Choice({ param, value, onChange }: { param: ParamForm; value: string; onChange: (value: string) => void }) {
  const choices = param.choices.map((one) => ({ value: one, label: one }));
  return choices.length <= 4
    ? <Segments label={param.label} value={value} choices={choices} onChange={onChange} />
    : <Select label={param.label} value={value} choices={choices} onChange={onChange} />;
}
