// @vitest-environment node
// The worker at its end of the wire: what it fetches, hands over whole, and tells when it cannot.
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { encodeSample } from './sample';
import type { WorkerAnswer, WorkerOrder } from './worker';

let hear: (event: { data: WorkerOrder }) => void;
const posted = vi.fn<(answer: WorkerAnswer, transfer: ArrayBuffer[]) => void>();
const fetched = vi.fn<(url: string) => Promise<Response>>();

beforeAll(async () => {
  vi.stubGlobal('self', { addEventListener: (_: string, handle: typeof hear) => { hear = handle; }, postMessage: posted });
  vi.stubGlobal('fetch', fetched);
  await import('./worker');
});
beforeEach(() => vi.clearAllMocks());

const GRAPH = encodeSample([{ id: 1 }, { id: 2, layer: true }], [{ from: 0, to: 1 }]);

async function ask(order: Partial<WorkerOrder>): Promise<[WorkerAnswer, ArrayBuffer[]]> {
  hear({ data: { url: '/api/graph', ...order } });
  await vi.waitFor(() => expect(posted).toHaveBeenCalledOnce());
  return posted.mock.calls[0]!;
}

it('fetches a graph, lays it out as asked, and keeps nothing of it', async () => {
  fetched.mockResolvedValue(new Response(GRAPH.slice(0)));
  const [answer, transfer] = await ask({ direction: 'right' });
  expect(fetched.mock.calls[0]![0]).toBe('/api/graph');
  if (!answer.ok) throw new Error(answer.message);
  expect([answer.scene.direction, answer.scene.count]).toEqual(['right', 2]);
  const there = structuredClone(answer, { transfer });
  expect(new Uint8Array(there.buffer)).toEqual(new Uint8Array(GRAPH));
  expect([answer.buffer.byteLength, answer.scene.x.length, answer.scene.points.length, answer.scene.leaving.list.length]).toEqual([0, 0, 0, 0]);
});

it('takes columns that came along without a request', async () => {
  const [answer] = await ask({ columns: Buffer.from(GRAPH).toString('base64') });
  expect(answer.ok && new Uint8Array(answer.buffer)).toEqual(new Uint8Array(GRAPH));
  expect(fetched).not.toHaveBeenCalled();
});

it('tells what the server says is wrong, and that it says nothing', async () => {
  fetched.mockResolvedValue(Response.json({ message: 'No such graph.', hint: 'Look.', code: 'missing' }, { status: 404 }));
  expect(await ask({})).toEqual([{ ok: false, message: 'No such graph.', hint: 'Look.', code: 'missing' }, []]);
  posted.mockClear();
  fetched.mockResolvedValue(new Response('<html>', { status: 502 }));
  expect(await ask({})).toEqual([{ ok: false, message: 'The server answered 502 for the graph.', hint: '', code: 'http' }, []]);
  posted.mockClear();
  fetched.mockResolvedValue(new Response(GRAPH.slice(0, 20)));
  expect(await ask({})).toEqual([{ ok: false, message: expect.stringContaining('cut off'), hint: '', code: 'graph' }, []]);
});
