// What the form would do, before anything is changed: before and after, what is kept, layer by layer.
import type { Preview, PreviewRow } from '../api/schema';
import { percent, plural } from '../lib/numbers';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { Tile } from '../ui/tile';
import { form, preview, previewing, previewProblem } from '../state/prune';

const SHOWN = 300;

export function PrunePreview() {
  const made = preview.value;
  const problem = previewProblem.value;
  return (
    <div class="sec" aria-live="polite">
      <h3>Preview <span class="aside">{previewing.value ? 'working it out…' : 'nothing is changed yet'}</span></h3>
      <div class={previewing.value ? 'stale' : ''}>
        {problem && !made && <div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div>}
        {made && <Outcome made={made} />}
      </div>
    </div>
  );
}

/** The one format of all rows, or "mixed". */
function common(made: Preview, pick: 'before' | 'after'): string | null {
  const formats = new Set(made.rows.map((row) => row[pick]?.format).filter((one) => one !== undefined));
  return formats.size === 1 ? [...formats][0]! : formats.size === 0 ? null : 'mixed';
}

function Outcome({ made }: { made: Preview }) {
  const pruned = made.rows.filter((row) => row.skipped === null);
  return (
    <>
      <div class="preview-line">
        <Tile sparsity={made.sparsity_before} format={common(made, 'before')} glyph big />
        <span class="muted"><Icon name="right" /></span>
        <Tile sparsity={made.sparsity_after} format={common(made, 'after')} glyph big />
        <span class="kept"><b>{percent(made.kept_energy, 1)}</b> of squared<br />weight kept</span>
      </div>
      <div class="plan">
        <div class="plan-row plan-head"><span>{form.value.format}</span><span>before</span><span /><span>after</span><span class="num">kept</span></div>
        {pruned.slice(0, SHOWN).map((row) => <PlanRow key={row.weight} row={row} />)}
        {pruned.length > SHOWN && <p class="muted">and {plural(pruned.length - SHOWN, 'layer')} more</p>}
      </div>
      {made.skipped.length > 0 && <Skipped skipped={made.skipped} />}
    </>
  );
}

function PlanRow({ row }: { row: PreviewRow }) {
  return (
    <div class="plan-row">
      <Middle text={row.layer} />
      <Tile sparsity={row.before?.sparsity ?? null} format={row.before?.format ?? null} />
      <span class="muted">→</span>
      <Tile sparsity={row.after?.sparsity ?? null} format={row.after?.format ?? null} glyph />
      <span class="num">{percent(row.kept_energy, 1)}</span>
    </div>
  );
}

function Skipped({ skipped }: { skipped: Preview['skipped'] }) {
  return (
    <details style={{ marginTop: '6px' }} open={skipped.length <= 3}>
      <summary class="soft">{plural(skipped.length, 'layer')} stay{skipped.length === 1 ? 's' : ''} as {skipped.length === 1 ? 'it is' : 'they are'}</summary>
      {skipped.slice(0, SHOWN).map((one) => (
        <div class="plan-skip" key={one.layer}><Middle text={one.layer} /><span class="muted">{one.reason}</span></div>
      ))}
    </details>
  );
}
