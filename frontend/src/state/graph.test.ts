// Which graph is shown: of several loads the last one, and nothing of a graph that is left.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { currentDocument, currentPath, edgeLabels, forgetGraph, graph, graphProblem, loadLabels, phase, showGraph, trail, type LoadedGraph } from './graph';

interface Asked {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly resolve: (loaded: LoadedGraph) => void;
  readonly reject: (error: unknown) => void;
}
const asked = vi.hoisted(() => [] as Asked[]);
vi.mock('../graph/load', () => ({
  loadGraph: (path: string, signal: AbortSignal) => new Promise((resolve, reject) => asked.push({ path, signal, resolve, reject })),
}));

const loaded = (path: string): LoadedGraph => ({ document: { path }, scene: {} }) as unknown as LoadedGraph;
const body = ['main', 'main#3.body'];

beforeEach(() => {
  asked.length = 0;
  forgetGraph();
});
afterEach(() => vi.unstubAllGlobals());

it('shows the graph that was asked for last, however late another one comes', async () => {
  const first = showGraph(['main']);
  const second = showGraph(body);
  expect(asked.map(({ path, signal }) => [path, signal.aborted])).toEqual([['main', true], ['main#3.body', false]]);
  asked[1]!.resolve(loaded('main#3.body'));
  await second;
  // One that had been laid out already when it was given up.
  asked[0]!.resolve(loaded('main'));
  await first;
  expect([currentDocument()?.path, currentPath(), trail.value]).toEqual(['main#3.body', 'main#3.body', body]);
});

it('tells a failure, but not that of a load which was given up', async () => {
  const first = showGraph(['main']);
  const second = showGraph(body);
  asked[0]!.reject(new DOMException('given up', 'AbortError'));
  await first;
  expect([phase.value, graphProblem.value]).toEqual(['loading', null]);
  asked[1]!.reject(new Error('The graph data is cut off in its header.'));
  await second;
  expect([phase.value, graphProblem.value?.code, graphProblem.value?.hint]).toEqual(['error', 'graph', 'The graph data is cut off in its header.']);
  void showGraph(['main']);
  expect([phase.value, graphProblem.value]).toEqual(['loading', null]);
});

it('leaves everything with the model: what loads, where one was, what was wrong', async () => {
  const lost = showGraph(body);
  asked[0]!.reject(new Error('no'));
  await lost;
  void showGraph(body);
  forgetGraph();
  expect(asked[1]!.signal.aborted).toBe(true);
  expect([graph.value, graphProblem.value, trail.value]).toEqual([null, null, ['main']]);
});

it('has shapes of the graph that is shown only', async () => {
  let answer: (response: Response) => void = () => {};
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => { answer = resolve; }));
  const told = async (labels: Record<string, string>, meanwhile: () => void = () => {}): Promise<void> => {
    const waiting = loadLabels();
    meanwhile();
    answer(Response.json({ labels }));
    await waiting;
  };
  void showGraph(['main']);
  await told({ x: '1×8' });
  expect(edgeLabels.value).toEqual({ x: '1×8' });
  await told({});
  expect(edgeLabels.value).toEqual({ x: '1×8' });
  void showGraph(body);
  expect(edgeLabels.value).toBeNull();
  await told({ y: '2' }, () => void showGraph(['main']));
  expect(edgeLabels.value).toBeNull();
});
