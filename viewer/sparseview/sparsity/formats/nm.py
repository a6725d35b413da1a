"""N:M: in every group of M along the input axis at most N are non-zero."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any, ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.shares import percent
from sparseview.sparsity.formats.base import Importance, Position, Shape, placed, target
from sparseview.sparsity.order import drop_least
from sparseview.sparsity.tally import Tally

Places = NDArray[np.integer[Any]]
CHANCE = 1e-6
# Elements ranked at once: their importances and ranks fit a core's cache.
_PIECE = 1 << 17


class NM(msgspec.Struct, frozen=True):
    """At most `n` non-zeros in every group of `m` along in, for each kernel position apart."""

    n: int
    m: int
    family: ClassVar[str] = "nm"
    glyph: ClassVar[str] = "nm"

    @property
    def name(self) -> str:
        return f"{self.n}:{self.m}"

    @property
    def label(self) -> str:
        return f"at most {self.n} of {self.m} along the input"

    @property
    def least(self) -> float:
        return 1 - self.n / self.m

    def refuses(self, shape: Shape) -> str | None:
        if shape[3] == 1 and shape[0] > 1:
            return "each group has one input only (depthwise)"
        if shape[3] % self.m:
            return f"input size {shape[3]} is not divisible by {self.m}"
        return None

    def holds(self, tally: Tally) -> bool:
        return tally.zeros > 0 and not tally.shape[3] % self.m and tally.most(self.m) <= self.n

    def by_chance(self, tally: Tally) -> bool:
        groups = tally.elements // self.m
        return groups * log_tail(self.n, self.m, tally.sparsity) >= math.log(CHANCE)

    def check(self, sparsity: float | None) -> None:
        if sparsity is not None and sparsity < self.least - 1e-9:
            least = percent(self.least)
            raise SparseviewError(
                f"{self.name} makes {least} zeros, so {percent(sparsity)} is out of reach.",
                f"Ask for at least {least}, or for {self.name} alone.",
            )

    def keep(
        self,
        importance: Importance,
        sparsity: float | None,
        position: Position | None = None,
        *,
        squared: bool = True,
    ) -> NDArray[np.bool_]:
        del squared  # the order alone decides
        self.check(sparsity)
        places = placed(position, importance.shape)
        kept = self._strongest(importance, places)
        if sparsity is not None:
            inside = np.where(kept, importance, -1)
            kept &= ~drop_least(inside, target(sparsity, importance.size), places)
        return kept

    def _strongest(self, importance: Importance, position: Places | None) -> NDArray[np.bool_]:
        """The mask of the `n` most important of each group; equals by their position."""
        if position is not None and not bool((position[..., 1:] < position[..., :-1]).any()):
            position = None
        kept = np.empty_like(importance, np.bool_)
        for piece in _pieces(importance, self.m):
            places = None if position is None else position[piece]
            self._rank(importance[piece], places, kept[piece])
        return kept

    def _rank(
        self, importance: Importance, position: Places | None, kept: NDArray[np.bool_]
    ) -> None:
        """Fill `kept` by comparing the members of each group pair by pair.

        The k-th members of all groups lie side by side, so every step runs over a whole array.
        """
        members = [importance[..., k :: self.m].copy(order="K") for k in range(self.m)]
        # Each loses to all that follow, until it wins.
        lost = [np.full_like(x, self.m - 1 - k, np.uint8) for k, x in enumerate(members)]
        wins = np.empty_like(members[0], np.bool_)
        won = wins.view(np.uint8)  # bools would be converted before they are added
        for first, second in combinations(range(self.m), 2):
            np.greater_equal(members[first], members[second], out=wins)
            if position is not None:
                later = position[..., first :: self.m] > position[..., second :: self.m]
                wins &= ~(later & (members[first] == members[second]))
            lost[second] += won
            lost[first] -= won
        for k in range(self.m):
            np.less(lost[k], self.n, out=kept[..., k :: self.m])


def _pieces(array: NDArray[Any], m: int) -> Iterator[tuple[slice, ...]]:
    """Cut along the axis outermost in memory, into pieces that stay in the cache; whole groups."""
    axis = max(range(4), key=lambda a: abs(array.strides[a]) * (array.shape[a] > 1))
    unit = m if axis == 3 else 1
    step = max(_PIECE * array.shape[axis] // max(array.size, 1) // unit, 1) * unit
    for start in range(0, array.shape[axis], step):
        yield (*[slice(None)] * axis, slice(start, start + step))


def log_tail(n: int, m: int, p: float) -> float:
    """log P(Binomial(m, 1 - p) <= n): that a group has at most n non-zeros by chance."""
    terms = [math.comb(m, k) * (1 - p) ** k * p ** (m - k) for k in range(m + 1)]
    within, beyond = math.fsum(terms[: n + 1]), math.fsum(terms[n + 1 :])
    if beyond < 0.5:
        return math.log1p(-beyond)
    return math.log(within) if within > 0 else -math.inf


# From the strongest structure to the weakest: smallest N/M first, then smallest M.
NM_FORMATS = tuple(
    sorted(
        (NM(n, m) for m in (2, 4, 8, 16, 32) for n in range(1, m // 2 + 1)),
        key=lambda f: (Fraction(f.n, f.m), f.m),
    )
)
