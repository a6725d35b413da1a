"""One weight as data-driven methods see it, and what they make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.runtime.statistics import Statistics
from sparseview.sparsity.formats import Format
from sparseview.sparsity.formats.base import Position

Matrix = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
# Up to so many columns a solver works in float64: there it costs little, and neither sums of
# squares nor normal equations lose digits.
EXACT = 512


@dataclass(frozen=True, slots=True)
class Problem:
    """A weight that is to be pruned, with what its input looked like.

    values : [stack, out, kernel, in], as the operator multiplies them; 0 where it is zero.
    nonzero : the same shape; what is zero already stays so.
    goal : the fraction of zeros afterwards; None: what the format asks for by itself.
    position : the place that decides between equals; see `Format.keep`.
    centred : a bias will take up what the layer loses in the mean.
    """

    values: Matrix
    nonzero: Mask
    statistics: Statistics
    format: Format
    goal: float | None
    position: Position | None = None
    centred: bool = False

    @property
    def columns(self) -> int:
        """kernel * in: what one row is multiplied with."""
        return int(self.values.shape[2] * self.values.shape[3])

    @property
    def rows(self) -> tuple[int, int, int]:
        """(stack, out, columns): the shape as one matrix for each of the stack."""
        return self.values.shape[0], self.values.shape[1], self.columns

    @property
    def kind(self) -> type[np.floating[Any]]:
        """The type to compute in."""
        return np.float64 if self.columns <= EXACT else np.float32

    def matrices(self) -> Matrix:
        """The values as [stack, out, columns], a copy in `kind`; what is no number counts as 0."""
        found = self.values.reshape(self.rows).astype(self.kind)
        return np.nan_to_num(found, copy=False, nan=0.0, posinf=0.0, neginf=0.0)

    def about_the_mean(self) -> Problem:
        """The same with the input less its mean: what is left to do beside a free bias.

        min over b of |X (w - v)^T - b|^2 is (w - v) (X^T X - n E[X]^T E[X]) (w - v)^T.
        """
        known = self.statistics
        assert known.gram is not None
        mean = np.asarray(known.mean, np.float64)
        gram = known.gram - known.rows * mean[:, :, None] * mean[:, None, :]
        norm2 = np.maximum(known.norm2 - known.rows * mean**2, 0)
        # What rounding leaves of a column that never varied is no variance.
        still = norm2 <= 1e-9 * known.norm2
        norm2[still] = 0
        gram[np.broadcast_to(still[:, :, None] | still[:, None, :], gram.shape)] = 0
        about = Statistics(known.rows, norm2, mean, gram.astype(known.gram.dtype))
        return replace(self, statistics=about, centred=False)


@dataclass(frozen=True, slots=True)
class Solution:
    """kept : [stack, out, kernel, in], what stays.  values : the same shape, new values of what
    stays; None: they are as they were."""

    kept: Mask
    values: Matrix | None = None


def importance(scores: Matrix, nonzero: Mask) -> Matrix:
    """Scores as formats take them: 0 exactly where the weight is zero already, else above 0.

    A weight whose input was never anything but zero scores 0, and goes after the zeros only.
    """
    floor = np.finfo(scores.dtype).tiny
    return np.where(nonzero, np.maximum(scores, floor), 0)


def strongest(scores: Matrix, counts: NDArray[np.integer[Any]]) -> Mask:
    """The mask of the counts[..] largest of each row, the first of equals. [.., rows, columns]."""
    columns = scores.shape[-1]
    ordered = np.sort(scores, axis=-1)
    at = np.clip(columns - counts, 0, columns - 1)[..., None]
    border = np.take_along_axis(ordered, at, -1)
    kept = scores > border
    equal = scores == border
    left = counts[..., None] - kept.sum(axis=-1, keepdims=True)
    return np.asarray(kept | (equal & (np.cumsum(equal, axis=-1) <= left)))
