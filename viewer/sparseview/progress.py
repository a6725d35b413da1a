"""How long work tells where it is, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable


class Cancelled(Exception):
    """The user stopped the work; whatever it had begun is dropped, nothing is half done."""


class Progress:
    """Receives steps of a long task and passes a cancellation on to it.

    Parameters
    ----------
    report : called with (done, total, label) at each step; counts are in units of the task.
    """

    def __init__(self, report: Callable[[int, int, str], None] | None = None) -> None:
        self._report = report
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the task to stop at its next step; callable from any thread."""
        self._cancelled = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def check(self) -> None:
        """Raise Cancelled once `cancel` was called."""
        if self._cancelled:
            raise Cancelled

    def step(self, done: int, total: int, label: str = "") -> None:
        """Say that `done` of `total` is finished; raises Cancelled once `cancel` was called."""
        self.check()
        if self._report is not None:
            self._report(done, total, label)


SILENT = Progress()
