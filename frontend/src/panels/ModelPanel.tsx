// The side panel of the whole model: totals, the file's facts, notices, inputs, outputs, metadata.
import { INPUT, OUTPUT } from '../graph/document';
import { count, bytes, percent, plural } from '../lib/numbers';
import { enterGraph, showPort } from '../commands/go';
import { run } from '../commands/list';
import { IconButton } from '../ui/controls';
import { Glyph, Icon } from '../ui/icon';
import { Format, Meter, Middle } from '../ui/text';
import { Swatch } from '../ui/tile';
import { model } from '../state/session';
import { side } from '../state/view';
import { summary, unreadable } from '../state/weights';
import type { ModelFacts, ValueFacts, Summary } from '../api/schema';

export function ModelPanel() {
  const open = model.value;
  if (open === null) return null;
  const totals = summary.value;
  return (
    <aside class="panel" aria-label="Model">
      <header class="panel-head">
        <div class="panel-title">
          <Icon name="file" />
          <b class="grow clip" title={open.path}>{open.name}</b>
          <IconButton label="Close" hotkey="Esc" onClick={() => { side.value = 'none'; }}><Icon name="close" /></IconButton>
        </div>
        <div class="panel-sub" style={{ marginLeft: '24px' }}>{open.folder}</div>
      </header>
      <div class="panel-scroll">
        <Notices facts={open} />
        {totals && <Totals totals={totals} />}
        <FileFacts facts={open} />
        <Values title="Inputs" kind={INPUT} ports={open.inputs} />
        <Values title="Outputs" kind={OUTPUT} ports={open.outputs} />
        <Graphs facts={open} />
        <Metadata facts={open} />
      </div>
    </aside>
  );
}

function Notices({ facts }: { facts: ModelFacts }) {
  if (facts.notices.length === 0) return null;
  return (
    <div class="sec" id="notices">
      <h3>{plural(facts.notices.length, 'notice')} <span class="aside">the model opens all the same</span></h3>
      {facts.notices.map((notice) => (
        <div class="row" style={{ alignItems: 'flex-start', padding: '3px 0' }} key={notice.message}>
          <span class="warn"><Icon name="warn" /></span>
          <span class="value" style={{ overflowWrap: 'anywhere' }}>{notice.message} <span class="muted">{notice.hint}</span></span>
        </div>
      ))}
    </div>
  );
}

function Totals({ totals }: { totals: Summary }) {
  const formats = Object.entries(totals.by_format).toSorted((a, b) => b[1].elements - a[1].elements);
  const claims = totals.annotations;
  if (totals.weights === 0 && totals.embeddings.weights === 0) return <div class="sec"><h3>Weights</h3><p class="soft">No operator of this model has constant weights, so there is nothing to measure or prune.</p></div>;
  return (
    <div class="sec">
      <h3>Weights {totals.embeddings.weights > 0 && <span class="aside">embeddings apart</span>}</h3>
      <div class="hero">
        <Swatch sparsity={totals.sparsity} format={null} />
        <span class="hero-number">{totals.sparsity === null ? (unreadable.value > 0 ? '–' : '…') : percent(totals.sparsity)}</span>
        <span class="hero-side">
          {totals.zeros === null ? `${totals.measured} of ${totals.weights} measured${unreadable.value > 0 ? `, ${unreadable.value} unreadable` : ''}` : `${count(totals.zeros)} of ${count(totals.elements)} are zero`}
          <br />{plural(totals.weights, 'weight tensor')}
        </span>
      </div>
      {formats.length > 0 && (
        <table class="facts proof" style={{ marginTop: '6px' }}>
          <tbody>
            {formats.map(([name, total]) => (
              <tr key={name}>
                <td><Format name={name} /></td>
                <td><Meter share={total.elements / Math.max(1, totals.elements)} /></td>
                <td class="num strong">{plural(total.weights, 'tensor')}</td>
                <td class="num muted">{percent(total.elements / Math.max(1, totals.elements), 1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {totals.embeddings.weights > 0 && (
        <p class="soft" style={{ marginTop: '5px' }}>
          {plural(totals.embeddings.weights, 'embedding table')} apart: {count(totals.embeddings.elements)} entries
          {totals.embeddings.zeros !== null && `, ${percent(totals.embeddings.zeros / Math.max(1, totals.embeddings.elements))} zero`}
        </p>
      )}
      <p class="soft row" style={{ marginTop: '5px', gap: '6px' }}>
        {claims.declared === 0 ? 'The file declares nothing about its zeros.' : `${plural(claims.declared, 'claim')}: ${claims.agree} agree${claims.agree === 1 ? 's' : ''}`}
        {claims.disagree > 0 && <span class="alert row" style={{ gap: '5px' }}><Glyph name="mismatch" />{claims.disagree} {claims.disagree === 1 ? 'does' : 'do'} not hold</span>}
      </p>
      <div class="row" style={{ marginTop: '8px' }}>
        <button type="button" class="btn" onClick={() => run('view.layers')}>Table of layers</button>
        <button type="button" class="btn" onClick={() => run('prune.all')}>Prune the whole model…</button>
      </div>
    </div>
  );
}

function FileFacts({ facts }: { facts: ModelFacts }) {
  return (
    <div class="sec">
      <h3>File</h3>
      <Fact name="size" value={bytes(facts.bytes)} />
      {facts.external_bytes > 0 && <Fact name="data files" value={bytes(facts.external_bytes)} />}
      <Fact name="nodes" value={count(facts.nodes)} />
      <Fact name="IR version" value={String(facts.ir_version)} />
      {Object.entries(facts.opsets).map(([domain, version]) => (
        <Fact key={domain} name="opset" value={`${domain === '' ? 'ai.onnx' : domain} ${version}`} />
      ))}
      {facts.producer !== '' && <Fact name="producer" value={facts.producer} />}
      {facts.doc !== '' && <Fact name="note" value={facts.doc} />}
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div class="port">
      <span class="port-name" title={name}>{name}</span>
      <span class="port-value facts"><span class="value long">{value}</span></span>
    </div>
  );
}

function Values({ title, kind, ports }: { title: string; kind: typeof INPUT | typeof OUTPUT; ports: readonly ValueFacts[] }) {
  if (ports.length === 0) return null;
  return (
    <div class="sec">
      <h3>{title}</h3>
      {ports.map((port) => (
        <div class="row" key={port.name} style={{ padding: '1px 0' }}>
          <span class="grow row"><button type="button" class="link row" title={`Show ${port.name} in the graph`} onClick={() => void showPort(port.name, kind)}><Middle text={port.name} /></button></span>
          <span class="muted">{port.shape} {port.dtype}</span>
        </div>
      ))}
    </div>
  );
}

function Graphs({ facts }: { facts: ModelFacts }) {
  if (facts.graphs.length < 2) return null;
  return (
    <div class="sec">
      <h3>Graphs <span class="aside">{facts.graphs.length}</span></h3>
      {facts.graphs.map((graph) => (
        <div class="row" key={graph.path} style={{ padding: '1px 0' }}>
          <button type="button" class="link grow row" onClick={() => void enterGraph(graph.path)}><Middle text={graph.path} /></button>
          <span class="muted">{graph.kind}, {plural(graph.nodes, 'node')}</span>
        </div>
      ))}
    </div>
  );
}

function Metadata({ facts }: { facts: ModelFacts }) {
  if (facts.metadata.length === 0) return null;
  return (
    <div class="sec">
      <h3>Metadata</h3>
      {facts.metadata.map(([key, value]) => <Fact key={key} name={key} value={value} />)}
    </div>
  );
}
