"""The k-th smallest of very many: a border is guessed from a sample, then one pass proves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Below this a plain partition is as fast.
SMALL = 1 << 17
SAMPLE = 1 << 20
# Standard deviations of the sample's quantile that the bracket is wide on each side.
SURE = 5.0
# Elements looked at together: they and their bools fit a core's cache.
CHUNK = 1 << 17


def kth(values: NDArray[Any], k: int, absolute: bool = False) -> Any:
    """The k-th smallest (from 0) of a 1-D array without NaN: `np.partition(values, k)[k]`.

    The same bits, but for the sign of a zero. `absolute`: of the absolute values, which are never
    made all at once. Memory: a chunk, and the few values inside the bracket.
    """
    if not 0 <= k < values.size:
        raise ValueError(f"there is no {k}-th of {values.size}")
    found = None
    if values.size > SMALL:
        low, high = _bracket(values, k, absolute)
        found = _between(values, low, high, k, absolute)
    if found is None:  # few values, or the sample misled: as with an order of their own
        found = np.partition(np.abs(values) if absolute else values, k)[k]
    return found


def _bracket(values: NDArray[Any], k: int, absolute: bool) -> tuple[Any, Any]:
    """Two values between which the k-th lies almost surely."""
    rng = np.random.default_rng(0)  # always the same places: the result is exact anyway
    size = min(SAMPLE, values.size // 8)
    sample = values[rng.integers(0, values.size, size)]
    sample = np.sort(np.abs(sample) if absolute else sample)
    share = k / values.size
    spread = SURE * (share * (1 - share) * size) ** 0.5 + SURE
    low, high = int(share * size - spread), int(share * size + spread) + 1
    kind = sample.dtype.type
    return (
        kind(-np.inf) if low < 0 else sample[low],
        kind(np.inf) if high >= size else sample[high],
    )


def _between(values: NDArray[Any], low: Any, high: Any, k: int, absolute: bool) -> Any | None:
    """The k-th if it lies in low..high; None if it does not."""
    inside: list[NDArray[Any]] = []
    lower = upper = 0
    over, under = np.empty(CHUNK, np.bool_), np.empty(CHUNK, np.bool_)
    for piece in _chunks(values, absolute):
        if piece.size < CHUNK:
            over, under = np.empty(piece.size, np.bool_), np.empty(piece.size, np.bool_)
        np.greater(piece, low, out=over)
        np.less(piece, high, out=under)
        lower += piece.size - int(np.count_nonzero(over))
        upper += piece.size - int(np.count_nonzero(under))
        over &= under
        inside.append(_picked(piece, over))
    if lower <= k < values.size - upper:
        return np.partition(np.concatenate(inside), k - lower)[k - lower]
    # At the border itself, as where a value is there very often; or outside.
    for border, first in ((low, k < lower), (high, k >= values.size - upper)):
        if first:
            pieces = [
                (np.count_nonzero(p < border), np.count_nonzero(p <= border))
                for p in _chunks(values, absolute)
            ]
            below, through = (sum(counts) for counts in zip(*pieces, strict=True))
            return border if below <= k < through else None
    return None


def _chunks(values: NDArray[Any], absolute: bool) -> Iterator[NDArray[Any]]:
    memory = np.empty(CHUNK, values.dtype)
    for start in range(0, values.size, CHUNK):
        piece = values[start : start + CHUNK]
        yield np.abs(piece, out=memory[: piece.size]) if absolute else piece


def _picked(piece: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[Any]:
    """`piece[chosen]`, fast where few are: eight bools are looked at as one word."""
    if piece.size % 8 or not piece.flags.c_contiguous:
        return piece[chosen]
    at = np.flatnonzero(chosen.view(np.uint64))
    return np.asarray(piece.reshape(-1, 8)[at][chosen.reshape(-1, 8)[at]])
