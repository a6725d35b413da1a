// An operator's attributes, inputs, outputs and the graphs inside it.
import { Icon } from '../ui/icon';
import { Middle } from '../ui/text';
import { enterGraph, goTo } from '../commands/go';
import { plural } from '../lib/numbers';
import { model } from '../state/session';
import { rows } from '../state/weights';
import type { NodeFacts, PortFacts } from '../api/schema';
import { Tile } from '../ui/tile';

export function Body({ facts }: { facts: NodeFacts }) {
  const inner = facts.attributes.filter((one) => one.graph !== null);
  if (inner.length === 0 && facts.function_graph === null) return null;
  return (
    <div class="sec">
      <h3>Inside</h3>
      {inner.map((one) => <GraphLink key={one.name} name={one.name} path={one.graph!} />)}
      {facts.function_graph !== null && <GraphLink name="function" path={facts.function_graph} />}
    </div>
  );
}

function GraphLink({ name, path }: { name: string; path: string }) {
  const known = model.value?.graphs.find((one) => one.path === path);
  return (
    <div class="port">
      <span class="port-name" title={name}>{name}</span>
      <button type="button" class="link row" onClick={() => void enterGraph(path)}>
        <Icon name="into" />{known ? plural(known.nodes, 'node') : path}
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

export function Ports({ title, ports }: { title: string; ports: readonly PortFacts[] }) {
  if (ports.length === 0) return null;
  return (
    <div class="sec">
      <h3>{title}</h3>
      {ports.map((port, at) => <Port key={`${at} ${port.tensor}`} port={port} at={at} />)}
    </div>
  );
}

function Port({ port, at }: { port: PortFacts; at: number }) {
  const weight = port.weight === null ? undefined : rows.value.get(port.weight);
  return (
    <div class="port">
      <span class="port-name" title={port.name}>{port.name || at}</span>
      <span class="port-value">
        <span class="row">
          {port.tensor === '' ? <span class="muted">left out</span> : <Middle text={port.tensor} />}
          {weight && (
            <button type="button" class="link" style={{ marginLeft: 'auto' }} aria-label="Go to this weight" onClick={() => void goTo(weight.node)}>
              <Tile sparsity={weight.sparsity} format={weight.format} claim={weight.declared?.sparsity ?? null} problem={weight.problem} />
            </button>
          )}
        </span>
        <span class="port-type" title={port.value ?? undefined}>{typeText(port)}</span>
      </span>
    </div>
  );
}

function typeText(port: PortFacts): string {
  const parts = [port.shape, port.dtype, port.constant ? 'constant' : ''].filter((part) => part !== '');
  return port.value === null ? parts.join(' · ') : `${parts.join(' · ')} = ${port.value}`;
}
