// Sensitivity: what each layer alone does to the outputs when it is pruned, and levels made of that.
import { useEffect } from 'preact/hooks';
import { goTo } from '../commands/go';
import { run } from '../commands/list';
import { measureSensitivity, takeLevels } from '../commands/sensitivity';
import { colourMode } from '../state/canvas';
import { errorText, percent, plural } from '../lib/numbers';
import { apart } from '../lib/names';
import { data } from '../state/data';
import { everyWeight, form, loadMethods, methods } from '../state/prune';
import { aim, comparedLevel, driftAt, pointed, ranked, sensitivity, sweeping, sweepLevels, sweepProblem } from '../state/sensitivity';
import { job } from '../state/session';
import { side } from '../state/view';
import { rows, titleOf, whichOf } from '../state/weights';
import { Amount, IconButton, Segments, Select } from '../ui/controls';
import { Check } from '../ui/check';
import { Icon } from '../ui/icon';
import { JobProgress } from '../ui/progress';
import { Short } from '../ui/text';
import type { LayerSensitivity, Sensitivity } from '../api/schema';
import { CosineField } from './CosineField';
import { DataSection } from './DataSection';
import { Synthetic } from './EffectPanel';
import { SensitivityPlot } from './SensitivityPlot';

const SHOWN = 300;
const LEVELS: readonly (readonly number[])[] = [[0.4, 0.6, 0.85], [0.4, 0.6, 0.75, 0.85, 0.95]];
const close = () => {
  side.value = 'none';
};

export function SensitivityPanel() {
  useEffect(() => void loadMethods(), []);
  const found = sensitivity.value;
  const problem = sweepProblem.value;
  return (
    <aside class="panel" aria-label="Sensitivity">
      <header class="panel-head">
        <div class="panel-title">
          <Icon name="curve" />
          <b class="grow clip">Sensitivity</b>
          <IconButton label="Close" hotkey="Esc" onClick={close}><Icon name="close" /></IconButton>
        </div>
        <div class="panel-sub" style={{ marginLeft: '24px' }}>How far the outputs drift when one layer alone is pruned.</div>
      </header>
      <div class="panel-scroll">
        {found?.synthetic && <Synthetic />}
        <Wish found={found} />
        {problem && <div class="sec"><div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div></div>}
        {found && found.done > 0 && <><Curves found={found} /><Levels found={found} /><Table /></>}
      </div>
      {sweeping.value && job.value && <div class="panel-progress"><JobProgress job={job.value} onCancel={() => run('view.cancel')} /></div>}
    </aside>
  );
}

function Wish({ found }: { found: Sensitivity | null }) {
  const known = methods.value;
  if (known === null) return <div class="sec muted">…</div>;
  const method = known.methods.find((one) => one.name === form.value.method) ?? known.methods[0]!;
  const layers = new Set(everyWeight().map((row) => row.node)).size;
  const same = found !== null && !found.stale && found.method === method.name && found.format === form.value.format;
  const all = same && found.done === found.total && sweepLevels.value.every((level) => found.layers.every((one) => one.reason !== null || one.points.some((point) => point.level === level)));
  const at = LEVELS.findIndex((one) => one.join() === sweepLevels.value.join());
  return (
    <div class="sec prune-form">
      <DataSection />
      <div class="field"><span>Method</span>
        <Select label="Method" value={method.name} onChange={(name) => { form.value = { ...form.value, method: name, params: {} }; }}
          choices={known.methods.map((one) => ({ value: one.name, label: one.label }))} />
      </div>
      <div class="field"><span>Levels</span>
        <Segments label="Levels" value={String(at)} onChange={(value) => { sweepLevels.value = LEVELS[Number(value)]!; }}
          choices={LEVELS.map((one, place) => ({ value: String(place), label: `${one.map((level) => Math.round(level * 100)).join(', ')} %` }))} />
      </div>
      <div class="row sens-deed">
        <button type="button" class="btn primary" disabled={data.value === null || sweeping.value || layers === 0 || all} onClick={() => void measureSensitivity()}>
          {sweeping.value ? 'Measuring…' : all ? 'Measured' : same && found.done > 0 && found.done < found.total ? `Go on: ${found.done} of ${found.total} measured` : `Measure ${plural(layers, 'layer')}`}
        </button>
        {!all && <span class="muted">{plural(layers * sweepLevels.value.length, 'run')} over the held-out samples{form.value.format === 'unstructured' ? '' : `, pruned to ${form.value.format}`}</span>}
      </div>
    </div>
  );
}

