// What the edits did, on samples that calibrated nothing: end to end, in accuracy, layer by layer.
import { goTo } from '../commands/go';
import { run } from '../commands/list';
import { errorText, percent, plural } from '../lib/numbers';
import { apart } from '../lib/names';
import { data } from '../state/data';
import { evaluateLayers, evaluating, evaluation, evaluationProblem, leftOut } from '../state/evaluation';
import { history } from '../state/session';
import { side } from '../state/view';
import { rows, titleOf, whichOf } from '../state/weights';
import { IconButton } from '../ui/controls';
import { Few } from '../ui/few';
import { Icon } from '../ui/icon';
import { Middle, Short } from '../ui/text';
import { Tile } from '../ui/tile';
import type { Accuracy, Evaluation, LayerEffect } from '../api/schema';
import { HistoryList } from './HistoryList';
import { Skipped } from './PlanTable';

const SHOWN = 300;
const FEW = 14;
const close = () => {
  side.value = 'none';
};

export function EffectPanel() {
  const found = evaluation.value;
  const problem = evaluationProblem.value;
  const { position, edits } = history.value;
  const left = leftOut.value?.position === position ? leftOut.value.layers : [];
  return (
    <aside class="panel" aria-label="What the edits did">
      <header class="panel-head">
        <div class="panel-title">
          <Icon name="effect" />
          <b class="grow clip">What the edits did</b>
          <IconButton label="Close" hotkey="Esc" onClick={close}><Icon name="close" /></IconButton>
        </div>
        <div class="panel-sub" style={{ marginLeft: '24px' }}>{edits[position - 1]?.label ?? 'The model is as it was opened.'}</div>
      </header>
      <div class="panel-scroll" aria-live="polite">
        {found?.synthetic && <Synthetic />}
        {problem && <div class="sec"><div class="note warn"><Icon name="warn" /><span>{problem.message} {problem.hint}</span></div></div>}
        {found && <EndToEnd found={found} />}
        {found && <Layers found={found} />}
        {data.value === null && <div class="sec"><p class="muted">No data are in use: samples of what the model is fed would judge the edits.</p><button type="button" class="btn small work-out" onClick={() => run('data.choose')}>Choose data…</button></div>}
        {!found && data.value !== null && position > 0 && !problem && <div class="sec muted">{evaluating.value ? 'Running the held-out samples…' : 'Not judged: the work was called off.'}</div>}
        {left.length > 0 && <div class="sec"><h3>Left as they are <span class="aside">by the last prune</span></h3><Skipped skipped={left} /></div>}
        <HistoryList />
      </div>
      <footer class="panel-foot">
        <button type="button" class="btn" disabled={position === 0} onClick={() => run('edit.undo')}>Undo</button>
        <button type="button" class="btn" disabled={position >= edits.length} onClick={() => run('edit.redo')}>Redo</button>
        <span class="grow" />
        <button type="button" class="btn" onClick={() => run('prune.data')}>Prune with data…</button>
      </footer>
    </aside>
  );
}

export function Synthetic() {
  return (
    <div class="sec">
      <div class="note warn"><Icon name="warn" /><span><b>Synthetic data.</b> The samples are made up: these figures say little about real inputs.</span></div>
    </div>
  );
}

function EndToEnd({ found }: { found: Evaluation }) {
  const { drift } = found;
  return (
    <div class="sec">
      <h3>End to end <span class="aside">{plural(found.held_out, 'held-out sample')}</span></h3>
      {drift.broken > 0 && <div class="note alert"><Icon name="warn" /><span>On {plural(drift.broken, 'sample')} the edited model gives NaN or infinities.</span></div>}
      {found.accuracy_before && found.accuracy_after && <Accuracies before={found.accuracy_before} after={found.accuracy_after} />}
      <table class="facts effect"><tbody>
        <Figure name="cosine" title="Of the outputs, as one vector per sample; the mean" value={drift.cosine === null ? null : cosineText(drift.cosine)} before="1" />
        <Figure name="relative L2" title="|a − b| / |a| per sample; the mean" value={drift.relative_l2 === null ? null : errorText(drift.relative_l2)} before="0" />
        {drift.top1_agreement !== null && <Figure name="same class" title="Samples on which the most likely class is the same" value={percent(drift.top1_agreement, 1)} before="100 %" />}
        {drift.kl !== null && <Figure name="KL divergence" title="Of the edited model's distribution from the one before, in nats" value={`${errorText(drift.kl)} nats`} before="0" />}
      </tbody></table>
      {drift.outputs.length > 1 && (
        <details class="plan-skips"><summary class="soft">{plural(drift.outputs.length, 'output')} apart</summary>
          <table class="facts"><tbody>
            <tr><th>output</th><th class="num">cosine</th><th class="num">relative L2</th></tr>
            {drift.outputs.map((one) => (
              <tr key={one.output}><td><Middle text={one.output} /></td><td class="num">{one.cosine === null ? '–' : cosineText(one.cosine)}</td><td class="num">{one.relative_l2 === null ? '–' : errorText(one.relative_l2)}</td></tr>
            ))}
          </tbody></table>
        </details>
      )}
      <p class="muted effect-data">{sourceText(found)}</p>
    </div>
  );
}

