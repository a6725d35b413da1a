// Moving about by commands: through hits and layers, into graphs inside and out again, and what Escape closes.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sampleModel, sampleRow, sampleState, sampleSummary } from '../api/sample';
import { INPUT, OPERATOR, OUTPUT } from '../graph/document';
import { graph, phase, trail, type LoadedGraph } from '../state/graph';
import { activeHit, hits, query, searching } from '../state/search';
import { select, selected } from '../state/selection';
import { server } from '../state/session';
import { dialog, side, viewport, type Viewport } from '../state/view';
import { ahead, behind, leave, watchVisited } from '../state/visited';
import { replaceRows } from '../state/weights';
import { available } from './command';
import { back, enterGraph, follow, goTo, openBody, showPort, step } from './go';
import { command } from './list';

/** By graph: node ids of what it holds. 30: an If with a body. 40 has weights in the body. */
const GRAPHS: Record<string, object> = {
  main: documentOf('main', [['x', INPUT, -1], ['y', INPUT, -1], ['a', OPERATOR, 10, true], ['b', OPERATOR, 20], ['c', OPERATOR, 30, true, 'main#30.then_branch'], ['d', OPERATOR, 35, true], ['x', OUTPUT, -2]]),
  'main#30.then_branch': documentOf('main#30.then_branch', [['e', OPERATOR, 40, true], ['f', OPERATOR, 41, false, 'main#30.then_branch#41.body']]),
  'main#30.then_branch#41.body': documentOf('main#30.then_branch#41.body', [['g', OPERATOR, 50]]),
  'fn::F': documentOf('fn::F', [['h', OPERATOR, 60]]),
  'fn::F#60.body': documentOf('fn::F#60.body', [['i', OPERATOR, 70]]),
};

function documentOf(path: string, nodes: [name: string, kind: number, id: number, layer?: boolean, subgraph?: string][]): object {
  return {
    path, count: nodes.length, name: nodes.map(([name]) => name), op: nodes.map(() => 'Op'), kind: Uint8Array.from(nodes, ([, kind]) => kind),
    nodeId: Int32Array.from(nodes, ([, , id]) => id), layer: Uint8Array.from(nodes, ([, , , layer]) => (layer === true ? 1 : 0)),
    subgraph: nodes.map(([, , , , subgraph]) => subgraph ?? ''), indexOf: new Map(nodes.flatMap(([, , id], at) => (id >= 0 ? [[id, at]] : []))),
  };
}

const asked = vi.hoisted(() => [] as string[]);
vi.mock('../graph/load', () => ({
  loadGraph: (path: string) => {
    asked.push(path);
    return Promise.resolve({ document: GRAPHS[path], scene: {} });
  },
}));

const goes = vi.fn(async (_at: number, _animated?: boolean) => {});
let stops: (() => void)[];
let serial = 500;

beforeEach(() => {
  vi.clearAllMocks();
  asked.length = 0;
  const list = [sampleRow({ node: 10, layer: 'a' }), sampleRow({ id: 1, node: 35, layer: 'd' }), sampleRow({ id: 2, node: 40, layer: 'e', graph: 'main#30.then_branch' })];
  replaceRows(list, sampleSummary(list));
  serial += 1;
  server.value = sampleState({ model: sampleModel({ serial }) });
  trail.value = ['main'];
  graph.value = { document: GRAPHS.main, scene: {} } as unknown as LoadedGraph;
  viewport.value = { goTo: goes } as unknown as Viewport;
  select([]);
  [side.value, query.value, searching.value, dialog.value, activeHit.value, phase.value] = ['node', '', false, null, -1, 'ready'];
  // The page paints a graph that has come.
  stops = [graph.subscribe(() => queueMicrotask(() => (phase.value = 'ready'))), watchVisited()];
});
afterEach(() => stops.forEach((stop) => stop()));

const shown = () => graph.value?.document.path;

