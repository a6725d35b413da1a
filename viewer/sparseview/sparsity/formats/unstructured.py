"""No structure: zeros anywhere (`unstructured`), or next to none (`dense`)."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats.base import Importance, Position, Shape, need, placed, target
from sparseview.sparsity.order import drop_least
from sparseview.sparsity.tally import Tally

# From here on zeros without structure are worth a name of their own.
SPARSE_FROM = 0.01


class Unstructured(msgspec.Struct, frozen=True):
    """Zeros anywhere, at least 1 %."""

    name: ClassVar[str] = "unstructured"
    family: ClassVar[str] = "unstructured"
    least: ClassVar[float] = 0.0
    label: ClassVar[str] = "anywhere"
    glyph: ClassVar[str] = "unstructured"

    def refuses(self, shape: Shape) -> str | None:
        del shape
        return None

    def holds(self, tally: Tally) -> bool:
        return tally.sparsity >= SPARSE_FROM

    def by_chance(self, tally: Tally) -> bool:
        del tally
        return False

    def check(self, sparsity: float | None) -> None:
        need(sparsity, self.name)

    def keep(
        self,
        importance: Importance,
        sparsity: float | None,
        position: Position | None = None,
        *,
        squared: bool = True,
    ) -> NDArray[np.bool_]:
        del squared  # the order alone decides
        goal = need(sparsity, self.name)
        return ~drop_least(
            importance, target(goal, importance.size), placed(position, importance.shape)
        )


class Dense(msgspec.Struct, frozen=True):
    """Less than 1 % zeros and no structure in them; nothing can be pruned to it."""

    name: ClassVar[str] = "dense"
    family: ClassVar[str] = "dense"
    least: ClassVar[float] = 0.0
    label: ClassVar[str] = "next to no zeros"
    glyph: ClassVar[str] = "dense"

    def refuses(self, shape: Shape) -> str | None:
        del shape
        return None

    def holds(self, tally: Tally) -> bool:
        return tally.sparsity < SPARSE_FROM

    def by_chance(self, tally: Tally) -> bool:
        del tally
        return False

    def check(self, sparsity: float | None) -> None:
        raise SparseviewError(
            "dense is not a format to prune to.", "Choose unstructured, N:M, bsr or channel."
        )

    def keep(
        self,
        importance: Importance,
        sparsity: float | None,
        position: Position | None = None,
        *,
        squared: bool = True,
    ) -> NDArray[np.bool_]:
        del position, squared
        self.check(sparsity)
        return np.ones(importance.shape, bool)
