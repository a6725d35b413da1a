// The state that the server wrote into the page: known before any request.
import type { State } from './schema';

/** Null where the server wrote nothing; the stream of events, which comes later, tells it again. */
export function written(): State | null {
  const text = document.getElementById('state')?.textContent ?? '';
  return text === '' ? null : (JSON.parse(text) as State);
}
