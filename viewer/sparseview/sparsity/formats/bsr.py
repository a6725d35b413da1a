"""bsr:RxC: the zeros lie in all-zero blocks, R along out and C along in."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.sparsity.formats.base import (
    Importance,
    Position,
    Shape,
    Units,
    first_places,
    need,
    slabs,
    squares,
    units_kept,
    wide,
)
from sparseview.sparsity.order import block_sums
from sparseview.sparsity.tally import Tally


class BSR(msgspec.Struct, frozen=True):
    """At least 99 % of the zeros lie in all-zero blocks of `rows` x `columns`.

    Blocks tile [out, in] for each group and kernel position; both axes must be divisible, as
    every runtime that stores blocks asks for it.
    """

    rows: int
    columns: int
    family: ClassVar[str] = "bsr"
    least: ClassVar[float] = 0.0
    glyph: ClassVar[str] = "block"

    @property
    def name(self) -> str:
        return f"bsr:{self.rows}x{self.columns}"

    @property
    def label(self) -> str:
        return f"blocks of {self.rows} x {self.columns}"

    @property
    def size(self) -> int:
        return self.rows * self.columns

    def refuses(self, shape: Shape) -> str | None:
        if shape[1] % self.rows:
            return f"output size {shape[1]} is not divisible by {self.rows}"
        if shape[3] % self.columns:
            return f"input size {shape[3]} is not divisible by {self.columns}"
        return None

    def holds(self, tally: Tally) -> bool:
        if not tally.zeros or self.refuses(tally.shape):
            return False
        return 100 * tally.zeros_in_blocks(self.rows, self.columns) >= 99 * tally.zeros

    def by_chance(self, tally: Tally) -> bool:
        return tally.sparsity ** (self.size - 1) >= 0.5

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
        kept = units_kept(self, importance, sparsity, position, squared)
        stack, out, kernel, in_ = importance.shape
        blocked = (stack, out // self.rows, self.rows, kernel, in_ // self.columns, self.columns)
        return np.broadcast_to(kept[:, :, None, :, :, None], blocked).reshape(importance.shape)

    def units(
        self, importance: Importance, position: Position | None, *, squared: bool = True
    ) -> Units:
        """The blocks, [stack, out / rows, kernel, in / columns]; see `keep`."""
        shape = importance.shape
        stack, out, kernel, in_ = shape
        units = (stack, out // self.rows, kernel, in_ // self.columns)
        sums = np.empty(units, wide(importance, squared))
        counts = np.empty(units, np.uint16)
        for at, rows in slabs(shape, self.rows):
            piece = importance[at, rows]
            blocks = slice(rows.start // self.rows, -(-min(rows.stop, out) // self.rows))
            sums[at, blocks] = block_sums(squares(piece, squared), self.rows, self.columns)
            alive = (piece > 0).astype(np.uint16)
            counts[at, blocks] = block_sums(alive, self.rows, self.columns)
        return sums, counts, first_places(position, shape, (1, self.rows, 1, self.columns))


_SHAPES = (
    (32, 32), (16, 16), (8, 8), (4, 4), (1, 32), (32, 1),
    (1, 16), (16, 1), (1, 8), (8, 1), (1, 4), (4, 1),
)  # fmt: skip
# Largest block first; sorting is stable, so equal areas stay in the order listed.
BSR_FORMATS = tuple(sorted((BSR(r, c) for r, c in _SHAPES), key=lambda f: -f.size))
