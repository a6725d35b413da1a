"""Sends events to every open page: one queue per page, one JSON object per event."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

# Each page holds one of the server's 12 threads; older streams are those of closed pages.
MAX_PAGES = 6
HEARTBEAT = 15.0  # seconds of silence after which a comment keeps the connection alive


class Broadcast:
    """Fans events out; a page that cannot keep up is dropped and reconnects by itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: list[queue.Queue[bytes | None]] = []

    @property
    def pages(self) -> int:
        return len(self._pages)

    def send(self, event: Any) -> None:
        """Encode once and queue for every page. event: a tagged struct or a dict with `type`."""
        data = msgspec.json.encode(event)
        with self._lock:
            for page in tuple(self._pages):
                try:
                    page.put_nowait(data)
                except queue.Full:
                    self._drop(page)

    def close(self) -> None:
        """End every stream."""
        with self._lock:
            for page in tuple(self._pages):
                self._drop(page)

    def stream(self, first: Callable[[], Any], gone: Callable[[], bool]) -> Iterator[bytes]:
        """The body of one page's event stream, beginning with the event that `first` makes.

        gone : says whether the page has disconnected; asked once a second, because writing to
        a closed page is otherwise the only way to learn it, and would hold the thread.
        """
        page: queue.Queue[bytes | None] = queue.Queue(maxsize=4096)
        with self._lock:
            if len(self._pages) >= MAX_PAGES:
                self._drop(self._pages[0])
            self._pages.append(page)
        try:
            # Queued before `first` is made: an event between the two is told twice, never lost.
            yield b"retry: 500\n\ndata: " + msgspec.json.encode(first()) + b"\n\n"
            silent = 0.0
            while True:
                try:
                    data = page.get(timeout=1.0)
                except queue.Empty:
                    if gone():
                        return
                    silent += 1.0
                    if silent >= HEARTBEAT:
                        silent = 0.0
                        yield b": still here\n\n"
                    continue
                if data is None:
                    return
                silent = 0.0
                yield b"data: " + data + b"\n\n"
        finally:
            with self._lock:
                if page in self._pages:
                    self._pages.remove(page)

    def _drop(self, page: queue.Queue[bytes | None]) -> None:
        self._pages.remove(page)
        while page.full():
            page.get_nowait()
        page.put_nowait(None)
