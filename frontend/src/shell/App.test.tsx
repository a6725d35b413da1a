// The whole page against a fake server: what a user sees and clicks.
import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { PATIENT, sampleModel, sampleRow, sampleState, sampleSummary } from '../api/sample';
import type { NodeFacts, State, WeightRow } from '../api/schema';
import type { GraphDocument } from '../graph/document';
import { query } from '../state/search';
import { select, selected } from '../state/selection';
import { watchNode } from '../state/node';
import { takeState } from '../state/sync';
import { mergeRows } from '../state/weights';
import { toasts } from '../state/toasts';
import { hover } from '../state/hover';
import { dialog, dock, popup, side, zoom } from '../state/view';
import { App } from './App';
import { hook } from './hook';
import { loadParts } from './later';

const EVIL = '<img src=x onerror="window.hacked=1">';
const shown = vi.hoisted(() => ({ goTo: [] as number[], matches: null as ReadonlySet<number> | null, opened: null as ((index: number) => void) | null }));

vi.mock('../canvas/view', () => ({
  GraphView: class {
    constructor(_: unknown, host: { onOpen(index: number): void }) {
      shown.opened = (index) => host.onOpen(index);
    }
    setGraph() {}
    clear() {}
    look = { prepare() {} };
    setTiles() {}
    setSelection() {}
    setMatches(found: ReadonlySet<number> | null) {
      shown.matches = found;
    }
    setTheme() {}
    setWheel() {}
    setEdgeLabels() {}
    fit() {}
    panBy() {}
    zoomBy() {}
    setZoom() {}
    dispose() {}
    goTo(index: number) {
      shown.goTo.push(index);
      return Promise.resolve();
    }
    painted() {
      return Promise.resolve();
    }
  },
}));

const asked = vi.hoisted(() => ({ paths: [] as string[] }));

vi.mock('../graph/load', () => ({
  loadGraph: (path: string) => {
    asked.paths.push(path);
    const op = path === 'main' ? ['Conv', 'If', 'Gemm'] : ['Relu'];
    const document: Partial<GraphDocument> = {
      path, count: op.length, op, nodeId: Int32Array.from(op, (_, at) => (path === 'main' ? at : 7)), kind: new Uint8Array(op.length),
      name: path === 'main' ? ['conv1', 'cond', EVIL] : ['r'], note: op, subgraph: op.map((one) => (one === 'If' ? 'main#1.then_branch' : '')),
      edgeSource: new Uint32Array(0), edgeTarget: new Uint32Array(0), edgeTensor: [],
      category: op.map(() => 'layer'), layer: Uint8Array.from(op, (one) => (one === 'Conv' || one === 'Gemm' ? 1 : 0)),
      indexOf: new Map(path === 'main' ? [[0, 0], [1, 1], [2, 2]] : [[7, 0]]),
    };
    return Promise.resolve({ document, scene: {} });
  },
}));

const ROWS: WeightRow[] = [
  sampleRow(),
  sampleRow({ id: 1, node: 2, layer: EVIL, op: 'Gemm', tensor: EVIL, zeros: 0, sparsity: 0, format: 'dense', agrees: false,
    declared: { sparsity: 0.5, format: '2:4', source: 'attribute', invalid: null }, disagreements: ['12 groups violate 2:4.'] }),
];
const FACTS: NodeFacts = {
  id: 2, layer: EVIL, title: EVIL, path: 'main#2', graph: 'main', op: 'Gemm', domain: '', category: 'layer', doc: EVIL, weights: [1], since: 13, function_graph: null,
  attributes: [{ name: 'transB', type: 'INT', value: EVIL, graph: null }], outputs: [],
  inputs: [{ name: 'A', tensor: EVIL, dtype: 'float32', shape: '1×8', constant: false, value: null, weight: null }],
};

let serial = 100;
let stop: () => void;
const root = document.createElement('div');
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

async function show(change: Partial<State>): Promise<void> {
  takeState(sampleState(change));
  render(<App />, root);
  await settled();
}

