// The prune form, built from what the server says its methods and formats are.
import type { FormatForm, Forms, MethodForm } from '../api/schema';
import { typedNumber } from '../lib/typed';
import { GLYPHS, glyphOf, type GlyphName } from '../lib/glyphs';
import { Amount, Segments, Select } from '../ui/controls';
import { Glyph } from '../ui/icon';
import { Check } from '../ui/check';
import { beginLevels, changeLevels, layersOf, setLevels } from '../state/levels';
import { data } from '../state/data';
import { floorOf, form, goesByData, methods, takesThreshold, targets, type Form } from '../state/prune';
import { spread } from '../state/prune-picture';
import { dialog, side } from '../state/view';
import { CosineField } from './CosineField';
import { DataSection } from './DataSection';
import { MethodParams } from './MethodParams';
import type { Scope } from '../api/prune';

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
  const has = (name: string) => method.params.some((one) => one.name === name);
  const bordered = has('threshold') && takesThreshold(format.name);
  const byTable = form.value.levels !== null;
  const byBorder = bordered && form.value.criterion === 'threshold' && !byTable;
  const byData = goesByData(form.value);
  const byDrift = form.value.criterion === 'drift' && !byTable;
  const several = (has('scope') || method.driven) && targets.value.length > 1;
  return (
    <div class="sec prune-form">
      <div class="field"><span>Method</span><MethodChoice known={known} method={method} /></div>
      {byData && <DataSection />}
      <div class="field"><span>Format</span><Family choices={choices} format={format} /></div>
      <Member choices={choices} format={format} />
      <div class="field"><span>{byTable ? 'Set all' : byDrift ? 'Cosine' : 'Amount'}</span>{byBorder ? <Border /> : byDrift ? <CosineField label="Least cosine of the outputs" value={form.value.cosine} remark="of the outputs, in several tries" onChange={(cosine) => change({ cosine })} /> : <Share format={format} />}</div>
      {!byTable && <Criteria bordered={bordered} driven={method.driven} />}
      {several && !byBorder && !byTable && <Spread bordered={has('scope')} />}
      {(several || byTable) && !byBorder && <Tabled on={byTable} />}
      <div class="field slim"><span />
        <Check on={form.value.keepEnds} label="Keep the first and the last layer" title="They are often the most sensitive ones."
          onChange={(keepEnds) => change({ keepEnds })} />
      </div>
      <MethodParams key={method.name} method={method} />
    </div>
  );
}

function Share({ format }: { format: FormatForm }) {
  const { sparsity, budget, levels } = form.value;
  const take = (value: number) => {
    change({ sparsity: value });
    if (levels !== null) changeLevels(Object.fromEntries(layersOf(targets.value).map((layer) => [layer, value])));
  };
  // Over all layers together a format's own share is no bound: some layers may not take part.
  const least = budget === 'uniform' ? format.least : 0;
  return <Amount label="Amount" value={sparsity} min={least} onChange={(value) => take(Math.max(value, least))} />;
}

/** What decides: a share of zeros, a border on |w|, or how far the outputs may drift. */
function Criteria({ bordered, driven }: { bordered: boolean; driven: boolean }) {
  const { criterion } = form.value;
  const now = criterion === 'threshold' && !bordered ? 'amount' : criterion;
  const words = { amount: 'Give a share of zeros instead', threshold: 'Give a threshold on |w| instead', drift: 'Go as far as the outputs allow instead' } as const;
  const others = (['amount', ...(bordered ? ['threshold' as const] : []), ...(driven || data.value !== null ? ['drift' as const] : [])] as const).filter((one) => one !== now);
  return (
    <>
      {others.map((one) => (
        <div class="field slim" key={one}><span /><button type="button" class="link" onClick={() => change({ criterion: one })}>{words[one]}</button></div>
      ))}
    </>
  );
}

/** From one amount to a level for each layer, and back. */
function Tabled({ on }: { on: boolean }) {
  if (!on) {
    return (
      <div class="field slim"><span />
        <span>
          <button type="button" class="link" onClick={beginLevels}>Give each layer its own level</button>
          <span class="muted"> · </span>
          <button type="button" class="link" title="Measured on data: what each layer alone does to the outputs" onClick={() => { side.value = 'sensitivity'; }}>see sensitivities…</button>
        </span>
      </div>
    );
  }
  return (
    <div class="field slim"><span />
      <span>
        <button type="button" class="link" onClick={() => { dialog.value = { kind: 'levels' }; }}>Edit or paste as text…</button>
        <span class="muted"> · </span>
        <button type="button" class="link" onClick={() => setLevels(null)}>One amount for all</button>
      </span>
    </div>
  );
}

