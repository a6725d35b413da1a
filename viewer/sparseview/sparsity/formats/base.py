"""What every format can do: tell whether it is true, and choose where zeros may fall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.order import keep_units
from sparseview.sparsity.tally import Tally

Shape = tuple[int, int, int, int]
PIECE = 1 << 18  # elements squared at once
Importance = NDArray[Any]
Strides = tuple[int, int, int, int]
# A place for each entry; or, where it grows along each axis by a constant step, those steps.
Position = NDArray[np.integer[Any]] | Strides
# Of each unit: its sum of squares, its non-zeros, its first place (which decides between equals).
Units = tuple[NDArray[Any], NDArray[Any], NDArray[np.integer[Any]]]


class Format(Protocol):
    """A structure of zeros over a weight view [stack, out, kernel, in]."""

    @property
    def name(self) -> str:
        """As in `annotation.md`: `2:4`, `bsr:4x4`, `channel:out`."""

    @property
    def family(self) -> str:
        """`channel`, `bsr`, `nm`, `unstructured` or `dense`."""

    @property
    def label(self) -> str:
        """What it means, in a few words."""

    @property
    def glyph(self) -> str:
        """Which picture stands for it."""

    @property
    def least(self) -> float:
        """The fraction of zeros that the structure brings by itself: 0 but for N:M."""

    def refuses(self, shape: Shape) -> str | None:
        """Why a weight of this shape cannot have the format; None where it can."""

    def holds(self, tally: Tally) -> bool:
        """Whether the format is true; a weight without zeros satisfies no structure."""

    def by_chance(self, tally: Tally) -> bool:
        """Whether independent zeros of the same sparsity would explain that it is true."""

    def check(self, sparsity: float | None) -> None:
        """Raise SparseviewError where no weight could reach this fraction of zeros.

        None: what the structure itself asks for, where it does (N:M).
        """

    def keep(
        self,
        importance: Importance,
        sparsity: float | None,
        position: Position | None = None,
        *,
        squared: bool = True,
    ) -> NDArray[np.bool_]:
        """The mask of the entries that stay, same shape as `importance`.

        Parameters
        ----------
        importance : [stack, out, kernel, in], squared so that sums over blocks mean something;
            >= 0, no NaN; 0 where the weight is zero already.
        sparsity : the fraction of zeros afterwards, 0..1, existing zeros included; see `check`.
        position : the place that decides between equals, the lower one is kept (the flat
            index in the stored tensor); None: C order of `importance`.
        squared : False: the importances are yet to be squared where they are summed up.
        """


class Unitwise(Protocol):
    """A format whose zeros come in whole units: blocks, channels."""

    @property
    def name(self) -> str: ...

    def units(
        self, importance: Importance, position: Position | None, *, squared: bool = True
    ) -> Units:
        """The units of a weight, as they lie on its axes; see `Format.keep`."""


def units_kept(
    format_: Unitwise,
    importance: Importance,
    sparsity: float | None,
    position: Position | None,
    squared: bool,
) -> NDArray[np.bool_]:
    """The units that stay: of the others, the least important ones, as many go as fit in."""
    goal = need(sparsity, format_.name)
    sums, counts, first = format_.units(importance, position, squared=squared)
    zeros = importance.size - int(counts.sum(dtype=np.int64))
    return keep_units(sums, counts, whole(goal, importance.size) - zeros, first)


def need(sparsity: float | None, name: str) -> float:
    """The target of a format that asks for nothing by itself; raises SparseviewError without."""
    if sparsity is None:
        raise SparseviewError(
            f"{name} needs a target.", "Say how much is to be zero, for example 50%.", "target"
        )
    return sparsity


def target(sparsity: float, elements: int) -> int:
    """How many of `elements` are to be zero: the nearest whole number, halves to even."""
    return round(sparsity * elements)


def whole(sparsity: float, elements: int) -> int:
    """How many may be zero at most: rounded down, but not for a rounding error of the product."""
    return int(sparsity * elements * (1 + 1e-12) + 1e-9)


def placed(position: Position | None, shape: tuple[int, ...]) -> NDArray[np.integer[Any]] | None:
    """The place of each entry of [stack, out, kernel, in]; None stays C order."""
    if not isinstance(position, tuple):
        return position
    total = np.zeros((1, 1, 1, 1), np.int64)
    for axis, (size, step) in enumerate(zip(shape, position, strict=True)):
        along = [-1 if other == axis else 1 for other in range(4)]
        total = total + (np.arange(size) * step).reshape(along)
    return np.asarray(total)


def first_places(
    position: Position | None, shape: tuple[int, ...], unit: tuple[int, int, int, int]
) -> NDArray[np.integer[Any]]:
    """The first place in each unit of [stack, out, kernel, in]: shape / unit."""
    if position is None:
        stack, out, kernel, in_ = shape
        position = (out * kernel * in_, kernel * in_, in_, 1)
        del stack
    counts = tuple(size // step for size, step in zip(shape, unit, strict=True))
    if isinstance(position, tuple):
        steps = (position[0] * unit[0], position[1] * unit[1], position[2] * unit[2],
                 position[3] * unit[3])  # fmt: skip
        found = placed(steps, counts)
        assert found is not None
        return found
    blocked = [part for pair in zip(counts, unit, strict=True) for part in pair]
    return np.asarray(position.reshape(blocked).min(axis=(1, 3, 5, 7)))


def squares(piece: Importance, squared: bool) -> Importance:
    """A piece of the importances as it is summed up.

    Squares must neither tie nor underflow: those of float32 are exact in float64; those of float64
    need long double's exponent (where long double is no wider, on Windows, values below 1e-154
    may tie).
    """
    if squared:
        return piece
    return np.square(piece, dtype=wide(piece, squared))


def wide(importance: Importance, squared: bool) -> type[np.floating[Any]]:
    """The type that sums of squares are made in; see `squares`."""
    double = importance.dtype == np.float64 and not squared
    return np.longdouble if double or importance.dtype == np.longdouble else np.float64


def slabs(shape: tuple[int, ...], unit: int) -> Iterator[tuple[slice, slice]]:
    """Ranges of stack and out, of about PIECE elements and of whole `unit`s along out."""
    stack, out, kernel, in_ = shape
    step = max(PIECE // max(kernel * in_, 1) // unit, 1) * unit
    for first in range(stack):
        for start in range(0, out, step):
            yield slice(first, first + 1), slice(start, start + step)
