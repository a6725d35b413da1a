// What comes of an errand: a graph, the reason why there is none, or nothing for who no longer waits.
import { beforeEach, expect, it, vi } from 'vitest';
import { decodeColumns } from './columns';
import { loadGraph } from './load';
import { encodeSample } from './sample';
import { buildScene } from './scene';
import type { WorkerAnswer } from './worker';

const sent = vi.hoisted(() => ({ asked: [] as unknown[], stopped: 0, resolve: (() => undefined) as (value: unknown) => void, reject: (() => undefined) as (error: Error) => void }));
vi.mock('./errand', () => ({
  send: (...order: unknown[]) => {
    sent.asked.push(order);
    const answer = new Promise((resolve, reject) => Object.assign(sent, { resolve, reject }));
    return { answer, stop: () => { sent.stopped += 1; } };
  },
}));

beforeEach(() => Object.assign(sent, { asked: [], stopped: 0 }));

it('gives the document and the scene of what has come', async () => {
  const buffer = encodeSample([{ id: 0, op: 'Conv' }, { id: 5, op: 'Relu' }], [{ from: 0, to: 1 }]);
  const waiting = loadGraph('main', new AbortController().signal, { direction: 'right' });
  sent.resolve({ ok: true, buffer, scene: buildScene(decodeColumns(buffer)) } satisfies WorkerAnswer);
  const { document, scene } = await waiting;
  expect([sent.asked, document.op, scene.count]).toEqual([[['main', { direction: 'right' }]], ['Conv', 'Relu'], 2]);
  // A model's first node has number 0.
  expect([...document.indexOf]).toEqual([[0, 0], [5, 1]]);
});

it('tells why there is none in the words of the server, or of the worker', async () => {
  let waiting = loadGraph('main', new AbortController().signal);
  sent.resolve({ ok: false, message: 'There is no graph main#9.', hint: 'Open it again.', code: 'missing' } satisfies WorkerAnswer);
  await expect(waiting).rejects.toMatchObject({ message: 'There is no graph main#9.', hint: 'Open it again.', code: 'missing' });
  waiting = loadGraph('main', new AbortController().signal);
  sent.reject(new Error('Out of memory'));
  await expect(waiting).rejects.toMatchObject({ message: 'Out of memory', code: 'graph' });
});

it('stops the errand of who gives up, and sends none for who has already', async () => {
  const control = new AbortController();
  const waiting = loadGraph('main', control.signal);
  control.abort();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  expect(sent.stopped).toBe(1);
  await expect(loadGraph('main', control.signal)).rejects.toMatchObject({ name: 'AbortError' });
  expect(sent.asked).toHaveLength(1);
});