function Curves({ found }: { found: Sensitivity }) {
  return (
    <div class="sec">
      <h3>1 − cosine of the outputs, by level <span class="aside">{plural(found.held_out, 'held-out sample')}</span></h3>
      <SensitivityPlot />
      {found.stale && <p class="muted">Measured before the last edit: it tells of the model as it was.</p>}
      <p class="muted">{found.label}. One layer at a time, the others as they are.</p>
      <Check on={colourMode.value === 'sensitivity'} label="Colour the graph by it" onChange={(on) => { colourMode.value = on ? 'sensitivity' : 'sparsity'; }} />
    </div>
  );
}

/** From the curves to a level for each layer. */
function Levels({ found }: { found: Sensitivity }) {
  const { by, share, cosine } = aim.value;
  const change = (part: Partial<typeof aim.value>) => {
    aim.value = { ...aim.value, ...part };
  };
  return (
    <div class="sec prune-form">
      <h3>Budget by sensitivity <span class="aside">nothing is changed yet</span></h3>
      <div class="field"><span>Goal</span>
        <Segments label="Goal" value={by} onChange={(value) => change({ by: value === 'drift' ? 'drift' : 'share' })}
          choices={[{ value: 'share', label: 'a share of zeros' }, { value: 'drift', label: 'as sparse as drift allows' }]} />
      </div>
      {by === 'share'
        ? <div class="field"><span>Amount</span><Amount label="Amount" value={share} onChange={(value) => change({ share: value })} /></div>
        : <div class="field"><span>Cosine</span><CosineField label="Least cosine" value={cosine} remark="predicted: drifts of layers add up" onChange={(value) => change({ cosine: value })} /></div>}
      <button type="button" class="btn" disabled={sweeping.value || found.done === 0} onClick={() => void takeLevels()}>Take these levels…</button>
    </div>
  );
}

function Table() {
  const list = ranked.value;
  const names = apart(list.slice(0, SHOWN).map((one) => titleOf(one.layer)));
  const levels = [...new Set(list.flatMap((one) => one.points.map((point) => point.level)))].toSorted((a, b) => a - b);
  const at = nearest(levels, comparedLevel.value);
  return (
    <div class="sec">
      <h3>Layers <span class="aside">1 − cosine with this layer alone at that level</span></h3>
      <div class="sens-table" onPointerLeave={() => { pointed.value = null; }}>
        <div class="sens-row plan-head" style={columns(levels)}><span />{levels.map((level) => (
          <button type="button" key={level} class={at === level ? 'sorted num' : 'num'} aria-pressed={at === level} title="Rank the layers by this level, and colour the graph by it"
            onClick={() => { comparedLevel.value = level; }}>{percent(level, 0)}{at === level && ' ▼'}</button>
        ))}</div>
        {list.slice(0, SHOWN).map((layer, place) => <Row key={layer.weights[0]} layer={layer} name={names[place]!} levels={levels} />)}
        {list.length > SHOWN && <p class="muted">and {plural(list.length - SHOWN, 'layer')} more</p>}
      </div>
    </div>
  );
}

/** What fits a column: 0.00123, 7.7e-4. */
export const cellText = (drift: number) => (drift !== 0 && Math.abs(drift) < 1e-3 ? drift.toExponential(1) : errorText(drift));

const columns = (levels: readonly number[]) => ({ gridTemplateColumns: `minmax(0, 1fr) repeat(${levels.length}, 52px)` });

function nearest(levels: readonly number[], wanted: number): number {
  return levels.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best), levels[0] ?? 0);
}

function Row({ layer, name, levels }: { layer: LayerSensitivity; name: string; levels: readonly number[] }) {
  const row = rows.value.get(layer.weights[0]!);
  const which = row ? whichOf(row) : '';
  const on = layer.weights.includes(pointed.value ?? -1);
  const at = nearest(levels, comparedLevel.value);
  const go = () => {
    if (row) void goTo(row.node);
  };
  return (
    <div class={`sens-row${on ? ' on' : ''}`} style={columns(levels)} role="button" tabIndex={0} title={layer.reason ? `${titleOf(layer.layer)}: ${layer.reason}` : titleOf(layer.layer)}
      onPointerEnter={() => { pointed.value = layer.weights[0]!; }} onClick={go} onKeyDown={(event) => { if (event.key === 'Enter') go(); }}>
      <span class="row"><Short text={name} whole={titleOf(layer.layer)} letters={Math.floor((346 - 58 * Math.max(1, levels.length)) / 7.2) - (which === '' ? 0 : 3)} />{which !== '' && <span class="muted">{which}</span>}</span>
      {layer.reason !== null
        ? <span class="muted clip" style={{ gridColumn: '2 / -1' }}>{layer.reason}</span>
        : levels.map((level) => {
          const drift = layer.points.some((point) => point.level === level) ? driftAt(layer, level) : null;
          return <span class={`num${level === at ? ' strong' : ''}`} key={level}>{drift === null ? '…' : cellText(drift)}</span>;
        })}
    </div>
  );
}
