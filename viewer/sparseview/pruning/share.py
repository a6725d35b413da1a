"""One importance border over many weights: how many entries of each lie below it.

The exact k-th smallest is found without holding every weight at once: one pass counts the upper
bits of the importances (non-negative floats sort as their bits do), a second one looks only at
the entries that share the border's upper bits. Memory: one weight, and about 1/16 of an octave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

# A float64 without its lower 48 bits: exponent and 4 bits of mantissa.
_SHIFT = 48
_CHUNK = 1 << 20

Part = Callable[[], NDArray[np.float64]]


def share(parts: Sequence[Part], count: int) -> list[int]:
    """How many of the `count` least important entries of all parts lie in each part.

    Of equals at the border the earlier part keeps its own, as the lower index does within one.

    Parameters
    ----------
    parts : each gives its importances, any shape, >= 0, no NaN; called twice.
    """
    buckets = np.zeros(1 << 16, np.int64)
    for part in parts:
        for upper in _upper(part()):
            buckets += np.bincount(upper, minlength=buckets.size)
    total = np.cumsum(buckets)
    count = min(count, int(total[-1]))
    if count <= 0:
        return [0] * len(parts)
    border_bucket = int(np.searchsorted(total, count))
    below: list[int] = []
    inside: list[NDArray[np.float64]] = []
    for part in parts:
        values = part().reshape(-1)
        upper = values.view(np.uint64) >> np.uint64(_SHIFT)
        below.append(int(np.count_nonzero(upper < border_bucket)))
        inside.append(values[upper == border_bucket])
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


def _upper(values: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """The upper bits in pieces, so that their wide copies stay small."""
    bits = values.reshape(-1).view(np.uint64)
    return [
        (bits[at : at + _CHUNK] >> np.uint64(_SHIFT)).astype(np.int64)
        for at in range(0, bits.size, _CHUNK)
    ]