describe('hits', () => {
  it('are gone through one after the other, also into other graphs and back, and none is left out', async () => {
    query.value = 'op:Conv';
    const forth: (number | undefined)[] = [];
    for (let go = 0; go < 7; go++) {
      await command('go.next-hit').run();
      expect(hits.value[activeHit.value]?.node).toBe([...selected.value][0]);
      forth.push([...selected.value][0]);
      if (forth.at(-1) === 40) expect([shown(), trail.value]).toEqual(['main#30.then_branch', ['main', 'main#30.then_branch']]);
      else expect(shown()).toBe('main');
    }
    expect(forth).toEqual([10, 35, 40, 10, 35, 40, 10]);
    const again: (number | undefined)[] = [];
    for (let go = 0; go < 2; go++) {
      await command('go.previous-hit').run();
      again.push([...selected.value][0]);
    }
    expect(again).toEqual([40, 35]);
    query.value = 'no such layer';
    expect(available(command('go.next-hit'))).toBe(false);
  });

  it('are not taken for those of another query that is typed meanwhile', async () => {
    query.value = 'op:Conv';
    const going = command('go.next-hit').run();
    expect(activeHit.value).toBe(0);
    query.value = 'd';
    activeHit.value = -1;
    await going;
    expect(activeHit.value).toBe(-1);
  });

  it('go round at both ends', async () => {
    query.value = 'op:Op';
    expect(hits.value.map((hit) => hit.node)).toEqual([20, 30]);
    const order: number[] = [];
    for (const id of ['previous', 'next', 'next', 'previous']) {
      await command(`go.${id}-hit`).run();
      order.push(activeHit.value);
    }
    // Before any was chosen the one before is the last.
    expect(order).toEqual([1, 0, 1, 0]);
    await command('go.previous-hit').run();
    await command('go.next-hit').run();
    expect(activeHit.value).toBe(0);
  });
});

describe('a node', () => {
  it('is selected and brought into view, with the panel that tells about it', async () => {
    side.value = 'none';
    await goTo(20);
    expect([[...selected.value], side.value, goes.mock.calls]).toEqual([[20], 'node', [[3, true]]]);
    side.value = 'prune';
    await goTo(10, undefined, false);
    expect([side.value, goes.mock.lastCall]).toEqual(['prune', [2, false]]);
    await goTo(999);
    expect([...selected.value]).toEqual([10]);
  });

  it('is looked for in the graph where it lives, which is not loaded again when it is there', async () => {
    await goTo(40);
    expect([shown(), asked, goes.mock.lastCall]).toEqual(['main#30.then_branch', ['main#30.then_branch'], [0, true]]);
    await goTo(41, 'main');
    expect(asked).toHaveLength(1);
    await goTo(10, 'main');
    expect([shown(), trail.value]).toEqual(['main', ['main']]);
  });

  it('before or after the one that is read is the next layer, or the next operator where none is', async () => {
    const walk = async (by: 1 | -1, times = 1): Promise<number | undefined> => {
      for (let go = 0; go < times; go++) {
        step(by);
        await new Promise((done) => setTimeout(done));
      }
      return [...selected.value].at(-1);
    };
    expect(await walk(1)).toBe(10);
    expect(await walk(1)).toBe(30);
    expect(await walk(1)).toBe(35);
    expect(await walk(1)).toBe(35);
    expect(await walk(-1, 3)).toBe(10);
    // From an operator without weights to the operators beside it, never to an input or output.
    select([20]);
    expect(await walk(1)).toBe(30);
    select([20]);
    expect(await walk(-1)).toBe(10);
    expect(await walk(-1)).toBe(10);
    // The last one that was selected counts.
    select([35, 10]);
    expect(await walk(1)).toBe(30);
    // Where an operator without weights is the last one before the outputs, it is reached.
    graph.value = { document: documentOf('main', [['x', INPUT, -1], ['a', OPERATOR, 10], ['y', OUTPUT, -2], ['b', OPERATOR, 20]]), scene: {} } as unknown as LoadedGraph;
    select([10]);
    expect(await walk(1)).toBe(20);
  });

  it('at the end of a line is gone to; from an input one comes back', async () => {
    await follow({ at: 3, kind: 'operator' } as Parameters<typeof follow>[0]);
    expect([[...selected.value], behind.value]).toEqual([[20], []]);
    await follow({ at: 0, kind: 'input' } as Parameters<typeof follow>[0]);
    expect([[...selected.value], goes.mock.lastCall?.[0], behind.value.map((one) => one.node)]).toEqual([[20], 0, [20]]);
  });
});

