"""A long task with progress and cancel, run in a thread of its own."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Literal

import msgspec

from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled, Progress

JobState = Literal["running", "done", "cancelled", "failed"]

_ids = itertools.count(1)


class JobFacts(msgspec.Struct, frozen=True):
    """Where a job is; counts are in units of the task (weights, bytes). step: what it does now."""

    id: int
    label: str
    done: int
    total: int
    state: JobState
    step: str = ""


class Job:
    """One long task. It starts at once, in a daemon thread, and ends in exactly one final state.

    Parameters
    ----------
    label : what it does, for the status line.
    work : the task; steps its Progress, and raises Cancelled when told to stop.
    notify : called after each step and once at the end, in the job's thread.

    `error` holds what a failed task raised: a SparseviewError as it was, anything else wrapped
    in one that names the task, with the original as its cause.
    """

    def __init__(
        self,
        label: str,
        work: Callable[[Progress], None],
        notify: Callable[[Job], None] | None = None,
    ) -> None:
        self.id = next(_ids)
        self.label = label
        self.done = 0
        self.total = 0
        self.step = ""
        self.state: JobState = "running"
        self.error: SparseviewError | None = None
        self._work = work
        self._notify = notify
        self._progress = Progress(self._step)
        self._thread = threading.Thread(target=self._run, name=f"job {label}", daemon=True)
        self._thread.start()

    @property
    def facts(self) -> JobFacts:
        return JobFacts(self.id, self.label, self.done, self.total, self.state, self.step)

    def cancel(self) -> None:
        """Ask the task to stop at its next step; a job that has ended is left as it is."""
        self._progress.cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended, at most `timeout` seconds; True if it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _step(self, done: int, total: int, label: str) -> None:
        self.done, self.total, self.step = done, total, label
        self._tell()

    def _tell(self) -> None:
        if self._notify is not None:
            self._notify(self)

    def _run(self) -> None:
        try:
            self._work(self._progress)
            self.state = "done"
        except Cancelled:
            self.state = "cancelled"
        except SparseviewError as error:
            self.error = error
            self.state = "failed"
        except Exception as error:  # noqa: BLE001
            # A thread has nobody above it: what it raises must reach the page through the job.
            wrapped = SparseviewError(f"{self.label} failed: {error}", code="internal")
            wrapped.__cause__ = error
            self.error = wrapped
            self.state = "failed"
        self._tell()
