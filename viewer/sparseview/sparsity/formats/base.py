"""What every format can do: tell whether it is true, and choose where zeros may fall."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.tally import Tally

Shape = tuple[int, int, int, int]
Importance = NDArray[Any]
Position = NDArray[np.integer[Any]]


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
        self, importance: Importance, sparsity: float | None, position: Position | None = None
    ) -> NDArray[np.bool_]:
        """The mask of the entries that stay, same shape as `importance`.

        Parameters
        ----------
        importance : [stack, out, kernel, in], squared so that sums over blocks mean something;
            >= 0, no NaN; 0 where the weight is zero already.
        sparsity : the fraction of zeros afterwards, 0..1, existing zeros included; see `check`.
        position : the place that decides between equals, the lower one is kept (the flat
            index in the stored tensor); None: C order of `importance`.
        """


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


def first_places(
    position: Position | None, blocked: tuple[int, ...], within: tuple[int, ...]
) -> Position:
    """The first place in each unit, where units are the axes `within` of the `blocked` shape."""
    if position is not None:
        return np.asarray(position.reshape(blocked).min(axis=within))
    steps = np.array(blocked)[::-1].cumprod()[::-1] // np.array(blocked)  # strides in C order
    total = np.zeros([1 if axis in within else n for axis, n in enumerate(blocked)], np.int64)
    for axis, count in enumerate(blocked):
        if axis not in within:
            along = [-1 if other == axis else 1 for other in range(len(blocked))]
            total += (np.arange(count) * steps[axis]).reshape(along)
    return np.asarray(total.squeeze(within))
