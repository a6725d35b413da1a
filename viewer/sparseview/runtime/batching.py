"""How many samples to run at once, so that what goes in, through and out stays small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.engine import Engine

MOST = 32  # samples: more is hardly faster
ENOUGH = 64 << 20  # bytes of what goes in, through and out
# What a picture grows to inside a network, held against its input; a guess.
INSIDE = 8


def fitting(engine: Engine, samples: Samples) -> int:
    """The size of a batch. Runs one sample, to see how large its outputs are, and two together:
    some models say that any number is fine, and are made for one."""
    if samples.fixed is not None:
        return samples.fixed
    feeds = samples.batch(next(samples.batches(1)))
    fed = sum(array.nbytes for array in feeds.values())
    given = sum(array.nbytes for array in engine.run(feeds).values())
    if not runs_all(engine.run, (samples.batch(at) for at in samples.several())):
        return 1
    return max(1, min(MOST, ENOUGH // max(INSIDE * fed + given, 1)))


def runs_all(
    run: Callable[[Mapping[str, NDArray[Any]]], object],
    batches: Iterable[Mapping[str, NDArray[Any]]],
) -> bool:
    """Whether the Runtime takes these batches."""
    try:
        for batch in batches:
            run(batch)
    except SparseviewError as error:
        if error.code != "runtime":
            raise
        return False
    return True
