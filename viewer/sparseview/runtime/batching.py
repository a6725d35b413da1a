"""How many samples to run at once: what goes in, through and out stays small, and each sample gives
what it gives alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.runtime.data.samples import Samples
from sparseview.runtime.engine import Engine

Array = NDArray[Any]
MOST = 32  # samples: more is hardly faster
ENOUGH = 64 << 20  # bytes of what goes in, through and out
# What a picture grows to inside a network, held against its input; a guess.
INSIDE = 8
# How far outputs may be from those alone, held against their size: sums are rounded in another
# order, and where a model quantizes on the way, its scales are those of a whole batch.
SAME = 0.05
EQUAL = 1e-4  # likewise of one sample at two places of a batch


def fitting(engine: Engine, samples: Samples) -> int:
    """The size of a batch, as the model has fixed it or as memory allows.

    1 where two samples do not run together, or not side by side: some models say that any number is
    fine, and are made for one; of others the first axis is time, or counts nothing.
    """
    if samples.fixed is not None:
        return samples.fixed
    feeds = samples.batch(next(samples.batches(1)))
    fed = sum(array.nbytes for array in feeds.values())
    alone = engine.run(feeds)
    given = sum(array.nbytes for array in alone.values())
    most = min(MOST, ENOUGH // max(INSIDE * fed + given, 1))
    for pair in samples.several() if most > 1 else ():
        try:
            both = engine.run(samples.batch(pair))
        except SparseviewError as error:
            if error.code != "runtime":
                raise
            return 1
        each = [engine.run(samples.batch([at])) for at in pair]
        if not all(side_by_side(both[name], [one[name] for one in each], 0) for name in both):
            return 1
    return max(1, most)


def side_by_side(both: Array, each: Sequence[Array], axis: int | None = None) -> bool:
    """Whether what a run of several samples gives is what each of them gives alone, one after the
    other along an axis (None: any), or the same for all."""
    first, *others = each
    if any(one.shape != first.shape for one in others):
        return False
    if both.shape == first.shape:
        return all(_near(both, one, SAME) for one in each)
    axes = range(first.ndim) if axis is None else [axis] if first.ndim else []
    return any(
        both.shape == (*first.shape[:a], len(each) * first.shape[a], *first.shape[a + 1 :])
        and _near(both, np.concatenate(each, axis=a), SAME)
        for a in axes
    )


def _near(one: Array, other: Array, most: float) -> bool:
    if one.dtype.kind not in "fiub" or not one.size:
        return True
    if one.dtype.kind != "f":  # a few classes may change places
        return bool((one != other).mean() <= most)
    a, b = (np.nan_to_num(each.astype(np.float64)) for each in (one, other))
    with np.errstate(over="ignore"):  # of infinities
        return bool(np.linalg.norm(a - b) <= most * np.linalg.norm(b))


def sample_axis(values: Array, fed: int) -> int:
    """The axis of an output that counts the `fed` samples of a run; 0 where there is none."""
    return 0 if fed not in values.shape else values.shape.index(fed)


def samples_first(values: Array, fed: int) -> Array:
    """An output with the axis that counts samples in front, where there is one."""
    return np.moveaxis(values, sample_axis(values, fed), 0) if values.ndim else values


def distinct_part(values: Array, fed: int, count: int) -> Array:
    """A tensor of a run without the samples that only fill its batch up: from the `count`-th on all
    are one and the same. All of it, where no axis counts samples."""
    if count == fed:
        return values
    for axis, size in enumerate(values.shape):
        if not size or size % fed:
            continue
        shape = (*values.shape[:axis], fed, size // fed, *values.shape[axis + 1 :])
        each = np.moveaxis(values.reshape(shape), axis, 0)
        if all(_near(each[at], each[count - 1], EQUAL) for at in range(count, fed)):
            kept = [slice(None)] * values.ndim
            kept[axis] = slice(count * (size // fed))
            return values[tuple(kept)]
    return values
