"""N:M: in every group of M along the input axis at most N are non-zero."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats.base import Importance, Position, Shape, target
from sparseview.sparsity.order import drop_least
from sparseview.sparsity.tally import Tally

CHANCE = 1e-6


@dataclass(frozen=True, slots=True)
class NM:
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
        if shape[3] == 1:
            return f"{self.name} needs an input axis, this has one input channel (depthwise)"
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
            raise SparseviewError(
                f"{self.name} makes {self.least:.2%} zeros, so {sparsity:.2%} is out of reach.",
                f"Ask for at least {self.least:.2%}, or for {self.name} alone.",
            )

    def keep(
        self, importance: Importance, sparsity: float | None, position: Position | None = None
    ) -> NDArray[np.bool_]:
        self.check(sparsity)
        kept = self._strongest(importance, position)
        if sparsity is not None:
            inside = np.where(kept, importance, -1)
            kept &= ~drop_least(inside, target(sparsity, importance.size), position)
        return kept

    def _strongest(self, importance: Importance, position: Position | None) -> NDArray[np.bool_]:
        """The mask of the `n` most important of each group; equals by their position."""
        grouped = (*importance.shape[:3], importance.shape[3] // self.m, self.m)
        values = importance.reshape(grouped)
        # A stable sort keeps equals in the order of the input axis; where that is not the order of
        # their places, sort by place first.
        by_place = None
        if position is not None and bool((np.diff(position, axis=-1) < 0).any()):
            by_place = np.argsort(position.reshape(grouped), axis=-1)
            values = np.take_along_axis(values, by_place, axis=-1)
        strongest = np.argsort(-values, axis=-1, kind="stable")[..., : self.n]
        if by_place is not None:
            strongest = np.take_along_axis(by_place, strongest, axis=-1)
        kept = np.zeros(grouped, bool)
        np.put_along_axis(kept, strongest, True, axis=-1)
        return kept.reshape(importance.shape)


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
