// @vitest-environment happy-dom
// Names of inputs and outputs in the side panel lead along their lines, and back again.
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleState } from '../api/sample';
import type { NodeFacts, PortFacts } from '../api/schema';
import { command } from '../commands/list';
import { available } from '../commands/command';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { graph, phase, trail } from '../state/graph';
import { facts } from '../state/node';
import { select, selected } from '../state/selection';
import { server } from '../state/session';
import { side, viewport, type Viewport } from '../state/view';
import { watchVisited } from '../state/visited';
import { ModelPanel } from './ModelPanel';
import { NodePanel } from './NodePanel';

const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const goTo = vi.fn(async () => {});
let stop: () => void;
let serial = 800;

/** x -> Conv 10 -> Relu 11 -> Add 12 (twice), If 13 (by its body), and out of the graph. */
function shown(): ReturnType<typeof documentOf> {
  const nodes = [
    { id: -1, kind: 1, op: '', name: 'x' }, { id: 10, op: 'Conv', name: 'conv1' }, { id: 11, op: 'Relu', name: 'relu1' },
    { id: 12, op: 'Add', name: 'add1' }, { id: 13, op: 'If', name: 'if1' }, { id: -2, kind: 2, op: '', name: 'a' },
  ];
  const edges = [
    { from: 0, to: 1, tensor: 'x' }, { from: 1, to: 2, tensor: 'c' }, { from: 2, to: 3, tensor: 'a' }, { from: 2, to: 3, tensor: 'a', port: 1 },
    { from: 2, to: 4, tensor: 'a', port: 1 }, { from: 2, to: 5, tensor: 'a' },
  ];
  return documentOf(decodeColumns(encodeSample(nodes, edges)));
}

const port = (tensor: string, change: Partial<PortFacts> = {}): PortFacts => ({ name: 'X', tensor, dtype: 'float32', shape: '1×8', constant: false, value: null, weight: null, ...change });

function read(id: number, op: string, inputs: PortFacts[], outputs: PortFacts[]): void {
  select([id]);
  const known: Omit<NodeFacts, 'inputs' | 'outputs'> = {
    id, layer: op, title: op, path: '', graph: 'main', op, domain: '', category: 'layer', doc: '', attributes: [], weights: [], since: 1, function_graph: null,
  };
  facts.value = { ...known, inputs, outputs };
  render(<NodePanel />, root);
}

const ends = () => [...root.querySelectorAll<HTMLButtonElement>('.port-end button')];

beforeEach(() => {
  document.body.append(root);
  vi.stubGlobal('fetch', () => new Promise(() => {}));
  serial += 1;
  server.value = sampleState({ model: sampleModel({ serial }) });
  trail.value = ['main'];
  phase.value = 'ready';
  graph.value = { document: shown(), scene: {} } as typeof graph.value;
  viewport.value = { goTo } as unknown as Viewport;
  goTo.mockClear();
  select([]);
  side.value = 'node';
  stop = watchVisited();
});
afterEach(() => {
  stop();
  render(null, root);
  facts.value = null;
  graph.value = null;
  side.value = 'none';
});

it('tells whom an output goes to, each once, and leads there', async () => {
  read(11, 'Relu', [port('c')], [port('a', { name: 'Y' })]);
  expect(ends().map((one) => one.textContent)).toEqual(['Convconv1', 'Addadd1', 'Ifif1', 'outputa']);
  expect([...root.querySelectorAll('.port-end > .muted')].map((one) => one.textContent)).toEqual(['from', 'to', '', '']);
  ends()[1]!.click();
  await settled();
  expect([...selected.value]).toEqual([12]);
  expect(goTo).toHaveBeenLastCalledWith(3, true);
});

it('inputs of one name have numbers, and of very many only the first are made', async () => {
  const names = () => [...root.querySelectorAll('.port-name')].map((one) => one.textContent);
  read(12, 'Concat', Array.from({ length: 300 }, (_, at) => port(`t${at}`, { name: 'inputs' })), [port('c', { name: 'concat_result' })]);
  expect(names().slice(0, 3)).toEqual(['inputs[0]', 'inputs[1]', 'inputs[2]']);
  expect(names().at(-1)).toBe('concat_result');
  expect(names().filter((name) => name!.startsWith('inputs[')).length).toBe(49);
  expect(root.querySelectorAll('*').length).toBeLessThan(1000);
  [...root.querySelectorAll('button')].find((one) => one.textContent === 'and 251 more')!.click();
  await settled();
  expect(names()).toContain('inputs[299]');
});

it('the name of an input is a link to the one that makes it; Back returns', async () => {
  read(11, 'Relu', [port('c')], [port('a')]);
  expect(available(command('go.return'))).toBe(false);
  [...root.querySelectorAll<HTMLButtonElement>('.port-link')].find((one) => one.textContent === 'c')!.click();
  await settled();
  expect([...selected.value]).toEqual([10]);
  root.querySelector<HTMLButtonElement>('[aria-label="Back to where you were"]')!.click();
  await settled();
  expect([...selected.value]).toEqual([11]);
  await command('go.forth').run();
  expect([...selected.value]).toEqual([10]);
});

it('an input of the graph is brought into view; the operator stays the one that is read', async () => {
  read(10, 'Conv', [port('x'), port('', { dtype: '', shape: '' }), port('w', { constant: true })], [port('c')]);
  expect(root.querySelectorAll('.port-link')).toHaveLength(2);
  expect(root.textContent).toContain('left out');
  ends()[0]!.click();
  await settled();
  expect(goTo).toHaveBeenLastCalledWith(0);
  expect([...selected.value]).toEqual([10]);
  await command('go.return').run();
  expect(goTo).toHaveBeenLastCalledWith(1, true);
});

it('tells what the graphs inside an operator take from around it', () => {
  read(13, 'If', [port('cond')], []);
  expect(root.textContent).toContain('Taken from around it');
  expect(ends().map((one) => one.textContent)).toEqual(['Relurelu1']);
});

it('lists few of many consumers until all are asked for', async () => {
  const nodes = Array.from({ length: 21 }, (_, at) => ({ id: at, op: at === 0 ? 'Split' : 'Relu', name: `n${at}` }));
  const edges = nodes.slice(1).map((_, at) => ({ from: 0, to: at + 1, tensor: 's' }));
  graph.value = { document: documentOf(decodeColumns(encodeSample(nodes, edges))), scene: {} } as typeof graph.value;
  read(0, 'Split', [], [port('s')]);
  expect(ends()).toHaveLength(6);
  expect(ends().at(-1)!.textContent).toBe('and 15 more');
  ends().at(-1)!.click();
  await settled();
  expect(ends()).toHaveLength(20);
});

it('inputs and outputs of the model lead to their boxes in its graph', async () => {
  const value = (name: string) => ({ name, dtype: 'float32', shape: '1×8' });
  server.value = sampleState({ model: sampleModel({ serial, inputs: [value('x')], outputs: [value('a')] }) });
  render(<ModelPanel />, root);
  for (const [name, at] of [['x', 0], ['a', 5]] as const) {
    root.querySelector<HTMLButtonElement>(`[title="Show ${name} in the graph"]`)!.click();
    await settled();
    expect(goTo).toHaveBeenLastCalledWith(at);
  }
});