const showModel = () => show({
  model: sampleModel({ serial: (serial += 1), graphs: [{ path: 'main', kind: 'main', name: 'g', nodes: 3, parent: null, holder: '' }, { path: 'main#1.then_branch', kind: 'subgraph', name: '', nodes: 1, parent: 1, holder: 'cond' }] }),
});

function press(key: string, held: Partial<KeyboardEventInit> = {}, target: EventTarget = document.body): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held }));
}

beforeAll(loadParts);
beforeEach(() => {
  document.body.append(root);
  side.value = 'none';
  dock.value = false;
  toasts.value = [];
  dialog.value = null;
  shown.goTo = [];
  stop = watchNode();
  vi.stubGlobal('fetch', async (path: string) => {
    if (path === '/api/weights?from=0') return Response.json({ revision: 0, next: null, rows: ROWS, summary: sampleSummary(ROWS) });
    if (path.startsWith('/api/node/')) return Response.json(FACTS);
    return Response.json({ path: 'main', ready: true, labels: {} });
  });
});
afterEach(() => {
  stop();
  render(null, root);
});

describe('without a model', () => {
  it('starts with a way to open one and the recent files', async () => {
    await show({ recent: [{ path: '/a/b.onnx', name: 'b.onnx', folder: '/a', bytes: 1000, sparsity: 0.5, opened: new Date().toISOString() }] });
    expect(root.textContent).toContain('Open an ONNX model');
    expect(root.querySelector('.recent')!.textContent).toContain('b.onnx');
    expect(hook.state).toBe('ready');
    press('o', { ctrlKey: true });
    expect(dialog.value?.kind).toBe('open');
  });
  it('tells a failed open on a calm page', async () => {
    await show({ problem: { message: 'It ends early.', hint: 'Copy it again.', code: 'truncated' } });
    expect(root.querySelector('[role="alert"]')!.textContent).toContain('It ends early.');
    expect(hook.state).toBe('error');
  });
});

