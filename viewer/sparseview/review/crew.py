"""Threads and processes that measure weights side by side, the most wanted first."""

from __future__ import annotations

import math
import os
import queue
import sys
import threading
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.model.weights import Weight
from sparseview.progress import Cancelled
from sparseview.review.assistant import Assistant
from sparseview.review.measuring import Measurer
from sparseview.sparsity.analysis import Measurement

MOST_THREADS = 8
# Bytes from which on processes help: they have to save more time than they take to start.
LARGE = 200 << 20
NICENESS = 5
# Seconds between two looks at whether to stop, while nothing comes in.
PATIENCE = 0.05


class Result(NamedTuple):
    """One weight, measured on `model`; `found` is None where it was known already, or where
    `problem` says why it cannot be measured."""

    weight: Weight
    model: Model
    found: Measurement | None
    problem: str | None


class Crew:
    """Measures weights in some threads; `results` yields what comes in.

    Where there is much to read, all threads but one have a process count for them.

    It yields None now and then while there is nothing, so that whoever iterates can stop; closing
    it stops the threads within milliseconds, in the middle of a weight.

    Parameters
    ----------
    weights : in the order wanted, the uses of one tensor together.
    snapshot : the model to measure the next weight on.
    known : whether a weight need not be measured any more.
    wanted : ids of weights that come first, as of now; asked before each tensor.
    threads : how many; None: one for each processor, up to MOST_THREADS.
    """

    def __init__(
        self,
        weights: Sequence[Weight],
        snapshot: Callable[[], Model],
        known: Callable[[int], bool],
        wanted: Callable[[], Collection[int]],
        threads: int | None = None,
    ) -> None:
        self._snapshot, self._known, self._wanted = snapshot, known, wanted
        shared = groupby(weights, key=lambda weight: weight.constant.key)
        groups = [list(group) for _, group in shared]
        self._todo: dict[int, list[Weight]] = dict(enumerate(groups))
        self._group_of = {w.id: i for i, group in self._todo.items() for w in group}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._results: queue.SimpleQueue[Result | BaseException | None] = queue.SimpleQueue()
        self._threads = min(threads or processors(), len(groups))
        helped = self._threads - 1 if sum(map(_bytes, groups)) >= LARGE else 0
        self._assistants = [Assistant() for _ in range(helped)]

    def results(self) -> Generator[Result | None]:
        """Measure; to be iterated once."""
        alone = self._threads - len(self._assistants)
        workers = [
            threading.Thread(target=self._work, args=(assistant,), name=f"measure {i}", daemon=True)
            for i, assistant in enumerate((*[None] * alone, *self._assistants))
        ]
        for worker in workers:
            worker.start()
        try:
            working = len(workers)
            while working:
                try:
                    result = self._results.get(timeout=PATIENCE)
                except queue.Empty:
                    yield None
                    continue
                if isinstance(result, BaseException):
                    raise result
                if result is None:
                    working -= 1
                else:
                    yield result
        finally:
            self._stop.set()
            for assistant in self._assistants:
                assistant.stop()
            for worker in workers:
                worker.join(1)

    def _work(self, assistant: Assistant | None) -> None:
        give_way()
        measurer = Measurer(None if assistant is None else assistant.count)
        try:
            if assistant is not None:
                assistant.start()
            while (group := self._next()) is not None:
                for weight in group:
                    self._check()
                    self._results.put(self._measure(measurer, weight))
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001
            # A thread has nobody above it: whoever iterates has to hear of it.
            self._results.put(error)
        finally:
            if assistant is not None:
                assistant.close()
        self._results.put(None)

    def _measure(self, measurer: Measurer, weight: Weight) -> Result:
        model = self._snapshot()
        if self._known(weight.id):
            return Result(weight, model, None, None)
        try:
            return Result(weight, model, measurer.measure(model, weight, self._check), None)
        except SparseviewError as error:
            return Result(weight, model, None, str(error))

    def _next(self) -> list[Weight] | None:
        with self._lock:
            for weight_id in self._wanted():
                group = self._group_of.get(weight_id)
                if group in self._todo:
                    return self._todo.pop(group)
            first = next(iter(self._todo), None)
            return None if first is None else self._todo.pop(first)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled


def _bytes(group: Sequence[Weight]) -> int:
    """Of a tensor, however many uses it has."""
    constant = group[0].constant
    return math.prod(constant.shape) * storage(constant.dtype).bits // 8


def give_way() -> None:
    """Let others go first where processors are few: above all who draws the page."""
    if sys.platform == "linux":  # elsewhere a thread has no niceness of its own
        # Not allowed everywhere, as in some containers; then all are equal.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def processors() -> int:
    """How many this process may use, up to MOST_THREADS."""
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # not told on every system
        available = os.cpu_count() or 1
    return min(available, MOST_THREADS)
