// The side panel that prunes: what is to be pruned, the form, its preview, the history, and the deed.
import { useEffect, useRef } from 'preact/hooks';
import { applyPrune } from '../commands/edit';
import { similar } from '../commands/pick';
import { run } from '../commands/list';
import { protect } from '../commands/protect';
import { isProtected } from '../api/prune';
import { count, countShort, percent, plural } from '../lib/numbers';
import { IconButton } from '../ui/controls';
import { JobProgress } from '../ui/progress';
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { data } from '../state/data';
import { foresight, working } from '../state/driven';
import { previewing, shown } from '../state/preview';
import { job } from '../state/session';
import { applying, form, goesByData, targets } from '../state/prune';
import { select, selectedRows } from '../state/selection';
import { dialog, popup, side } from '../state/view';
import { together } from '../state/weights';
import { layersInside } from '../state/within';
import type { WeightRow } from '../api/schema';
import { CompareTable } from './CompareTable';
import { DrivenPreview } from './DrivenPreview';
import { HistoryList } from './HistoryList';
import { SelectInside } from './InsideSection';
import { PruneForm } from './PruneForm';
import { PrunePreview } from './PrunePreview';
import { PruneRuntimes } from './PruneRuntimes';

const leave = () => {
  side.value = 'node';
};

/** The preview that is shown is that of the form. */
function ready(): boolean {
  if (targets.value.length === 0 || applying.value) return false;
  // By data, the deed itself is what takes time: no preview need come before it.
  if (goesByData(form.value)) return data.value !== null && !working.value && (foresight.value?.found?.layers ?? 0) > 0;
  return shown.value !== null && !previewing.value;
}

/** Layers that the preview changes; null without one. */
function changingLayers(): number | null {
  const made = shown.value;
  if (made === null) return null;
  const node = new Map(targets.value.map((row) => [row.id, row.node]));
  return new Set(made.rows.filter((row) => row.skipped === null).map((row) => node.get(row.weight))).size;
}

export function PrunePanel() {
  const weights = targets.value;
  const layers = new Set(weights.map((row) => row.node)).size;
  const can = ready();
  const driven = goesByData(form.value);
  const changing = changingLayers();
  const apply = () => void applyPrune(form.value, targets.value);
  const panel = useRef<HTMLElement>(null);

  useEffect(() => {
    // From the table, say, whose rows take Enter for themselves: here it applies.
    panel.current!.focus({ preventScroll: true });
    const enter = (event: KeyboardEvent) => {
      const busy = event.target instanceof HTMLElement && event.target.closest('button:not([role="radio"]), #search, [role="grid"]') !== null;
      if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || busy || dialog.value !== null || popup.value !== null) return;
      event.preventDefault();
      // An amount just typed counts, and is previewed before it can be applied.
      if (event.target instanceof HTMLInputElement) event.target.blur();
      if (ready()) apply();
    };
    addEventListener('keydown', enter, true);
    return () => removeEventListener('keydown', enter, true);
  }, []);

  return (
    <aside class="panel" aria-label="Prune" tabIndex={-1} ref={panel}>
      <header class="panel-head">
        <div class="panel-title">
          <Icon name="target" />
          <b>{layers > 1 ? `Prune ${plural(layers, 'layer')}` : 'Prune'}</b>
          <span class="grow row">{layers === 1 && <Middle text={weights[0]!.title} />}</span>
          <IconButton label="Close" hotkey="Esc" onClick={leave}><Icon name="close" /></IconButton>
        </div>
        <div class="panel-sub" style={{ marginLeft: '24px' }}><Targets weights={weights} layers={layers} /></div>
      </header>
      <div class="panel-scroll">
        {weights.length > 0 && <><PruneForm />{driven ? <DrivenPreview /> : <PrunePreview />}<CompareTable /><PruneRuntimes /></>}
        <HistoryList />
      </div>
      {driven && (applying.value || working.value) && job.value && (
        <div class="panel-progress"><JobProgress job={job.value} onCancel={() => run('view.cancel')} /></div>
      )}
      <footer class="panel-foot">
        <button type="button" class="btn" onClick={leave}>{driven && (applying.value || working.value) ? 'Close' : 'Cancel'}</button>
        <span class="grow" />
        <button type="button" class="btn primary" disabled={!can} onClick={apply}>
          {applying.value ? 'Pruning…' : `Apply to ${plural(changing ?? layers, 'layer')}`} <span class="key">Enter</span>
        </button>
      </footer>
    </aside>
  );
}

function Targets({ weights, layers }: { weights: readonly WeightRow[]; layers: number }) {
  const held = layersInside().length;
  if (weights.length === 0 && held > 0) return <>{plural(held, 'layer')} {held === 1 ? 'lies' : 'lie'} inside: <SelectInside layers={held} /></>;
  if (weights.length === 0) return <>Select layers: click, Shift+click, or search and select all.</>;
  const sum = together(weights);
  const types = [...new Set(weights.map((row) => row.dtype))].join(', ');
  const alike = similar();
  const kept = weights.filter(isProtected);
  const tables = new Set(selectedRows.value.filter((row) => row.kind === 'embedding').map((row) => row.node)).size;
  return (
    <>
      <span title={`${count(sum.elements)} weights`}>{sum.elements < 1e6 ? count(sum.elements) : countShort(sum.elements)} weights</span>, {types}{sum.sparsity === null ? '' : sum.sparsity === 0 ? ', all dense' : `, ${percent(sum.sparsity, 1)} zero`}
      {kept.length > 0 && <> · <span class="lock inline-lock"><Icon name="lock" /></span>{kept.length === weights.length ? 'all' : kept.length} protected, <button type="button" class="link" onClick={() => void protect(kept, false)}>unprotect</button></>}
      {tables > 0 && <> · <span title="An embedding is looked up, not multiplied: none of the runtimes gains from its zeros.">{plural(tables, 'embedding')} apart</span></>}
      {alike.length > layers + tables && <> · <button type="button" class="link" onClick={() => select(alike)}>select similar ({alike.length})</button></>}
    </>
  );
}