describe('with a model', () => {
  it('shows totals and claims that do not hold, and no text of the model becomes markup', async () => {
    await showModel();
    expect(hook.state).toBe('ready');
    expect([hook.nodes, hook.analysed]).toEqual([3, true]);
    expect(root.querySelector('.overall')!.textContent!.replace(/\u00a0/g, ' ')).toContain('25.00 %');
    expect(root.querySelector('.status')!.textContent).toContain('1 claim does not hold');
    dock.value = true;
    hook.select([2]);
    await settled();
    expect(root.querySelector('.panel')!.textContent).toContain(EVIL);
    expect(root.querySelector('.grid')!.textContent).toContain(EVIL);
    expect(root.querySelectorAll('img').length).toBe(0);
    expect(root.querySelector('.note.alert')!.textContent).toContain('12 groups violate');
  });

  it('searches by keys: the list, then the node', async () => {
    await showModel();
    press('f', { ctrlKey: true });
    const box = root.querySelector<HTMLInputElement>('#search')!;
    expect(document.activeElement).toBe(box);
    box.value = 'op:Gemm';
    box.dispatchEvent(new Event('input', { bubbles: true }));
    await settled();
    expect([...shown.matches!]).toEqual([2]);
    expect(root.querySelectorAll('.hit').length).toBe(1);
    press('ArrowDown', {}, box);
    press('Enter', {}, box);
    await vi.waitFor(() => expect(shown.goTo).toEqual([2]), PATIENT);
    expect(side.value).toBe('node');
  });

  it('walks through the table from the layer that is selected in the graph', async () => {
    await showModel();
    hook.select([2]); // its claim is false: it stands first
    press('t');
    await vi.waitFor(() => expect(document.activeElement?.className).toBe('grid'), PATIENT);
    press('ArrowDown', {}, document.activeElement!);
    await vi.waitFor(() => expect(shown.goTo).toEqual([0]), PATIENT);
  });

  it('goes to a node for scripts and leaves the selection alone', async () => {
    await showModel();
    hook.select([0]);
    side.value = 'none';
    await hook.goTo(2);
    expect(shown.goTo).toEqual([2]);
    expect([...selected.value]).toEqual([0]);
    expect(side.value).toBe('none');
  });

  it('opens a body by double click and comes back with Backspace', async () => {
    await showModel();
    asked.paths = [];
    shown.opened!(1);
    await settled();
    expect(asked.paths).toEqual(['main#1.then_branch']);
    expect(root.querySelector('.crumbs .here')!.textContent).toBe('then_branch of cond');
    press('Backspace');
    await vi.waitFor(() => expect(asked.paths).toEqual(['main#1.then_branch', 'main']), PATIENT);
    await vi.waitFor(() => expect(shown.goTo).toEqual([1]), PATIENT);
  });

  it('keeps the open model when another open fails', async () => {
    await showModel();
    const open = sampleState({ model: sampleModel({ serial }), problem: { message: 'No such file.', hint: '', code: 'missing' } });
    takeState(open);
    takeState({ ...open });
    await settled();
    expect(root.querySelectorAll('.toast').length).toBe(1);
    expect(root.querySelector('.toast')!.textContent).toContain('No such file.');
    expect(hook.nodes).toBe(3);
  });

  it('offers pruning in the context menu of a layer only', async () => {
    await showModel();
    const labels = async () => {
      popup.value = { kind: 'context', x: 10, y: 10 };
      await settled();
      const found = [...root.querySelectorAll('.menu-label')].map((one) => one.textContent!.replace(/\u00a0/g, ' '));
      popup.value = null;
      return found;
    };
    select([0]);
    expect(await labels()).toEqual(['Prune to 2:4', 'Prune to 50 %', 'Prune…', 'Prune with data…', 'Show in table', 'Protect from pruning', 'Copy name']);
    select([1]);
    expect(await labels()).toEqual(['Open the body', 'Copy name']);
  });

  it('names the node under the pointer only where the picture is too small to', async () => {
    await showModel();
    zoom.value = 0.3;
    hover.value = { index: 0, x: 10, y: 10 };
    await settled();
    expect(root.querySelector('.tip')!.textContent!.replace(/\u00a0/g, ' ')).toContain('50.0 %');
    zoom.value = 1;
    await settled();
    expect(root.querySelector('.tip')).toBeNull();
  });

  it('says that the file protects layers, and shows it for as long as they are', async () => {
    await showModel();
    expect(root.querySelector('.toast')).toBeNull();
    expect(root.querySelector('.status')!.textContent).not.toContain('protected');
    takeState(sampleState({ model: sampleModel({ serial: (serial += 1), protected: 2 }) }));
    const text = '2 layers stay protected from pruning, as when this file was saved';
    await vi.waitFor(() => expect(root.querySelector('.toast')?.textContent).toContain(text), PATIENT);
    mergeRows([sampleRow({ protected: true })], sampleSummary([]));
    const lock = () => [...root.querySelectorAll<HTMLElement>('.status button')].find((one) => one.textContent!.includes('1 layer protected'));
    await vi.waitFor(() => expect(lock()).toBeDefined(), PATIENT);
    lock()!.click();
    expect([...selected.value]).toEqual([0]);
  });

  it('answers the automation hook with rows of the report', async () => {
    await showModel();
    expect(await hook.search('sparsity>=50%')).toEqual([0]);
    expect(await hook.search('declared:wrong')).toEqual([2]);
    expect(query.value).toBe('declared:wrong');
    await hook.goTo(0);
    expect(shown.goTo).toEqual([0]);
    const row = hook.layer(0)!;
    expect(row).toMatchObject({ layer: 'conv1', zeros: 144, bytes: {}, runtimes: {} });
    for (const key of ['id', 'node', 'measured', 'edited', 'problem']) expect(row).not.toHaveProperty(key);
    expect(hook.layer(99)).toBeNull();
  });
});
