// The first graph, begun before the page's script runs: joined, called back, or taken as it is.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { orderOf, send, wishesOf } from './errand';
import { beginFirst, warmUp } from './first';
import { encodeSample } from './sample';

const SCRIPT = 'self.close()';
/** More than is laid out on the page's own thread. */
const LARGE = 'AAAA'.repeat(100_000);

const workers: FakeWorker[] = [];

class FakeWorker extends EventTarget {
  orders: unknown[] = [];
  ended = false;

  constructor(readonly script: string | URL) {
    super();
    workers.push(this);
  }

  postMessage(order: unknown): void {
    this.orders.push(order);
  }

  terminate(): void {
    this.ended = true;
  }
}

beforeEach(() => {
  workers.length = 0;
  vi.stubGlobal('Worker', FakeWorker);
});

afterEach(() => {
  vi.unstubAllGlobals();
  delete window.sparseviewAhead;
});

it('joins the errand that was sent ahead for the same graph', async () => {
  beginFirst('main', { direction: 'down', lines: ['names'] }, LARGE, SCRIPT);
  const errand = send('main', { direction: 'down', lines: ['names'] });
  expect(workers).toHaveLength(1);
  expect(workers[0]!.orders).toEqual([{ direction: 'down', columns: LARGE, url: expect.stringContaining('/api/graph?path=main&rows=names') }]);
  const answer = { ok: false, message: 'm', hint: '', code: 'c' };
  workers[0]!.dispatchEvent(new MessageEvent('message', { data: answer }));
  await expect(errand.answer).resolves.toEqual(answer);
  expect(workers[0]!.ended).toBe(true);
});

it('calls back what was sent ahead for another graph, and takes its columns for no other', () => {
  beginFirst('main', { direction: 'down' }, LARGE, SCRIPT);
  send('main', { direction: 'right' });
  expect(workers.map((one) => one.ended)).toEqual([true, false]);
  expect(workers[1]!.orders).toEqual([{ direction: 'right', url: expect.stringContaining('/api/graph?path=main') }]);
  send('main', { direction: 'down' });
  expect(workers).toHaveLength(3);
});

it('takes the worker that was started ahead, once', () => {
  warmUp(SCRIPT);
  send('main', {});
  expect(workers).toHaveLength(1);
  send('main', {});
  expect(workers).toHaveLength(2);
});

it('starts workers from the script in the page, read once', () => {
  beginFirst('main', {}, '', SCRIPT);
  send('other', {});
  const [first, second] = workers.map((one) => String(one.script));
  expect(first).toMatch(/^blob:/);
  expect(second).toBe(first);
});

it('lays a small graph out at once, without a worker, and tells what is wrong with its data', async () => {
  const bytes = new Uint8Array(encodeSample([{ id: 1 }, { id: 2 }], [{ from: 0, to: 1 }]));
  beginFirst('main', { direction: 'down' }, btoa(String.fromCharCode(...bytes)), SCRIPT);
  const answer = await send('main', { direction: 'down' }).answer;
  expect(workers).toHaveLength(0);
  if (!answer.ok) throw new Error(answer.message);
  expect(new Uint8Array(answer.buffer)).toEqual(bytes);
  expect(answer.scene.y[1]).toBeGreaterThan(answer.scene.y[0]!);

  beginFirst('main', { direction: 'down' }, 'AAAA', SCRIPT);
  await expect(send('main', { direction: 'down' }).answer).rejects.toThrow('The graph data is empty.');
});

it('asks for a graph as the user wants it drawn: downwards by default, any path', () => {
  expect(wishesOf(undefined)).toEqual({ direction: 'down', lines: [] });
  const settings = { theme: 'light', wheel: 'scroll', direction: 'right', names: true, attributes: false, constants: true } as const;
  expect(wishesOf(settings)).toEqual({ direction: 'right', lines: ['names', 'constants'] });
  const { url, ...options } = orderOf('my.domain::F&G#3.body', { direction: 'right', lines: ['names', 'constants'] });
  const asked = new URL(url);
  expect([asked.pathname, asked.searchParams.get('path'), asked.searchParams.get('rows'), asked.hash, options]).toEqual(['/api/graph', 'my.domain::F&G#3.body', 'names,constants', '', { direction: 'right' }]);
});
