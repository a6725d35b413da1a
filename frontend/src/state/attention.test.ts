// What is on screen and not measured yet is asked for once the camera stands still.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleRow, sampleState, sampleSummary, unmeasured } from '../api/sample';
import { decodeColumns } from '../graph/columns';
import { documentOf } from '../graph/document';
import { encodeSample } from '../graph/sample';
import { buildScene, openScene } from '../graph/scene';
import { watchAttention } from './attention';
import { visible } from './canvas';
import { graph, phase } from './graph';
import { server } from './session';
import { mergeRows, replaceRows } from './weights';

const chain = [0, 1, 2].map((id) => ({ op: 'Conv', name: `c${id}`, id, layer: true }));
const asked: unknown[] = [];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push([path, JSON.parse(String(init.body))]);
    return Response.json({});
  });
  const columns = decodeColumns(encodeSample(chain, [{ from: 0, to: 1 }, { from: 1, to: 2 }]));
  graph.value = { document: documentOf(columns), scene: openScene(buildScene(columns)) };
  const rows = [unmeasured({ id: 0, node: 0 }), sampleRow({ id: 1, node: 1 }), unmeasured({ id: 2, node: 2 })];
  replaceRows(rows, sampleSummary(rows));
  phase.value = 'ready';
  visible.value = null;
  stop = watchAttention();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

it('asks for the unmeasured layers in view, from the top, when the camera stands still', async () => {
  visible.value = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 };
  vi.advanceTimersByTime(100);
  visible.value = { x: -1e5, y: -1e5, width: 2e5, height: 2e5 };
  vi.advanceTimersByTime(100);
  const wishes = () => asked.filter((one) => (one as [string])[0] === '/api/visible');
  expect(wishes()).toEqual([]);
  // A measurement that comes in meanwhile does not put the wish off.
  const rows = [unmeasured({ id: 0, node: 0 })];
  mergeRows(rows, sampleSummary(rows));
  vi.advanceTimersByTime(100);
  expect(wishes()).toEqual([['/api/visible', { nodes: [0, 2] }]]);
});

it('asks for what lies inside the operators in view', () => {
  const columns = decodeColumns(encodeSample([{ id: 7, op: 'Loop', subgraph: 'main#7.body', within: [0, 1, 2] }], []));
  graph.value = { document: documentOf(columns), scene: openScene(buildScene(columns)) };
  visible.value = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 };
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual([['/api/visible', { nodes: [0, 2] }]]);
});

it('asks for nothing that is out of sight or measured', () => {
  const { scene } = graph.value!;
  visible.value = { x: scene.x[1]!, y: scene.y[1]!, width: 10, height: 10 };
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual([]);
});

it('tells that the picture moves, now and then, while there is a task that can wait', () => {
  const look = (x: number) => {
    visible.value = { x, y: 5e6, width: 10, height: 10 };
    vi.advanceTimersByTime(20);
  };
  const moves = (from: number) => {
    for (let x = from; x < from + 30; x += 1) look(x);
  };
  server.value = sampleState({ job: { id: 1, label: 'Measuring', state: 'running', done: 0, total: 9, step: '' } });
  look(0);
  vi.advanceTimersByTime(1000);
  expect(asked).toEqual([]);
  moves(1); // 600 ms
  expect(asked).toEqual(Array(3).fill(['/api/moving', {}]));
  server.value = sampleState({ job: null });
  vi.advanceTimersByTime(10_000);
  moves(100);
  expect(asked).toHaveLength(3);
  // A graph that has just come: a task may be about to begin.
  graph.value = { ...graph.value! };
  moves(200);
  expect(asked).toHaveLength(6);
  server.value = null;
});
