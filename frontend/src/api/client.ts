// Asks the server, over plain HTTP, and turns its refusals into one kind of error.
import type {
  Catalogue, ChosenPath, DialogRequest, Forms, Gzip, Labels, Listing, NodeFacts, Problem, Settings, State, Turned, Weights,
} from './schema';

/** A refusal told by the server (or the missing server): message, hint, code, and the HTTP status. */
export class ApiError extends Error {
  readonly hint: string;
  readonly code: string;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.message);
    this.hint = problem.hint;
    this.code = problem.code;
    this.status = status;
  }

  get problem(): Problem {
    return { message: this.message, hint: this.hint, code: this.code };
  }
}

const GONE: Problem = {
  message: 'Sparseview’s server does not answer.',
  hint: 'It was probably closed. Start it again from the command line.',
  code: 'gone',
};

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(GONE, 0);
  }
  if (answer.ok) return answer;
  const body: unknown = await answer.json().catch(() => null);
  const problem = isProblem(body)
    ? { message: body.message, hint: body.hint ?? '', code: body.code ?? 'error' }
    : { message: `The server answered ${answer.status}.`, hint: '', code: 'error' };
  throw new ApiError(problem, answer.status);
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  return (await (await answered(path, init)).json()) as T;
}

/** The bytes of a binary answer. */
export async function fetchBytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  return (await answered(path, signal ? { signal } : {})).arrayBuffer();
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal ? { signal } : {});
}

export function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  if (signal) init.signal = signal;
  return ask<T>(path, init);
}

/** Sends a file's bytes; the answer is JSON. */
export function sendBytes<T>(path: string, data: Blob, type: string): Promise<T> {
  return ask<T>(path, { method: 'POST', headers: { 'content-type': type }, body: data });
}

export const api = {
  state: () => get<State>('/api/state'),
  weights: (from: number) => get<Weights>(`/api/weights?from=${from}`),
  node: (id: number, signal?: AbortSignal) => get<NodeFacts>(`/api/node/${id}`, signal),
  catalogue: () => get<Catalogue>('/api/catalogue'),
  gzip: (weight: number, signal?: AbortSignal) => get<Gzip>(`/api/weight/${weight}/gzip`, signal),
  compress: (weight: number) => post<Gzip>(`/api/weight/${weight}/gzip`, {}),
  methods: () => get<Forms>('/api/methods'),
  labels: (path: string) => get<Labels>(`/api/labels?path=${encodeURIComponent(path)}`),
  files: (dir: string | null, kind: 'model' | 'recipe' | 'data' | 'tokenizer') => get<Listing>(`/api/files?kind=${kind}${dir === null ? '' : `&dir=${encodeURIComponent(dir)}`}`),
  open: (path: string, discard: boolean) => post<State>('/api/open', { path, discard }),
  openDialog: (kind: 'model' | 'recipe' | 'tokenizer') => post<ChosenPath>('/api/open-dialog', { kind }),
  demo: (discard: boolean) => post<State>('/api/demo', { discard }),
  close: (discard: boolean, window = false) => post<State>('/api/close', { discard, window }),
  visible: (nodes: readonly number[]) => post<unknown>('/api/visible', { nodes }),
  moving: () => post<unknown>('/api/moving', {}),
  undo: () => post<Turned>('/api/undo', {}),
  redo: () => post<Turned>('/api/redo', {}),
  saveDialog: (kind: NonNullable<DialogRequest['kind']>) => post<ChosenPath>('/api/save-dialog', { kind }),
  fullScreen: () => post<unknown>('/api/full-screen', {}),
  settings: (change: Partial<Settings>) => post<unknown>('/api/settings', change),
  cancel: (job: number) => post<unknown>('/api/cancel', { job }),
};
