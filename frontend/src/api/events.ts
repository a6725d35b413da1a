// Listens to the server's event stream: one per page, it reconnects by itself.
import type { Event as ServerEvent } from './schema';

/** Calls back for each event; `connected` tells when the stream breaks and when it is there again. */
export function listen(onEvent: (event: ServerEvent) => void, connected: (there: boolean) => void): () => void {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => connected(true));
  source.addEventListener('error', () => connected(false));
  source.addEventListener('message', (message: MessageEvent<string>) => {
    onEvent(JSON.parse(message.data) as ServerEvent);
  });
  return () => source.close();
}
