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

    def part(self, done: int, total: int, label: str | None = None, steps: int = 1) -> Progress:
        """A Progress for what happens inside step `done` of `total`: its own steps move this one
        a little, and a cancellation of this one stops it.

        label : what is told instead of the labels of its own steps.
        steps : how many of the `total` it is.
        """
        return _Part(self, done, total, label, steps)


class _Part(Progress):
    """Steps inside one step of an outer Progress."""

    FINE = 1000

    def __init__(
        self, outer: Progress, done: int, total: int, label: str | None, steps: int
    ) -> None:
        super().__init__()
        self._outer, self._done, self._total, self._label = outer, done, total, label
        self._steps = steps

    @property
    def cancelled(self) -> bool:
        return self._cancelled or self._outer.cancelled

    def check(self) -> None:
        self._outer.check()
        super().check()

    def step(self, done: int, total: int, label: str = "") -> None:
        self.check()
        within = self.FINE * self._steps * done // max(total, 1)
        label = label if self._label is None else self._label
        self._outer.step(self._done * self.FINE + within, self._total * self.FINE, label)


SILENT = Progress()
