// What the form would do, before anything is changed: before and after, what is kept, layer by layer.
import { isProtected } from '../api/prune';
import type { Preview } from '../api/schema';
import { bytes, percent, plural } from '../lib/numbers';
import { apart } from '../lib/names';
import { Icon } from '../ui/icon';
import { Middle, Short } from '../ui/text';
import { Tile } from '../ui/tile';
import { estimated, pictured, preview, previewing, previewProblem, SAMPLED, settling, shown, type Shown, type ShownRow } from '../state/preview';
import { picturedRow } from '../state/prune-picture';
import { form } from '../state/prune';
import { rows } from '../state/weights';
import { LevelTable } from './LevelTable';
import { Locked } from './Locked';
import { PrunePicture } from './PrunePicture';

const SHOWN = 300;

export function PrunePreview() {
  const made = shown.value;
  const problem = previewProblem.value;
  return (
    <div class="sec" aria-live="polite">
      <h3>Preview <span class="aside">{previewing.value ? 'working it out…' : made?.exact === false ? <span title={SAMPLED}>≈ is an estimate, exact follows</span> : 'nothing is changed yet'}</span></h3>
      <div class={previewing.value ? 'stale' : ''}>
        {problem && !made && <div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div>}
        {made && <Totals made={made} />}
      </div>
      {preview.value && made && <div class={settling.value ? 'stale' : ''}><Bytes made={preview.value} /></div>}
      <div class={previewing.value ? 'stale' : ''}>
        {form.value.levels !== null ? <LevelTable /> : made && <Plan made={made} />}
        {made && form.value.levels === null && made.skipped.length > 0 && <Skipped skipped={made.skipped} />}
      </div>
      {made && <PrunePicture />}
    </div>
  );
}

/** The one format of all rows; null where there are several. */
function common(list: readonly ShownRow[], pick: 'before' | 'after'): string | null {
  const formats = new Set(list.map((row) => row[pick]?.format ?? null));
  return formats.size === 1 ? [...formats][0]! : null;
}

/** Errors of the layers that change, where data have told them. */
const errorsOf = (changed: readonly ShownRow[]) => changed.map((row) => row.layer_error ?? null).filter((one) => one !== null);

export function Totals({ made }: { made: Shown }) {
  const changed = made.rows.filter((row) => row.skipped === null);
  const errors = errorsOf(changed);
  const [before, after] = [common(made.rows, 'before'), common(made.rows, 'after')];
  return (
    <div class="preview-line">
      <Tile sparsity={made.sparsity_before} format={before} glyph={before !== null} big />
      <span class="muted"><Icon name="right" /></span>
      <Tile sparsity={made.sparsity_after} format={after} glyph={after !== null} big estimated={estimated.value} />
      {errors.length > 0
        ? <span class="kept" title="Of the layers' own outputs, relative, on samples that were held out"><b>{percent(errors.reduce((sum, one) => sum + one, 0) / errors.length, 1)}</b> mean error<br />of the layers’ outputs</span>
        : <span class="kept" title={estimated.value ?? undefined}><b>{estimated.value !== null && '≈ '}{percent(made.kept_energy, 1)}</b> of squared<br />weight kept</span>}
    </div>
  );
}

export function Plan({ made }: { made: Shown }) {
  const changed = made.rows.filter((row) => row.skipped === null);
  const names = apart(changed.slice(0, SHOWN).map((row) => row.layer));
  const byData = errorsOf(changed).length > 0;
  return (
    <div class={changed.length > 3 ? 'plan' : 'plan plan-few'}>
      <div class="plan-row plan-head"><span>{form.value.format}</span><span>before</span><span /><span>after</span><span class="num">{byData ? 'error' : 'kept'}</span></div>
      {changed.slice(0, SHOWN).map((row, at) => (
        <PlanRow key={row.weight} row={row} name={names[at]!} byData={byData} on={changed.length > 1 && row.weight === picturedRow.value?.weight} />
      ))}
      {changed.length > SHOWN && <p class="muted">and {plural(changed.length - SHOWN, 'layer')} more</p>}
    </div>
  );
}

export function Bytes({ made }: { made: Preview }) {
  const { bytes_before: before, bytes_after: after } = made;
  if (typeof before !== 'number' || typeof after !== 'number') return null;
  const grows = after > before;
  return (
    <p class="preview-bytes" title="Every tensor once, each in the storage that is smallest for it.">
      <span class="soft">In the smallest storage</span>
      <span><b>{bytes(before)}</b> → <b>{bytes(after)}</b>{before !== after && before > 0 && (
        <span class={grows ? 'warn' : 'ok'}> {grows ? '+' : '−'}{bytes(Math.abs(after - before))}</span>
      )}</span>
    </p>
  );
}

function PlanRow({ row, name, byData, on }: { row: ShownRow; name: string; byData: boolean; on: boolean }) {
  const sampled = estimated.value;
  const stored = row.smallest_after ? `, ${row.smallest_after.name} ${bytes(row.smallest_after.bytes)}` : '';
  return (
    <div class={`plan-row${on ? ' on' : ''}`} title={`${row.layer}${stored}; click for its picture`} onClick={() => { pictured.value = row.weight; }}>
      <Short text={name} whole={row.layer} letters={19} />
      <Tile sparsity={row.before?.sparsity ?? null} format={row.before?.format ?? null} />
      <span class="muted">→</span>
      <Tile sparsity={row.after?.sparsity ?? null} format={row.after?.format ?? null} glyph={sampled === null} estimated={sampled} />
      <span class="num" title={sampled ?? undefined}>{!byData ? `${sampled === null ? '' : '≈ '}${percent(row.kept_energy, 1)}` : (row.layer_error ?? null) === null ? '–' : percent(row.layer_error!, 1)}</span>
    </div>
  );
}

export function Skipped({ skipped }: { skipped: Shown['skipped'] }) {
  const locked = new Set([...rows.value.values()].filter(isProtected).map((row) => row.layer));
  return (
    <details class="plan-skips" open={skipped.length <= 3}>
      <summary class="soft">{plural(skipped.length, 'layer')} stay{skipped.length === 1 ? 's' : ''} as {skipped.length === 1 ? 'it is' : 'they are'}</summary>
      {skipped.slice(0, SHOWN).map((one) => (
        <div class="plan-skip" key={one.layer}>
          <span class="row">{locked.has(one.layer) && <Locked />}<Middle text={one.layer} /></span>
          <span class="muted">{one.reason}</span>
        </div>
      ))}
      {skipped.length > SHOWN && <p class="muted">and {plural(skipped.length - SHOWN, 'layer')} more</p>}
    </details>
  );
}
