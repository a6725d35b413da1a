"""Work on all cores: several pieces side by side, each with linear algebra of one thread.

OpenBLAS's own threads wait for each other by spinning: on small matrices, or on a machine that has
other work too, that takes ten times longer than one thread takes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class SideBySide:
    """Does something for each of many, on all cores, while the block runs. What an exception (a
    cancellation too) leaves waiting is dropped; no thread is left."""

    def __enter__(self) -> SideBySide:
        self._pool = ThreadPoolExecutor(cores(), "sparseview")
        self._limits = threadpool_limits(1, user_api="blas")
        return self

    def each(self, work: Callable[[T], object], items: Iterable[T]) -> Iterator[object]:
        """The results, in order; an exception in one is raised here."""
        return self._pool.map(work, items)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._limits.restore_original_limits()