it('an input and an output may have one name', async () => {
  select([10]);
  await showPort('x', OUTPUT);
  await showPort('x', INPUT);
  await showPort('z', INPUT);
  expect(goes.mock.calls.map(([at]) => at)).toEqual([6, 0]);
  expect(behind.value.map((one) => one.node)).toEqual([10, 10]);
});

describe('graphs inside', () => {
  it('are entered one after the other, and left to where they were entered', async () => {
    side.value = 'node';
    select([30]);
    expect(available(command('go.into'))).toBe(true);
    await command('go.into').run();
    expect([selected.value.size, side.value]).toEqual([0, 'none']);
    await vi.waitFor(() => expect(shown()).toBe('main#30.then_branch'));
    expect(openBody(0)).toBe(false);
    expect(openBody(1)).toBe(true);
    await vi.waitFor(() => expect(shown()).toBe('main#30.then_branch#41.body'));
    expect(trail.value).toEqual(['main', 'main#30.then_branch', 'main#30.then_branch#41.body']);
    await back();
    expect([shown(), [...selected.value]]).toEqual(['main#30.then_branch', [41]]);
    await back();
    expect([shown(), [...selected.value], trail.value]).toEqual(['main', [30], ['main']]);
    const before = asked.length;
    await back();
    expect(asked).toHaveLength(before);
    expect(available(command('go.back'))).toBe(false);
  });

  it('are found from anywhere: back along the way, or by the way from the main graph', async () => {
    await enterGraph('main#30.then_branch');
    await enterGraph('main#30.then_branch#41.body');
    await enterGraph('main#30.then_branch#41.body');
    expect(asked).toEqual(['main#30.then_branch', 'main#30.then_branch#41.body']);
    await enterGraph('main#30.then_branch');
    expect(trail.value).toEqual(['main', 'main#30.then_branch']);
    await enterGraph('fn::F');
    expect(trail.value).toEqual(['main', 'main#30.then_branch', 'fn::F']);
    await enterGraph('fn::F#60.body');
    await enterGraph('fn::F');
    expect(trail.value).toEqual(['main', 'main#30.then_branch', 'fn::F']);
    await enterGraph('main#30.then_branch#41.body');
    expect(trail.value).toEqual(['main', 'main#30.then_branch', 'main#30.then_branch#41.body']);
    await enterGraph('main');
    expect(trail.value).toEqual(['main']);
  });

  it('are opened only from one selected node that has one', () => {
    for (const ids of [[], [10], [30, 10]]) {
      select(ids);
      expect(available(command('go.into'))).toBe(false);
    }
  });
});

it('goes back to what was read, in its graph, and forth again', async () => {
  await goTo(10);
  await goTo(40);
  expect(available(command('go.return'))).toBe(true);
  await command('go.return').run();
  expect([shown(), [...selected.value]]).toEqual(['main', [10]]);
  expect([available(command('go.return')), ahead.value.length]).toEqual([false, 1]);
  await command('go.forth').run();
  expect([shown(), [...selected.value]]).toEqual(['main#30.then_branch', [40]]);
  leave();
  expect(behind.value.length).toBeGreaterThan(0);
});

it('Escape closes one thing after the other, what lies on top first', () => {
  const escape = (): void => void command('go.close').run();
  select([10]);
  query.value = 'conv';
  searching.value = true;
  side.value = 'prune';
  const state = () => [searching.value, side.value, query.value, selected.value.size];
  escape();
  expect(state()).toEqual([false, 'prune', 'conv', 1]);
  escape();
  expect(state()).toEqual([false, 'node', 'conv', 1]);
  escape();
  expect(state()).toEqual([false, 'none', 'conv', 1]);
  escape();
  expect(state()).toEqual([false, 'none', '', 1]);
  escape();
  expect(state()).toEqual([false, 'none', '', 0]);
  side.value = 'prune';
  escape();
  expect(side.value).toBe('none');
  dialog.value = { kind: 'palette' };
  expect(available(command('go.close'))).toBe(false);
});
