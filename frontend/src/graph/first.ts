// The first graph: begun by the script in the page's head, before the page's own script is there.
import { newWorker, orderOf, run, type Errand, type LoadOptions } from './errand';
import { bytesOf, drawn } from './worker';

/**
 * A graph of at most so many characters of columns is laid out on the page's own thread, which has
 * nothing else to do yet: a worker would take longer to start than this takes.
 */
const MOST = 250_000;

/** Starts a worker while the page still waits to hear which model is open. */
export function warmUp(source: string): void {
  window.sparseviewAhead = { source, spare: newWorker(source) };
}

/**
 * Begins the graph that the page will ask for. columns: base64, '' where they did not come with the
 * page. source: the text of the worker's script.
 */
export function beginFirst(path: string, options: LoadOptions, columns: string, source: string): void {
  const order = orderOf(path, options);
  const errand = columns !== '' && columns.length <= MOST
    ? here(columns, options)
    : run(newWorker(source), columns === '' ? order : { ...order, columns });
  // Whoever takes the errand hears of its failure; one that nobody takes may fail in silence.
  errand.answer.catch(() => undefined);
  window.sparseviewAhead = { source, sent: { order: JSON.stringify(order), errand } };
}

function here(columns: string, options: LoadOptions): Errand {
  const answer = new Promise<ReturnType<typeof drawn>>((resolve) => resolve(drawn(bytesOf(columns), options)));
  return { answer, stop: () => undefined };
}
