"""Statistics of the input of a weight, summed row by row: squares, means, and the Gram matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
BLOCK = 1 << 16  # elements that are made wide at a time: they stay in a core's cache


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

    def add(self, rows: Array) -> None:
        """Rows [stack, n, columns], float32 or float64; the stack may be 1 for all."""
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
        if self._products is not None:
            # numpy sees that both are one array and calls syrk, which does half the work.
            if len(rows) == 1:
                self._products[0] += rows[0].T @ rows[0]
            else:
                self._products += rows.transpose(0, 2, 1) @ rows

    def statistics(self, stack: int) -> Statistics | Unreachable:
        """What was summed, as the weight's `stack` parts see it."""
        if self._norm2 is None or self._sum is None:
            return Unreachable("no sample reaches it")
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
