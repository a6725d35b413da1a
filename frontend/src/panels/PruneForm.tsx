// The prune form, built from what the server says its methods and formats are.
import type { FormatForm, Forms, MethodForm } from '../api/schema';
import { GLYPHS, glyphOf, type GlyphName } from '../lib/glyphs';
import { Amount, Segments, Select } from '../ui/controls';
import { Glyph } from '../ui/icon';
import { form, methods, targets, type Form } from '../state/prune';

const FAMILY_LABELS: Record<string, string> = { nm: 'N:M', bsr: 'block' };
const FAMILY_ORDER = ['unstructured', 'nm', 'bsr', 'channel'];
/** The member of a family that is taken first. */
const USUAL = ['2:4', 'bsr:4x4', 'channel:out'];

function change(part: Partial<Form>): void {
  form.value = { ...form.value, ...part };
}

export function PruneForm() {
  const known = methods.value;
  if (known === null) return <div class="sec muted">…</div>;
  const method = known.methods.find((one) => one.name === form.value.method) ?? known.methods[0]!;
  const choices = known.formats.filter((one) => method.formats.includes(one.name) && one.name !== 'dense');
  const format = choices.find((one) => one.name === form.value.format) ?? choices[0]!;
  const scope = method.params.find((one) => one.name === 'scope');
  return (
    <div class="sec">
      <div class="field"><span>Method</span><MethodChoice known={known} method={method} /></div>
      <div class="field"><span>Format</span><Family choices={choices} format={format} /></div>
      <Member choices={choices} format={format} />
      <div class="field"><span>Amount</span>
        <Amount label="Amount" value={form.value.sparsity} min={format.least} onChange={(sparsity) => change({ sparsity: Math.max(sparsity, format.least) })} />
      </div>
      {scope && targets.value.length > 1 && (
        <div class="field"><span>Spread</span>
          <Segments label={scope.label} value={form.value.scope} onChange={(value) => change({ scope: value === 'global' ? 'global' : 'layer' })}
            choices={[{ value: 'layer', label: 'each layer alike' }, { value: 'global', label: 'one threshold' }]} />
        </div>
      )}
    </div>
  );
}

function MethodChoice({ known, method }: { known: Forms; method: MethodForm }) {
  if (known.methods.length === 1) return <span class="clip" title={method.summary}>{method.label} <span class="muted">smallest |w| first, no data</span></span>;
  return (
    <Select label="Method" value={method.name} onChange={(name) => change({ method: name })}
      choices={known.methods.map((one) => ({ value: one.name, label: one.label }))} />
  );
}

function take(format: FormatForm): void {
  const { sparsity } = form.value;
  const before = methods.value?.formats.find((one) => one.name === form.value.format)?.least ?? 0;
  // An amount that only came from the last format's own share follows the new one.
  const own = before > 0 && Math.abs(sparsity - before) < 1e-9;
  change({ format: format.name, sparsity: format.least > 0 && own ? format.least : Math.max(sparsity, format.least) });
}

function glyphName(format: FormatForm): GlyphName {
  return GLYPHS.find((name) => name === format.glyph) ?? glyphOf(format.name);
}

function Family({ choices, format }: { choices: readonly FormatForm[]; format: FormatForm }) {
  const place = (family: string) => (FAMILY_ORDER.indexOf(family) + FAMILY_ORDER.length + 1) % (FAMILY_ORDER.length + 1);
  const families = [...new Set(choices.map((one) => one.family))].toSorted((a, b) => place(a) - place(b));
  const firstOf = (family: string) => {
    const members = choices.filter((one) => one.family === family);
    return members.find((one) => USUAL.includes(one.name)) ?? members[0]!;
  };
  return (
    <Segments label="Format" value={format.family} onChange={(family) => take(firstOf(family))}
      choices={families.map((family) => ({
        value: family, label: <><Glyph name={glyphName(firstOf(family))} />{FAMILY_LABELS[family] ?? family}</>,
      }))} />
  );
}

function Member({ choices, format }: { choices: readonly FormatForm[]; format: FormatForm }) {
  const members = choices.filter((one) => one.family === format.family);
  if (members.length < 2) return null;
  const pick = (name: string) => take(members.find((one) => one.name === name)!);
  return (
    <div class="field"><span />
      {members.length <= 4
        ? <Segments label="Kind" value={format.name} onChange={pick} choices={members.map((one) => ({ value: one.name, label: one.name }))} />
        : <Select label="Kind" value={format.name} onChange={pick}
          choices={members.map((one) => ({ value: one.name, label: one.least > 0 ? `${one.name}, ${Math.round(one.least * 1000) / 10} % at least` : one.name }))} />}
    </div>
  );
}
