"""A progress bar on stderr, on a terminal only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sparseview.progress import SILENT, Progress

WIDTH = 30  # characters
WAIT = 0.3  # seconds before the bar shows: quick work should not flicker
PERIOD = 0.05  # seconds between two pictures


class _Bar:
    def __init__(self) -> None:
        self._next = time.monotonic() + WAIT
        self._shown = False

    def draw(self, done: int, total: int, label: str) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PERIOD
        self._shown = True
        full = WIDTH * done // total if total else 0
        share = f"{100 * done // total} %" if total else ""
        bar = "━" * full + "─" * (WIDTH - full)
        sys.stderr.write(f"\r\x1b[K{label or 'Working'} {bar} {share}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A Progress that draws while the block runs; silent where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield SILENT
        return
    bar = _Bar()
    try:
        yield Progress(bar.draw)
    finally:
        bar.clear()
