"""Threads and processes that measure weights side by side, the most wanted first."""

from __future__ import annotations

import math
import os
import queue
import threading
from collections.abc import Callable, Collection, Generator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.model.weights import Weight
from sparseview.progress import Cancelled
from sparseview.review.assistant import Assistant
from sparseview.review.compressing import compress
from sparseview.review.giving_way import give_way
from sparseview.review.measuring import Measurer
from sparseview.sparsity.analysis import Measurement
from sparseview.sparsity.storages.gzip import Gzip

MOST_THREADS = 8
# Bytes from which on processes help: they have to save more time than they take to start.
LARGE = 200 << 20
# Bytes of a tensor up to which it may wait for a process that is at another one.
ASIDE = 64 << 20
# Seconds between two looks at whether to stop, while nothing comes in.
PATIENCE = 0.05


class Result(NamedTuple):
    """One weight, measured on `model`; `found` is None where it was known already, or where
    `problem` says why it cannot be measured. `packed`: in gzip, of the first use of a tensor."""

    weight: Weight
    model: Model
    found: Measurement | None
    problem: str | None
    packed: Gzip | None = None


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
    compressed : also estimate what each tensor takes in gzip.
    after : a thread that has a processor to itself; one of several begins when it has ended.
    """

    def __init__(
        self,
        weights: Sequence[Weight],
        snapshot: Callable[[], Model],
        known: Callable[[int], bool],
        wanted: Callable[[], Collection[int]],
        threads: int | None = None,
        compressed: bool = False,
        after: threading.Thread | None = None,
    ) -> None:
        self._compressed, self._after = compressed, after
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
            threading.Thread(target=self._work, args=(i, one), name=f"measure {i}", daemon=True)
            for i, one in enumerate((*[None] * alone, *self._assistants))
        ]
        for assistant in self._assistants:
            assistant.copy()  # before there are threads
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

    def _work(self, number: int, assistant: Assistant | None) -> None:
        give_way()
        measurer = Measurer(None if assistant is None else assistant.count)
        try:
            if assistant is not None:
                assistant.start()
            if self._after is not None and 0 < number == self._threads - 1:
                self._wait_for(self._after)
            group = self._next(assistant)
            while group is not None:
                following = self._next(assistant) if assistant and self._plenty() else None
                for weight in group:
                    self._check()
                    result = self._measure(measurer, weight)
                    if weight is group[0]:
                        result = self._pack(result)
                    self._results.put(result)
                group = following or self._next(assistant)
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001
            # A thread has nobody above it: whoever iterates has to hear of it.
            self._results.put(error)
        finally:
            if assistant is not None:
                assistant.close()
        self._results.put(None)

    def _wait_for(self, other: threading.Thread) -> None:
        """Return when it has ended, or there is nothing left to do."""
        while other.is_alive() and self._todo:
            self._check()
            other.join(PATIENCE)

    def _measure(self, measurer: Measurer, weight: Weight) -> Result:
        model = self._snapshot()
        if self._known(weight.id):
            return Result(weight, model, None, None)
        try:
            return Result(weight, model, measurer.measure(model, weight, self._check), None)
        except SparseviewError as error:
            return Result(weight, model, None, str(error))

    def _pack(self, result: Result) -> Result:
        if not self._compressed or result.found is None:
            return result
        try:
            return result._replace(packed=compress(result.model, result.weight, exact=False))
        except SparseviewError:
            return result  # whoever asks for it will hear why

    def _next(self, assistant: Assistant | None) -> list[Weight] | None:
        """What to do now; an assistant begins with it when it has done what it is at."""
        with self._lock:
            wanted = (self._group_of.get(weight_id) for weight_id in self._wanted())
            first = next((group for group in wanted if group in self._todo), None)
            if first is None:
                first = next(iter(self._todo), None)
            group = None if first is None else self._todo.pop(first)
        if group is not None and assistant is not None:
            assistant.expect(self._snapshot(), group[0])
        return group

    def _plenty(self) -> bool:
        """Whether one may be put aside for an assistant without anybody having nothing to do."""
        with self._lock:
            groups = list(islice(self._todo.values(), 4 * self._threads))
        return len(groups) == 4 * self._threads and _bytes(groups[0]) <= ASIDE

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled


def _bytes(group: Sequence[Weight]) -> int:
    """Of a tensor, however many uses it has."""
    constant = group[0].constant
    return math.prod(constant.shape) * storage(constant.dtype).bits // 8


def processors() -> int:
    """How many this process may use, up to MOST_THREADS."""
    try:
        available = len(os.sched_getaffinity(0))
    except AttributeError:  # not told on every system
        available = os.cpu_count() or 1
    return min(available, MOST_THREADS)
