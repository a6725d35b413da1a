// The bottom line: what the model is, what is wrong, what is running, how near the canvas is.
import { api } from '../api/client';
import { bytes, count, plural, zoomText } from '../lib/numbers';
import { showBrokenClaims } from '../commands/go';
import { run } from '../commands/list';
import { Glyph, Icon } from '../ui/icon';
import { counts, shareOf } from '../ui/progress';
import { told } from '../commands/told';
import { connected, job, model } from '../state/session';
import { dock, side, zoom } from '../state/view';
import { select } from '../state/selection';
import { brokenClaims, editedLayers, layerCounts, protectedNodes, summary } from '../state/weights';

export function StatusLine() {
  const open = model.value;
  return (
    <footer class="status">
      {open ? <ModelLine /> : <button type="button" onClick={() => run('help.palette')}>Ctrl Shift P for every command</button>}
      <span class="grow" />
      {!connected.value && <span class="alert" role="alert">Sparseview does not answer; trying again…</span>}
      <JobLine />
      {open ? <span>{zoomText(zoom.value)}</span> : <button type="button" onClick={() => run('help.shortcuts')}>F1 help</button>}
    </footer>
  );
}

function ModelLine() {
  const open = model.value!;
  const totals = summary.value;
  const broken = brokenClaims.value.length;
  const edited = editedLayers.value;
  const kept = protectedNodes.value;
  const opset = open.opsets['ai.onnx'] ?? open.opsets[''] ?? Object.values(open.opsets)[0];
  const showNotices = () => {
    side.value = 'model';
  };
  return (
    <>
      <span>{plural(open.nodes, 'node')}</span>
      {totals && <span>{plural(layerCounts.value.layers, 'layer')}, {count(totals.elements)} weights</span>}
      <span>{bytes(open.bytes + open.external_bytes)}</span>
      {opset !== undefined && <span>opset {opset}</span>}
      {broken > 0 && (
        <button type="button" class="alert" onClick={() => void showBrokenClaims()}><Glyph name="mismatch" />{broken === 1 ? '1 claim does not hold' : `${count(broken)} claims do not hold`}</button>
      )}
      {open.notices.length > 0 && (
        <button type="button" class="warn" onClick={showNotices}><Icon name="warn" />{plural(open.notices.length, 'notice')}</button>
      )}
      {kept.length > 0 && <button type="button" title="Never pruned; click to select" onClick={() => select(kept)}><Icon name="lock" />{plural(kept.length, 'layer')} protected</button>}
      {edited > 0 && <button type="button" class="accent" onClick={() => { dock.value = true; }}>● {plural(edited, 'layer')} edited</button>}
    </>
  );
}

function JobLine() {
  const now = job.value;
  const totals = summary.value;
  if (now === null) {
    const done = model.value !== null && totals !== null && totals.weights > 0 && totals.measured >= totals.weights;
    return done ? <span>All measured</span> : null;
  }
  const share = shareOf(now);
  return (
    <span class="row" role="progressbar" aria-label={now.label} aria-valuenow={now.done} aria-valuemax={now.total}>
      <span title={now.step}>{now.label}</span>
      <span class="track"><i style={{ width: `${share * 100}%` }} /></span>
      {now.total > 0 && <span>{counts(now) ? `${count(now.done)} / ${count(now.total)}` : `${Math.floor(share * 100)} %`}</span>}
      <button type="button" onClick={() => void told(api.cancel(now.id))}>Cancel</button>
    </span>
  );
}
