// Runs before the page's own script: reads the state in the document, sends the worker for its graph.
import type { State } from './api/schema';
import { sendAhead, warmUp, wishesOf } from './graph/errand';

/** What the server wrote into the page; null where it wrote nothing that can be read. */
function written(): State | null {
  const text = document.getElementById('state')?.textContent ?? '';
  if (text === '') return null;
  return JSON.parse(text) as State;
}

/** The state as of the page's making: the stream of events, which comes later, tells it again. */
export const first = written();

if (first?.model) sendAhead('main', wishesOf(first.settings));
else warmUp();
