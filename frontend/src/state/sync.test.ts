// Events from the server merge into the page's state, in whatever order they arrive.
import { beforeEach, expect, it, vi } from 'vitest';
import { sampleModel, sampleRow, sampleState, sampleSummary, unmeasured } from '../api/sample';
import { edgeLabels, phase } from './graph';
import { selected } from './selection';
import { job, model, problem } from './session';
import { receive, start, takeState } from './sync';
import { rows, summary } from './weights';

vi.mock('../graph/load', () => ({ loadGraph: async () => ({ document: {}, scene: {} }) }));

let answer: (value: Response) => void;

beforeEach(() => {
  takeState(sampleState());
  vi.stubGlobal('fetch', (path: string) => new Promise<Response>((resolve) => {
    if (path === '/api/weights?from=0') answer = resolve;
  }));
});

const pending = [unmeasured(), unmeasured({ id: 1, node: 1, layer: 'fc' })];
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('loads rows when another model is open, and forgets the selection', async () => {
  selected.value = new Set([4]);
  takeState(sampleState({ model: sampleModel({ serial: 10 }) }));
  await settled();
  expect(phase.value).toBe('loading');
  expect(selected.value.size).toBe(0);
  answer(Response.json({ revision: 0, next: null, rows: pending, summary: sampleSummary(pending) }));
  await settled();
  expect(rows.value.size).toBe(2);
  // The same opening told again (a save, a job) keeps everything.
  selected.value = new Set([1]);
  takeState(sampleState({ model: sampleModel({ serial: 10, path: '/models/other.onnx' }) }));
  expect(selected.value.size).toBe(1);
  expect(rows.value.size).toBe(2);
});

it('keeps measurements that arrive before the rows do', async () => {
  takeState(sampleState({ model: sampleModel({ serial: 11 }) }));
  await settled();
  const measured = sampleRow();
  receive({ type: 'measured', revision: 0, rows: [measured], summary: sampleSummary([measured]) });
  expect(rows.value.size).toBe(0);
  answer(Response.json({ revision: 0, next: null, rows: pending, summary: sampleSummary(pending) }));
  await settled();
  expect(rows.value.get(0)!.measured).toBe(true);
  expect(rows.value.get(1)!.measured).toBe(false);
});

it('drops early rows of an older revision', async () => {
  takeState(sampleState({ model: sampleModel({ serial: 12 }) }));
  await settled();
  receive({ type: 'measured', revision: 0, rows: [sampleRow()], summary: sampleSummary([]) });
  const edited = [sampleRow({ sparsity: 0.9, edited: true })];
  answer(Response.json({ revision: 1, next: null, rows: edited, summary: sampleSummary(edited) }));
  await settled();
  expect(rows.value.get(0)!.edited).toBe(true);
});

it('merges what changed, with its totals', async () => {
  takeState(sampleState({ model: sampleModel({ serial: 13 }) }));
  await settled();
  answer(Response.json({ revision: 0, next: null, rows: pending, summary: sampleSummary(pending) }));
  await settled();
  const changed = sampleRow({ edited: true });
  receive({ type: 'changed', revision: 1, weights: [0], rows: [changed], summary: sampleSummary([changed]) });
  expect(rows.value.get(0)).toEqual(changed);
  expect(summary.value!.zeros).toBe(144);
});

it('follows the job and a failed open', () => {
  receive({ type: 'job', job: { id: 1, label: 'Measuring', done: 1, total: 3, state: 'running', step: '' } });
  expect(job.value?.done).toBe(1);
  receive({ type: 'job', job: null });
  expect(job.value).toBeNull();
  takeState(sampleState({ problem: { message: 'No.', hint: '', code: 'missing' } }));
  expect(model.value).toBeNull();
  expect(problem.value?.code).toBe('missing');
  expect(phase.value).toBe('error');
});

it('is loading while the first model is on its way, and not before it failed', () => {
  const opening = { id: 1, label: 'Opening m.onnx', done: 0, total: 0, state: 'running' as const, step: '' };
  takeState(sampleState({ job: opening }));
  expect(phase.value).toBe('loading');
  takeState(sampleState({ job: opening, problem: { message: 'No.', hint: '', code: 'missing' } }));
  receive({ type: 'job', job: null });
  expect(phase.value).toBe('error');
});

/** A stream that is there when what is returned is called. */
function stream(): () => void {
  let open = (): void => {};
  vi.stubGlobal('EventSource', class extends EventTarget {
    constructor() {
      super();
      open = () => this.dispatchEvent(new Event('open'));
    }
  });
  return () => open();
}

it('asks for the rows when the stream is there, so that no measurement falls between the two', async () => {
  const open = stream();
  const fetched = vi.fn<(path: string) => Promise<Response>>(() => new Promise(() => {}));
  vi.stubGlobal('fetch', fetched);
  start(Promise.resolve());
  takeState(sampleState({ model: sampleModel({ serial: 15 }) }));
  await settled();
  const asked = (): boolean => fetched.mock.calls.some(([path]) => path === '/api/weights?from=0');
  expect(asked()).toBe(false);
  open();
  await settled();
  expect(asked()).toBe(true);
});

it('asks for the shapes again when the stream is there: that they were found may have been said before', async () => {
  const open = stream();
  vi.stubGlobal('fetch', async (path: string) => (path.startsWith('/api/labels')
    ? Response.json({ labels: { '0': 'n×16' } })
    : new Promise<Response>(() => {})));
  takeState(sampleState({ model: sampleModel({ serial: 16 }) }));
  await settled();
  phase.value = 'ready';
  start(Promise.resolve());
  await settled();
  expect(edgeLabels.value).toBeNull();
  open();
  await vi.waitFor(() => expect(edgeLabels.value).toEqual({ '0': 'n×16' }));
});
