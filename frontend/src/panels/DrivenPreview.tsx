// Before a prune by data: what it will take, who cannot take part, and, on demand, what it would do.
import { useEffect } from 'preact/hooks';
import { bytes, count, plural } from '../lib/numbers';
import { data } from '../state/data';
import { foresight, isWorkedOut, working, workOut } from '../state/driven';
import { preview, previewProblem, shown } from '../state/preview';
import { applying, form } from '../state/prune';
import { learnCatalogue } from '../state/storage';
import { Icon } from '../ui/icon';
import type { Foresight } from '../api/schema';
import { LevelTable } from './LevelTable';
import { layerCount, Plan, Skipped } from './PlanTable';
import { Bytes, Totals } from './PrunePreview';
import { PrunePicture } from './PrunePicture';

export function DrivenPreview() {
  useEffect(() => void learnCatalogue(), []);
  const used = data.value;
  if (used === null) return null;
  const made = isWorkedOut.value ? shown.value : null;
  const problem = isWorkedOut.value ? previewProblem.value : null;
  const byTable = form.value.levels !== null;
  return (
    <div class="sec" aria-live="polite">
      <h3>Preview <span class="aside">{made ? 'nothing is changed yet' : 'on demand: it takes a calibration'}</span></h3>
      {problem && <div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div>}
      {made ? (
        <>
          <Totals made={made} />
          {preview.value && <Bytes made={preview.value} />}
          {byTable ? <LevelTable /> : <Plan made={made} />}
          {!byTable && made.skipped.length > 0 && <Skipped skipped={made.skipped} />}
          <PrunePicture />
        </>
      ) : <><Costs />{byTable && <LevelTable />}</>}
    </div>
  );
}

function Costs() {
  const told = foresight.value;
  if (told === null) return <p class="muted">Looking at what it takes…</p>;
  if (told.problem !== null) return <div class="note warn"><Icon name="warn" /><span>{told.problem.message} {told.problem.hint}</span></div>;
  const found = told.found!;
  const busy = working.value || applying.value;
  return (
    <>
      <table class="facts costs"><tbody>
        <tr><td>layers</td><td>{count(found.layers)}{found.skipped.length > 0 && <span class="muted">, and {count(layerCount(found.skipped))} that stay</span>}</td></tr>
        {found.runs > 0 && <tr title={ORDER}><td>runs</td><td>{runsText(found)}</td></tr>}
        <tr><td>time</td><td title="By what a few samples took just now.">{told.timing ? '…' : found.seconds === null ? 'unknown' : <>≈ {duration(found.seconds)} <span class="muted">for the runs; solving comes on top</span></>}</td></tr>
        <tr><td>memory</td><td>≤ {bytes(found.bytes)} <span class="muted">beside the model</span></td></tr>
      </tbody></table>
      {found.skipped.length > 0 && <Skipped skipped={found.skipped} />}
      {found.layers > 0 && !busy && <button type="button" class="btn small work-out" onClick={() => void workOut()}>Work it out first</button>}
    </>
  );
}

const ORDER = 'Layers behind one another are pruned one after the other: each sees what the ones before it became.';

function runsText({ runs, samples }: Foresight): string {
  const each = plural(samples, 'sample');
  return runs === 1 ? `${each}, once` : `${each}, ${count(runs)} times`;
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 1) return '1 s';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