/** Which samples said what. */
export function sourceText(found: Evaluation): string {
  const name = found.synthetic ? `${found.source}, made up` : found.source;
  return `${name}: ${plural(found.calibration, 'sample')} calibrated, ${plural(found.held_out, 'other')} judged against the model as it was opened.`;
}

/** 0.99873: as many digits as it takes to tell it from 1. */
export function cosineText(value: number): string {
  const apart1 = 1 - value;
  if (apart1 <= 0) return '1';
  if (apart1 < 1e-6) return '> 0.999999';
  return value.toFixed(Math.min(6, Math.max(3, Math.ceil(-Math.log10(apart1)) + 1)));
}

function Figure({ name, title, before, value }: { name: string; title: string; before: string; value: string | null }) {
  return (
    <tr title={title}><td>{name}</td><td class="num muted">{before} →</td><td class="num strong">{value ?? '–'}</td></tr>
  );
}

function Accuracies({ before, after }: { before: Accuracy; after: Accuracy }) {
  // Of the figures as they are shown: 81.3 to 80.0 is 1.3 points.
  const change = (Math.round(after.top1 * 1000) - Math.round(before.top1 * 1000)) / 1000;
  const sign = change > 0 ? '+' : change < 0 ? '−' : '';
  const within = Math.abs(change) <= 2 * Math.hypot(before.error, after.error);
  return (
    <div class="accuracy">
      <div class="preview-line">
        <span class="accuracy-figure"><b>{percent(before.top1, 1)}</b><span class="muted">before</span></span>
        <span class="muted"><Icon name="right" /></span>
        <span class="accuracy-figure"><b>{percent(after.top1, 1)}</b><span class="muted">now</span></span>
        <span class="kept"><b class={change < 0 && !within ? 'warn' : ''}>{sign}{(Math.abs(change) * 100).toFixed(1)} points</b><br />of accuracy</span>
      </div>
      {/* A difference inside the spread must not look like one. */}
      <p class="muted">{after.top5 !== null && before.top5 !== null && `Among the first five: ${percent(before.top5, 1)} → ${percent(after.top5, 1)}. `}
        Standard error ±{(after.error * 100).toFixed(1)}{within && change !== 0 ? ': the difference is inside the spread' : ''}.</p>
    </div>
  );
}

function Layers({ found }: { found: Evaluation }) {
  const list = found.layers.toSorted((a, b) => (b.error ?? -1) - (a.error ?? -1));
  if (list.length === 0) return null;
  const names = apart(list.slice(0, SHOWN).map((one) => titleOf(one.layer)));
  const most = Math.max(...list.map((one) => one.error ?? 0), 1e-9);
  const open = list.filter((one) => one.error === null && one.reason === null).length;
  return (
    <div class="sec">
      <h3>Layers <span class="aside" title="|X Wᵀ − X Ŵᵀ| / |X Wᵀ| of a layer's own outputs, its inputs as in the file">relative error of the outputs, worst first</span></h3>
      <div class="effects">
        <Few few={FEW} of="layer" rows={list.slice(0, SHOWN).map((one, at) => <Layer key={one.weight} effect={one} name={names[at]!} share={(one.error ?? 0) / most} />)} />
        {list.length > SHOWN && <p class="muted">and {plural(list.length - SHOWN, 'layer')} more</p>}
      </div>
      {open > 0 && data.value !== null && (
        <button type="button" class="btn small work-out" disabled={evaluating.value} onClick={() => void evaluateLayers()}>
          {evaluating.value ? 'Measuring…' : `Measure ${open === list.length ? plural(open, 'layer') : `${open} more`}`}
        </button>
      )}
    </div>
  );
}

function Layer({ effect, name, share }: { effect: LayerEffect; name: string; share: number }) {
  const row = rows.value.get(effect.weight);
  const remark = effect.reason ?? effect.remark;
  const which = row ? whichOf(row) : '';
  return (
    <div class="effect-row" role="button" tabIndex={0} title={[titleOf(effect.layer), remark].filter(Boolean).join(': ')}
      onClick={() => { if (row) void goTo(row.node); }} onKeyDown={(event) => { if (event.key === 'Enter' && row) void goTo(row.node); }}>
      <span class="row"><Short text={name} whole={titleOf(effect.layer)} letters={which === '' ? 20 : 17} />{which !== '' && <span class="muted">{which}</span>}</span>
      <Tile sparsity={row?.sparsity ?? null} format={row?.format ?? null} glyph />
      <span class="meter"><i style={{ width: `${share * 100}%` }} /></span>
      <span class="num">{effect.error === null ? '–' : percent(effect.error, 1)}</span>
      {effect.reason !== null && <span class="muted effect-remark">{effect.reason}</span>}
    </div>
  );
}
