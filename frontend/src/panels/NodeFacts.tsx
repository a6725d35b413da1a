// An operator's attributes, inputs, outputs and the graphs inside it.
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { useState } from 'preact/hooks';
import { enterGraph, follow, goTo } from '../commands/go';
import { count, plural } from '../lib/numbers';
import { model } from '../state/session';
import { rows, together } from '../state/weights';
import { rowsIn } from '../state/within';
import type { End } from '../state/wiring';
import type { NodeFacts, PortFacts } from '../api/schema';
import { Tile } from '../ui/tile';

export function Body({ facts }: { facts: NodeFacts }) {
  const inner = facts.attributes.filter((one) => one.graph !== null);
  if (inner.length === 0 && facts.function_graph === null) return null;
  return (
    <div class="sec">
      <h3>Inside</h3>
      {inner.map((one) => <GraphLink key={one.name} name={one.name} path={one.graph!} holder={facts.id} />)}
      {facts.function_graph !== null && <GraphLink name="function" path={facts.function_graph} holder={facts.id} />}
    </div>
  );
}

function GraphLink({ name, path, holder }: { name: string; path: string; holder: number }) {
  const known = model.value?.graphs.find((one) => one.path === path);
  const inside = rowsIn(path, holder);
  return (
    <div class="port port-graph">
      <span class="port-name" title={name}>{name}</span>
      <button type="button" class="link row" onClick={() => void enterGraph(path)}>
        <Icon name="into" />{known ? plural(known.nodes, 'node') : path}
        {inside.length > 0 && <span class="muted">{plural(new Set(inside.map((row) => row.node)).size, 'layer')}</span>}
        {inside.length > 0 && <Tile sparsity={together(inside).sparsity} format={null} claim={null} problem={null} />}
      </button>
    </div>
  );
}

export function Attributes({ facts }: { facts: NodeFacts }) {
  const shown = facts.attributes.filter((one) => one.graph === null);
  return (
    <div class="sec">
      <h3>Attributes <span class="aside">{shown.length === 0 ? 'none' : ''}</span></h3>
      {shown.map((one) => (
        <div class="port" key={one.name}>
          <span class="port-name" title={`${one.name}: ${one.type.toLowerCase()}`}>{one.name}</span>
          <span class="port-value value"><span class="facts long">{one.value}</span></span>
        </div>
      ))}
    </div>
  );
}

type Ends = ReadonlyMap<string, readonly End[]>;

/** Inputs or outputs of one operator that are listed at once: each is some 15 elements. */
const PORTS = 50;

/** `ends`: by tensor, where its line comes from or leads to, `word` says which. */
export function Ports({ title, word, ports, ends }: { title: string; word: 'from' | 'to'; ports: readonly PortFacts[]; ends: Ends }) {
  const [all, setAll] = useState(false);
  if (ports.length === 0) return null;
  const names = portNames(ports);
  const shown = all || ports.length <= PORTS ? ports : ports.slice(0, PORTS - 1);
  return (
    <div class="sec">
      <h3>{title} <span class="aside">{ports.length > PORTS ? count(ports.length) : ''}</span></h3>
      {shown.map((port, at) => <Port key={`${at} ${port.tensor}`} port={port} name={names[at]!} word={word} ends={ends.get(port.tensor) ?? []} />)}
      {shown.length < ports.length && <button type="button" class="link" onClick={() => setAll(true)}>and {count(ports.length - shown.length)} more</button>}
    </div>
  );
}

/** What the operator calls each; those of one name, as a Concat's inputs, by their number too. */
export function portNames(ports: readonly PortFacts[]): string[] {
  const shared = new Map<string, number>();
  for (const port of ports) shared.set(port.name, (shared.get(port.name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return ports.map((port, at) => {
    if (port.name === '') return String(at);
    if (shared.get(port.name) === 1) return port.name;
    const number = seen.get(port.name) ?? 0;
    seen.set(port.name, number + 1);
    return `${port.name}[${number}]`;
  });
}

function Port({ port, name, word, ends }: { port: PortFacts; name: string; word: 'from' | 'to'; ends: readonly End[] }) {
  const weight = port.weight === null ? undefined : rows.value.get(port.weight);
  const only = ends.length === 1 ? ends[0]! : null;
  const type = typeText(port);
  return (
    <div class="port">
      <span class="port-name" title={name}>{name}</span>
      <span class="port-value">
        <span class="row">
          {port.tensor === '' ? <span class="muted">left out</span>
            : only === null ? <Middle text={port.tensor} />
              : <button type="button" class="port-link" onClick={() => void follow(only)}><Middle text={port.tensor} /></button>}
          {weight && (
            <button type="button" class="link" style={{ marginLeft: 'auto' }} aria-label="Go to this weight" onClick={() => void goTo(weight.node)}>
              <Tile sparsity={weight.sparsity} format={weight.format} claim={weight.declared?.sparsity ?? null} problem={weight.problem} />
            </button>
          )}
        </span>
        {type !== '' && <span class="port-type" title={port.value ?? undefined}>{type}</span>}
        {ends.length > 0 && <Places word={word} ends={ends} />}
      </span>
    </div>
  );
}

/** Consumers of one tensor that are listed at once. */
const LISTED = 6;

function Places({ word, ends }: { word: string; ends: readonly End[] }) {
  const [all, setAll] = useState(false);
  const shown = all || ends.length <= LISTED ? ends : ends.slice(0, LISTED - 1);
  return (
    <span class="port-ends">
      {shown.map((end, at) => (
        <span class="port-end" key={end.at}>
          <span class="muted">{at === 0 ? word : ''}</span>
          <button type="button" class="link" title={`Go to ${end.name || end.op}`} onClick={() => void follow(end)}>
            {end.kind === 'operator' && <span class="strip" style={{ background: `var(--op-${end.category})` }} />}
            <span>{end.kind === 'operator' ? end.op : end.kind === 'input' ? 'input' : 'output'}</span>
            <Middle text={end.name} />
          </button>
        </span>
      ))}
      {shown.length < ends.length && (
        <span class="port-end"><span /><button type="button" class="link" onClick={() => setAll(true)}>and {count(ends.length - shown.length)} more</button></span>
      )}
    </span>
  );
}

function typeText(port: PortFacts): string {
  const parts = [port.shape, port.dtype, port.constant ? 'constant' : ''].filter((part) => part !== '');
  return port.value === null ? parts.join(' · ') : `${parts.join(' · ')} = ${port.value}`;
}
