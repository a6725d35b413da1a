// The side panel of one operator: its name, weights, attributes, inputs and outputs.
import { Icon } from '../ui/icon';
import { IconButton } from '../ui/controls';
import { Middle } from '../ui/text';
import { toast } from '../state/toasts';
import { copyText } from '../ui/clipboard';
import { command, run } from '../commands/list';
import { shownKey } from '../commands/command';
import { step } from '../commands/go';
import { shape } from '../lib/numbers';
import { currentDocument } from '../state/graph';
import { chosenWeight, facts, factsProblem } from '../state/node';
import { current, selected, selectedRows } from '../state/selection';
import { side } from '../state/view';
import { behind } from '../state/visited';
import { wiring } from '../state/wiring';
import { rowsOfNode } from '../state/weights';
import { inside } from '../state/within';
import type { NodeFacts, PortFacts, WeightRow } from '../api/schema';
import { Attributes, Body, Ports } from './NodeFacts';
import { InsideSection } from './InsideSection';
import { SelectionPanel } from './SelectionPanel';
import { isProtected } from '../api/prune';
import { Locked } from './Locked';
import { WeightSection } from './WeightSection';

export function NodePanel() {
  const node = current.value;
  if (selected.value.size > 1) return <SelectionPanel />;
  if (node === null) return <Nothing />;
  const rows = rowsOfNode.value.get(node) ?? [];
  const row = rows.find((one) => one.id === chosenWeight.value) ?? rows[0];
  const known = facts.value?.id === node ? facts.value : null;
  const held = inside.value.get(node);
  return (
    <aside class="panel" aria-label="Operator">
      <Head node={node} row={row} />
      <div class="panel-scroll" key={node}>
        {rows.length > 1 && <WeightTabs rows={rows} chosen={row!.id} />}
        {row && <WeightSection row={row} />}
        {held && <InsideSection held={held} />}
        {factsProblem.value && <div class="sec alert">{factsProblem.value.message} {factsProblem.value.hint}</div>}
        {known && <Body facts={known} />}
        {known && <Attributes facts={known} />}
        {known && <Ports title="Inputs" word="from" ports={known.inputs} ends={wiring.value.from} />}
        {known && <Ports title="Taken from around it" word="from" ports={takenBy(known)} ends={wiring.value.from} />}
        {known && <Ports title="Outputs" word="to" ports={known.outputs} ends={wiring.value.to} />}
        {known?.doc && <div class="sec"><h3>Note in the file</h3><p class="note-in-file">{known.doc}</p></div>}
      </div>
    </aside>
  );
}

/** What the graphs inside an operator read of the graph that it is in. */
function takenBy(known: NodeFacts): PortFacts[] {
  const own = new Set(known.inputs.map((port) => port.tensor));
  const taken = [...wiring.value.from.keys()].filter((tensor) => !own.has(tensor));
  return taken.map((tensor) => ({ name: '', tensor, dtype: '', shape: '', constant: false, value: null, weight: null }));
}

function Head({ node, row }: { node: number; row: WeightRow | undefined }) {
  const shown = currentDocument();
  const at = shown?.indexOf.get(node);
  const known = facts.value?.id === node ? facts.value : null;
  const op = known?.op ?? row?.op ?? (shown && at !== undefined ? shown.op[at]! : '');
  const name = known?.title ?? row?.title ?? (shown && at !== undefined ? shown.name[at]! : '');
  const category = known?.category ?? (shown && at !== undefined ? shown.category[at]! : 'custom');
  const copy = async () => {
    if (await copyText(name)) toast('Copied the name');
  };
  return (
    <header class="panel-head">
      <div class="panel-title">
        {behind.value.length > 0 && (
          <span class="panel-back"><IconButton label="Back to where you were" hotkey={shownKey(command('go.return'))} onClick={() => run('go.return')}><Icon name="back" /></IconButton></span>
        )}
        <span class="strip" style={{ background: `var(--op-${category})` }} title={category} />
        <b title={op}>{op}</b>
        {row && isProtected(row) && <Locked />}
        <Middle text={name} />
        <span class="tools">
          <IconButton label="Copy the name" hotkey={shownKey(command('edit.copy'))} onClick={() => void copy()}><Icon name="copy" /></IconButton>
          <IconButton label="Previous layer" hotkey={shownKey(command('go.previous'))} onClick={() => step(-1)}><Icon name="left" /></IconButton>
          <IconButton label="Next layer" hotkey={shownKey(command('go.next'))} onClick={() => step(1)}><Icon name="right" /></IconButton>
          <IconButton label="Close" hotkey="Esc" onClick={() => { side.value = 'none'; }}><Icon name="close" /></IconButton>
        </span>
      </div>
      <div class="panel-sub row-wrap">{row ? <TensorLine row={row} /> : <Origin />}</div>
    </header>
  );
}

function TensorLine({ row }: { row: WeightRow }) {
  return (
    <>
      <span class="tensor-name"><span>{row.kind}</span><Middle text={row.tensor} /></span>
      <span>{axesText(row)} · {row.dtype}{row.stored_as !== 'dense' && ` · stored as ${row.stored_as}`}</span>
    </>
  );
}

function Origin() {
  const known = facts.value;
  if (!known) return <>…</>;
  const domain = known.domain === '' || known.domain === 'ai.onnx' ? 'ONNX operator' : `operator of ${known.domain}`;
  const holds = known.function_graph !== null || known.attributes.some((one) => one.graph !== null);
  return <>{domain}{known.since ? `, since opset ${known.since}` : ''} · {holds ? 'no weights of its own' : 'no weights'}</>;
}

/** "64 out × 64 in × 3 × 3", with what each dimension is for. */
export function axesText(row: WeightRow): string {
  if (row.shape.length === 0) return shape(row.shape);
  const role = (at: number) => {
    if (row.axes.out.includes(at)) return ' out';
    if (row.axes.in.includes(at)) return ' in';
    return row.axes.stack.includes(at) ? ' stacked' : '';
  };
  return row.shape.map((size, at) => `${size}${role(at)}`).join(' × ');
}

function WeightTabs({ rows, chosen }: { rows: readonly WeightRow[]; chosen: number }) {
  return (
    <div class="sec">
      <h3>Weights <span class="aside">{rows.length} in this operator</span></h3>
      <div class="tabs" role="tablist">
        {rows.map((row) => (
          <button key={row.id} type="button" role="tab" class={`btn small${row.id === chosen ? ' on' : ''}`} aria-selected={row.id === chosen}
            onClick={() => { chosenWeight.value = row.id; }}><Middle text={row.tensor} /></button>
        ))}
      </div>
    </div>
  );
}

function Nothing() {
  return (
    <aside class="panel" aria-label="Operator">
      <div class="sec soft">{selectedRows.value.length === 0 && 'Click an operator to read about it.'}</div>
    </aside>
  );
}
