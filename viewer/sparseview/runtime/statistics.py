"""Statistics of the input of a weight, summed row by row: squares, means, and the Gram matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LARGE = 1e38  # what sums of float32 can hold, about
BLOCK = 1 << 16  # elements that are made wide at a time: they stay in a core's cache
BAND = 512  # columns whose products with those after them are made at a time
SMALL = 64  # columns below which all of a stack are multiplied in one call


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """What the input X of one weight was over the calibration samples.

    X has one row for each product with the weight (a token; a place that a Conv's kernel stands
    at) and columns in the order of the weight's view: kernel positions, and in each the inputs.

    rows : of X.  norm2 : float64 [stack, columns], sums of squares.  mean : float64, likewise,
    E[X].  gram : float64 [stack, columns, columns], X^T X; None where it was not asked for.
    Where all of a stack see one input, the arrays are one seen `stack` times: do not write to them.
    """

    rows: int
    norm2: Array
    mean: Array
    gram: Array | None

    @property
    def finite(self) -> bool:
        """Whether no NaN and no infinity came in."""
        return bool(np.isfinite(self.norm2).all())


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Why the input of a weight cannot be seen; a part of a sentence, without a full stop."""

    reason: str


class Sums:
    """Adds rows up. Sums are kept in float64; products of float32 rows are made in float32, at the
    speed of BLAS.
    """

    def __init__(self, gram: bool) -> None:
        self._gram = gram
        self._rows = 0
        self._norm2: Array | None = None
        self._sum: Array | None = None
        self._products: Array | None = None
        self._band: Array = np.empty(0, np.bool_)

    def add(self, rows: Array) -> None:
        """Rows [stack, n, columns], float32 or float64; the stack may be 1 for all."""
        with np.errstate(over="ignore", invalid="ignore"):  # `statistics` tells of them
            self._add(rows)

    def _add(self, rows: Array) -> None:
        stack, count, columns = rows.shape
        if self._norm2 is None or self._sum is None:
            self._norm2 = np.zeros((stack, columns))
            self._sum = np.zeros((stack, columns))
            if self._gram:
                self._products = np.zeros((stack, columns, columns))
        self._rows += count
        block = max(1, BLOCK // (stack * columns))
        for start in range(0, count, block):
            wide = rows[:, start : start + block].astype(np.float64)
            self._sum += wide.sum(axis=1)
            self._norm2 += np.einsum("snc,snc->sc", wide, wide)
        if self._products is None:
            return
        if self._norm2.max() > LARGE:  # no product is larger than the largest sum of squares
            rows = rows.astype(np.float64, copy=False)
        if columns < SMALL:
            self._products += rows.transpose(0, 2, 1) @ rows
            return
        for total, x in zip(self._products, rows, strict=True):
            self._add_products(total, x)

    def _add_products(self, total: Array, x: Array) -> None:
        """Above the diagonal alone, in bands: what is made stays small, in memory that is there."""
        columns = x.shape[1]
        if self._band.dtype != x.dtype:
            self._band = np.empty(min(BAND, columns) * columns, x.dtype)
        for start in range(0, columns, BAND):
            end = min(start + BAND, columns)
            # numpy sees that both are one array and calls syrk, which does half the work.
            for to in (slice(start, end), slice(end, columns)):
                left, right = x[:, start:end], x[:, to]
                shape = left.shape[1], right.shape[1]
                made = self._band[: shape[0] * shape[1]].reshape(shape)
                total[start:end, to] += np.matmul(left.T, right, out=made)

    def statistics(self, stack: int) -> Statistics | Unreachable:
        """What was summed, as the weight's `stack` parts see it."""
        if self._norm2 is None or self._sum is None:
            return Unreachable("no sample reaches it")
        if self._products is not None and self._products.shape[-1] >= SMALL:
            for total in self._products:
                _mirror(total)
        found = Statistics(self._rows, self._norm2, self._sum / self._rows, self._products)
        if not found.finite:
            return Unreachable("its input holds NaN or infinities on these samples")
        if stack == len(found.norm2):
            return found
        return Statistics(
            found.rows,
            np.broadcast_to(found.norm2, (stack, *found.norm2.shape[1:])),
            np.broadcast_to(found.mean, (stack, *found.mean.shape[1:])),
            None
            if found.gram is None
            else np.broadcast_to(found.gram, (stack, *found.gram.shape[1:])),
        )


def _mirror(total: Array) -> None:
    """Copy what is above the diagonal to below it."""
    for start in range(0, len(total), BAND):
        end = start + BAND
        corner = total[start:end, start:end]
        corner[:] = np.triu(corner) + np.triu(corner, 1).T
        for other in range(end, len(total), BAND):
            total[other : other + BAND, start:end] = total[start:end, other : other + BAND].T


def merged(parts: Sequence[Statistics]) -> Statistics:
    """Of a weight that is used in several places, as in a function that is called twice."""
    first, *others = parts
    if not others:
        return first
    rows = sum(part.rows for part in parts)
    grams = [part.gram for part in parts if part.gram is not None]
    return Statistics(
        rows,
        np.sum([part.norm2 for part in parts], axis=0),
        np.sum([part.mean * (part.rows / rows) for part in parts], axis=0),
        np.sum(grams, axis=0) if grams else None,
    )
