"""What a tap is: which tensors an operator's weight is multiplied with, and how they make rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable

Array = NDArray[Any]
# Elements of a slice of rows, and the rows that it has at least: enough to keep BLAS busy and to
# make adding up a small part of the work.
SLICE, LEAST_ROWS = 1 << 20, 2048


@dataclass(frozen=True, slots=True)
class Tap:
    """How the input of one weight is seen.

    tensors : names, as the operator reads them.
    geometry : what else the rows depend on; weights with the same tensors and the same geometry
        share their statistics.
    rows : from the tensors' values of one run to slices [stack or 1, n, columns] of X, float32 or
        float64; see `statistics.Statistics`. Raises Misfit where they do not fit the weight.
    alike : whether all of the weight's stack see the same rows, which then come once.
    """

    tensors: tuple[str, ...]
    geometry: Hashable
    rows: Callable[[Sequence[Array]], Iterator[Array]]
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table: operators that are tapped alike.

    tap : (node, its weight) -> Tap, or why there is none.
    """

    names: tuple[str, ...]
    tap: Callable[[NodeProto, Weight], Tap | Unreachable]
    domain: str = ""


class Misfit(Exception):
    """The values of a run do not fit what the weight's view says; the text is the reason."""


def floats(array: Array) -> Array:
    """As float32, or float64 where it is that; C order."""
    return np.ascontiguousarray(array, np.float64 if array.dtype == np.float64 else np.float32)


def sliced(rows: Array) -> Iterator[Array]:
    """Rows [n, columns] or [stack, n, columns] in slices [stack, some rows, columns]."""
    if rows.ndim == 2:
        rows = rows[None]
    stack, count, columns = rows.shape
    step = slice_rows(stack * columns)
    for start in range(0, count, step):
        yield floats(rows[:, start : start + step])


def slice_rows(width: int) -> int:
    """How many rows of so many elements make one slice."""
    return max(LEAST_ROWS, SLICE // max(width, 1))
