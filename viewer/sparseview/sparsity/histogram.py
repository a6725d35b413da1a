"""The distribution of a weight's values, zeros apart, counted exactly in one pass over pieces."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

# Bins on each side of zero.
SIDE = 128
_LEAST = 2.0**-1074  # the smallest float64: the width can not fall below


class Histogram(msgspec.Struct, frozen=True):
    """Values of one weight. Bin j of `counts` holds start + j <= value / width < start + j + 1.

    Zeros, NaN and infinities are in no bin; min, max, mean and std are those of the finite
    non-zeros, None where there are none. `integer`: every value is a whole number.
    """

    zeros: int
    nonzeros: int
    nan: int
    inf: int
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    width: float
    start: int
    counts: tuple[int, ...]
    integer: bool


class HistogramCounter:
    """Counts piece by piece into bins whose width is a power of two.

    The width doubles when a value falls outside; two bins then become one, so that counts stay
    exact whatever comes first. integer : the values are whole numbers; no bin is narrower than 1.
    """

    def __init__(self, integer: bool = False) -> None:
        self._integer = integer
        self._zeros = self._nan = self._inf = 0
        self._width = 0.0
        self._counts = np.zeros(2 * SIDE, np.int64)
        self._min, self._max = math.inf, -math.inf
        # Count, mean and sum of squared deviations; merged as in Chan, Golub and LeVeque, 1979.
        self._n, self._mean, self._squares = 0, 0.0, 0.0

    @property
    def largest(self) -> float:
        """The largest finite |value| so far; 0 where there is none."""
        return max(self._max, -self._min, 0.0) if self._n else 0.0

    def add(self, values: NDArray[Any], nonzero: NDArray[np.bool_]) -> None:
        """Count values (floats, any shape); `nonzero` says which of them are no zeros."""
        # In the order of memory, which both share: a transposed copy costs more than the rest.
        with np.errstate(invalid="ignore"):  # a signalling NaN is one like any other
            values = values.ravel("K")[nonzero.ravel("K")].astype(np.float64)
        self._zeros += nonzero.size - values.size
        finite = np.isfinite(values)
        if not finite.all():
            nan = int(np.count_nonzero(np.isnan(values)))
            self._nan += nan
            self._inf += values.size - int(np.count_nonzero(finite)) - nan
            values = values[finite]
        if not values.size:
            return
        self._min = min(self._min, float(values.min()))
        self._max = max(self._max, float(values.max()))
        self._widen()
        places = values / self._width  # exact, as the width is a power of two
        np.floor(places, out=places)
        places += SIDE
        self._counts += np.bincount(places.astype(np.intp), minlength=2 * SIDE)
        self._merge(values)

    def result(self) -> Histogram:
        used = np.flatnonzero(self._counts)
        first, end = (int(used[0]), int(used[-1]) + 1) if used.size else (SIDE, SIDE)
        known = self._n > 0
        return Histogram(
            zeros=self._zeros,
            nonzeros=self._n + self._nan + self._inf,
            nan=self._nan,
            inf=self._inf,
            min=self._min if known else None,
            max=self._max if known else None,
            mean=self._mean if known else None,
            std=math.sqrt(self._squares / self._n) if known else None,
            width=self._width,
            start=first - SIDE,
            counts=tuple(self._counts[first:end].tolist()),
            integer=self._integer,
        )

    def _widen(self) -> None:
        """Double the width until the largest value has a bin; the first values set it."""
        if not self._width:
            _, exponent = math.frexp(self.largest)
            self._width = max(math.ldexp(1.0, exponent - 7), _LEAST)
            if self._integer:
                self._width = max(self._width, 1.0)
        while self._max >= SIDE * self._width or self._min < -SIDE * self._width:
            pairs = self._counts.reshape(SIDE, 2).sum(1)
            self._counts = np.zeros(2 * SIDE, np.int64)
            self._counts[SIDE // 2 : SIDE // 2 + SIDE] = pairs
            self._width *= 2

    def _merge(self, values: NDArray[np.float64]) -> None:
        count, mean = values.size, float(values.mean())
        with np.errstate(over="ignore"):  # of values near the largest float: std is then infinite
            apart = values - mean
            squares = float(np.square(apart, out=apart).sum())
        total, moved = self._n + count, mean - self._mean
        self._squares += squares + moved * moved * self._n * count / total
        self._mean += moved * count / total
        self._n = total
