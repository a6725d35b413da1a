// The worker that is sent before the page's script runs: joined, called back, or taken as it is.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { send, sendAhead, warmUp } from './errand';

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
  const text = document.createElement('script');
  text.id = 'worker';
  text.type = 'text/plain';
  text.textContent = 'self.close()';
  document.body.append(text);
});

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
  delete window.sparseviewAhead;
});

it('joins the errand that was sent ahead for the same graph', async () => {
  sendAhead('main', { direction: 'down', lines: ['names'] }, 'AAAA');
  const errand = send('main', { direction: 'down', lines: ['names'] });
  expect(workers).toHaveLength(1);
  expect(workers[0]!.orders).toEqual([{ direction: 'down', columns: 'AAAA', url: expect.stringContaining('/api/graph?path=main&rows=names') }]);
  const answer = { ok: false, message: 'm', hint: '', code: 'c' };
  workers[0]!.dispatchEvent(new MessageEvent('message', { data: answer }));
  await expect(errand.answer).resolves.toEqual(answer);
  expect(workers[0]!.ended).toBe(true);
});

it('calls back what was sent ahead for another graph, and takes its columns for no other', () => {
  sendAhead('main', { direction: 'down' }, 'AAAA');
  send('main', { direction: 'right' });
  expect(workers.map((one) => one.ended)).toEqual([true, false]);
  expect(workers[1]!.orders).toEqual([{ direction: 'right', url: expect.stringContaining('/api/graph?path=main') }]);
  send('main', { direction: 'down' });
  expect(workers).toHaveLength(3);
});

it('takes the worker that was started ahead, once', () => {
  warmUp();
  send('main', {});
  expect(workers).toHaveLength(1);
  send('main', {});
  expect(workers).toHaveLength(2);
});

it('starts workers from the script in the page, read once', () => {
  sendAhead('main', {}, '');
  send('other', {});
  const [first, second] = workers.map((one) => String(one.script));
  expect(first).toMatch(/^blob:/);
  expect(second).toBe(first);
});
