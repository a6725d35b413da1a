"""Gathers measurements and job steps, and sends them at most once each 100 ms, or less often.

A session tells of every weight; a model has thousands, and each event repaints the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sparseview.app.events import JobEvent, MeasuredEvent
from sparseview.app.server.broadcast import Broadcast
from sparseview.app.server.replies import problem_of
from sparseview.jobs import JobFacts
from sparseview.session import Session

PERIOD = 0.1  # seconds
LONGEST = 2.0  # seconds
SHARE = 10  # making events takes at most one part in so many of the time


class Pulse:
    """One daemon thread that sleeps until something is noted.

    running : tells the job that runs now. It is asked when an event is sent, not when a job moves:
        jobs move in several threads, and the one that speaks last need not know best.
    """

    def __init__(self, broadcast: Broadcast, running: Callable[[], JobFacts | None]) -> None:
        self._broadcast = broadcast
        self._running = running
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._session: Session | None = None
        self._weights: set[int] = set()
        self._job_moved = False
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def measured(self, session: Session, weights: list[int]) -> None:
        """Note weights whose measurement came in; those of a session left behind are dropped."""
        with self._lock:
            if self._session is not session:
                self._session = session
                self._weights.clear()
            self._weights.update(weights)
        self._wake.set()

    def job_moved(self) -> None:
        """Note that a job began, moved or ended."""
        with self._lock:
            self._job_moved = True
        self._wake.set()

    def forget(self) -> None:
        """Drop what was noted about the session: another model is open."""
        with self._lock:
            self._session = None
            self._weights.clear()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()

    def flush(self) -> None:
        """Send what has gathered."""
        with self._lock:
            session, weights = self._session, sorted(self._weights)
            moved = self._job_moved
            self._weights.clear()
            self._job_moved = False
        if session is not None and weights:
            rows = tuple(session.row(weight) for weight in weights)
            self._broadcast.send(MeasuredEvent(session.revision, rows, session.summary()))
        if moved:
            self._broadcast.send(JobEvent(self._running()))

    def _run(self) -> None:
        pause = PERIOD
        while not self._stopped.is_set():
            self._wake.wait()
            self._wake.clear()
            # The wait comes first, so that a burst makes one event and a stop is heard at once.
            if self._stopped.wait(pause):
                return
            began = time.perf_counter()
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - told on stderr; later events must come
                problem_of(error)
            pause = max(PERIOD, min(SHARE * (time.perf_counter() - began), LONGEST))
