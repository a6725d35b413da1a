"""Density along each channel of a weight: how many non-zeros, which are dead."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

# A profile longer than this is told in bins of several channels; more dead ones are only counted.
MOST_BINS, MOST_LISTED = 512, 1000


class Profile(msgspec.Struct, frozen=True):
    """Shares of non-zeros, 0..1, of the channels on one side, `per_bin` channels a bin.

    `channels` counts those of every stacked part (group, batch, gate); channel c of part s has
    position s * (channels of one part) + c. `dead` lists channels without a non-zero, the first
    1,000 of `dead_count`.
    """

    channels: int
    stack: int
    per_bin: int
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    dead_count: int
    dead: tuple[int, ...]


class ProfileCounter:
    """Counts non-zeros per output and input channel, piece by piece.

    shape : (stack, out, kernel, in).
    """

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        self._shape = shape
        self._out = np.zeros(shape[:2], np.int64)
        self._in = np.zeros((shape[0], shape[3]), np.int64)

    def add(self, index: tuple[NDArray[Any], ...], nonzero: NDArray[np.bool_]) -> None:
        """index : positions along stack, out, kernel, in.  nonzero : bool, of those lengths."""
        stack, out, _, in_ = index
        self._out[np.ix_(stack, out)] += np.count_nonzero(nonzero, axis=(2, 3))
        self._in[np.ix_(stack, in_)] += np.count_nonzero(nonzero, axis=(1, 2))

    def result(self) -> tuple[Profile, Profile]:
        """The profiles along out and along in."""
        _, out, kernel, in_ = self._shape
        return profile(self._out, kernel * in_), profile(self._in, out * kernel)


def profile(counts: NDArray[np.int64], size: int) -> Profile:
    """counts : non-zeros [stack, channel].  size : elements of one channel."""
    flat = counts.reshape(-1)
    if not flat.size or not size:
        return Profile(int(flat.size), counts.shape[0], 1, (), (), (), 0, ())
    per_bin = -(-flat.size // MOST_BINS)
    starts = np.arange(0, flat.size, per_bin)
    lengths = np.diff(np.append(starts, flat.size))
    dead = np.flatnonzero(flat == 0)
    return Profile(
        channels=int(flat.size),
        stack=counts.shape[0],
        per_bin=per_bin,
        mean=tuple((np.add.reduceat(flat, starts) / (lengths * size)).tolist()),
        low=tuple((np.minimum.reduceat(flat, starts) / size).tolist()),
        high=tuple((np.maximum.reduceat(flat, starts) / size).tolist()),
        dead_count=int(dead.size),
        dead=tuple(dead[:MOST_LISTED].tolist()),
    )