/** A threshold on |w|: the slider ends where the largest values of the pictured layer begin. */
function Border() {
  const { threshold } = form.value;
  const known = spread.value?.found ?? null;
  // Quantized weights are told in steps, which say nothing about real values.
  const most = known === null || known.integer ? Math.max(1, threshold * 2) : Math.max(Math.abs(known.min ?? 0), Math.abs(known.max ?? 0)) || 1;
  const take = (text: string) => {
    const value = typedNumber(text);
    if (value !== null && value >= 0) change({ threshold: value });
  };
  // Squared, for most weights are small: that is where the hand needs room.
  const place = Math.sqrt(Math.min(1, threshold / most)) * 1000;
  return (
    <div class="amount">
      <input type="range" min="0" max="1000" step="1" value={place} aria-label="Threshold" style={{ '--fill': `${place / 10}%` }}
        onInput={(event) => take(((Number(event.currentTarget.value) / 1000) ** 2 * most).toPrecision(3))} />
      <label class="amount-field">
        <span>|w|&lt;</span>
        <input type="text" inputMode="decimal" value={String(threshold)} aria-label="Threshold on |w|" onChange={(event) => take(event.currentTarget.value)} />
      </label>
    </div>
  );
}

const SPREADS: { value: Scope; label: string; title: string }[] = [
  { value: 'layer', label: 'each alike', title: 'Every layer comes to the amount.' },
  { value: 'global', label: 'one threshold', title: 'One border on |w| over all the layers: some lose more, some less.' },
  { value: 'global-rms', label: 'normalised', title: 'One border, with |w| measured by the root mean square of its own layer.' },
];

const SENSITIVE = { value: 'sensitivity', title: 'Exactly the amount over all of them, shared out by what pruning each layer alone does to the outputs.' };

/** `bordered`: whether the method knows a border over all layers. */
function Spread({ bordered }: { bordered: boolean }) {
  const { scope, budget, criterion } = form.value;
  const sensitive = budget === 'sensitivity';
  // A border over all layers is a share, or nothing.
  const choices = [...(bordered && criterion === 'amount' ? SPREADS : SPREADS.slice(0, 1)), ...(!bordered || data.value !== null || sensitive ? [{ ...SENSITIVE, label: bordered && criterion === 'amount' ? 'sensitivity' : 'by sensitivity' }] : [])];
  const take = (value: string) => {
    const other = SPREADS.find((one) => one.value === value);
    if (other === undefined) change({ budget: 'sensitivity', scope: 'layer' });
    else change({ scope: other.value, ...(sensitive ? { budget: 'uniform', sparsity: Math.max(form.value.sparsity, floorOf(form.value.format)) } : {}) });
  };
  return (
    <>
      {choices.length > 1 && <div class="field"><span>Spread</span>
        <Segments label="Spread" value={sensitive ? SENSITIVE.value : scope} choices={choices} onChange={take} />
      </div>}
      {criterion !== 'drift' && !sensitive && <div class="field slim"><span />
        <Check on={budget === 'overall'} label="Exactly this share of all of them together"
          title="Zeros of layers that stay as they are count too; the others make up for them."
          onChange={(on) => change(on ? { budget: 'overall' } : { budget: 'uniform', sparsity: Math.max(form.value.sparsity, floorOf(form.value.format)) })} />
      </div>}
    </>
  );
}

function MethodChoice({ known, method }: { known: Forms; method: MethodForm }) {
  if (known.methods.length === 1) return <span class="clip" title={method.summary}>{method.label} <span class="muted">smallest |w| first, no data</span></span>;
  return (
    <span title={method.summary}>
      <Select label="Method" value={method.name} onChange={(name) => change({ method: name, params: {} })}
        choices={known.methods.map((one) => ({ value: one.name, label: one.label, remark: one.driven ? 'by data' : 'smallest |w| first, no data' }))} />
    </span>
  );
}

/** Takes a format, and keeps the amount possible. */
export function takeFormat(format: FormatForm): void {
  const { sparsity } = form.value;
  const before = methods.value?.formats.find((one) => one.name === form.value.format)?.least ?? 0;
  // An amount that only came from the last format's own share follows the new one.
  const own = before > 0 && Math.abs(sparsity - before) < 1e-9;
  change({ format: format.name, sparsity: format.least > 0 && own ? format.least : Math.max(sparsity, format.least) });
  if (form.value.levels !== null) changeLevels({});
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
    <Segments label="Format" value={format.family} onChange={(family) => takeFormat(firstOf(family))}
      choices={families.map((family) => ({
        value: family, label: <><Glyph name={glyphName(firstOf(family))} />{FAMILY_LABELS[family] ?? family}</>,
      }))} />
  );
}

function Member({ choices, format }: { choices: readonly FormatForm[]; format: FormatForm }) {
  const members = choices.filter((one) => one.family === format.family);
  if (members.length < 2) return null;
  const pick = (name: string) => takeFormat(members.find((one) => one.name === name)!);
  return (
    <div class="field"><span />
      {members.length <= 4
        ? <Segments label="Kind" value={format.name} onChange={pick} choices={members.map((one) => ({ value: one.name, label: one.name }))} />
        : <Select label="Kind" value={format.name} onChange={pick}
          choices={members.map((one) => ({ value: one.name, label: one.name, ...(one.least > 0 ? { remark: `${Math.round(one.least * 1000) / 10} % at least` } : {}) }))} />}
    </div>
  );
}
