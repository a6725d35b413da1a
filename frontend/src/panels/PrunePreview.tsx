// What the form would do, before anything is changed: before and after, what is kept, layer by layer.
import type { Preview } from '../api/schema';
import { bytes, percent } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { Tile } from '../ui/tile';
import { estimated, preview, previewing, previewProblem, SAMPLED, settling, shown, type Shown, type ShownRow } from '../state/preview';
import { form } from '../state/prune';
import { LevelTable } from './LevelTable';
import { errorsOf, Plan, Skipped } from './PlanTable';
import { PrunePicture } from './PrunePicture';

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
