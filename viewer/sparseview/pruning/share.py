"""One border over many weights: how many entries of each lie below it.

The exact k-th smallest is found without holding every weight at once: one pass counts the upper
bits of the scores (non-negative floats sort as their bits do), a second one looks only at the
entries that share the border's upper bits. Memory: one weight, and about 1/16 of an octave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

# A float64 without its lower 48 bits: exponent and 4 bits of mantissa.
_SHIFT = np.uint64(48)

Part = Callable[[], Iterable[NDArray[np.float64]]]


def share(parts: Sequence[Part], count: int) -> list[int]:
    """How many of the `count` least important entries of all parts lie in each part.

    Of equals at the border the earlier part keeps its own, as the lower index does within one.

    Parameters
    ----------
    parts : each gives its scores piece by piece, any shape, >= 0, no NaN; called twice.
    """
    buckets = np.zeros(1 << 16, np.int64)
    for part in parts:
        for values in part():
            buckets += np.bincount(_upper(values).astype(np.int64), minlength=buckets.size)
    total = np.cumsum(buckets)
    count = min(count, int(total[-1]))
    if count <= 0:
        return [0] * len(parts)
    border_bucket = int(np.searchsorted(total, count))
    below = [0] * len(parts)
    inside: list[NDArray[np.float64]] = []
    for at, part in enumerate(parts):
        found = []
        for values in part():
            upper = _upper(values)
            below[at] += int(np.count_nonzero(upper < border_bucket))
            found.append(values.reshape(-1)[upper == border_bucket])
        inside.append(np.concatenate([np.empty(0), *found]))
    together = np.concatenate(inside)
    left = count - sum(below)
    border = np.partition(together, left - 1)[left - 1]
    counts = [b + int(np.count_nonzero(v < border)) for b, v in zip(below, inside, strict=True)]
    missing = count - sum(counts)
    for at in reversed(range(len(parts))):
        taken = min(missing, int(np.count_nonzero(inside[at] == border)))
        counts[at] += taken
        missing -= taken
    return counts


def _upper(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.asarray(values.reshape(-1).view(np.uint64) >> _SHIFT)
