"""channel:out, channel:in: the zeros lie in whole channels that are all zero."""

from __future__ import annotations

from typing import ClassVar, Literal

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
from sparseview.sparsity.tally import Tally


class Channel(msgspec.Struct, frozen=True):
    """At least 99 % of the zeros lie in dead output (input) channels; each group has its own."""

    side: Literal["out", "in"]
    family: ClassVar[str] = "channel"
    least: ClassVar[float] = 0.0

    @property
    def name(self) -> str:
        return f"channel:{self.side}"

    @property
    def label(self) -> str:
        return "whole output channels" if self.side == "out" else "whole input channels"

    @property
    def glyph(self) -> str:
        return f"channel-{self.side}"

    def size(self, shape: Shape) -> int:
        """Elements of one channel."""
        return shape[2] * (shape[3] if self.side == "out" else shape[1])

    def refuses(self, shape: Shape) -> str | None:
        del shape
        return None

    def holds(self, tally: Tally) -> bool:
        if not tally.zeros:
            return False
        return 100 * tally.zeros_in_channels(self.side) >= 99 * tally.zeros

    def by_chance(self, tally: Tally) -> bool:
        # An all-zero weight is channel:out by definition, whatever chance says.
        if self.side == "out" and tally.zeros == tally.elements:
            return False
        return tally.sparsity ** (self.size(tally.shape) - 1) >= 0.5

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
        across = (2, 3) if self.side == "out" else (1, 2)
        return np.broadcast_to(np.expand_dims(kept, across), importance.shape)

    def units(
        self, importance: Importance, position: Position | None, *, squared: bool = True
    ) -> Units:
        """The channels, [stack, out or in]; see `keep`."""
        shape = importance.shape
        stack, out, kernel, in_ = shape
        across = (2, 3) if self.side == "out" else (1, 2)
        units = (stack, out) if self.side == "out" else (stack, in_)
        kind = wide(importance, squared)
        sums, counts = np.zeros(units, kind), np.zeros(units, np.int64)
        for at, rows in slabs(shape, 1):
            piece = importance[at, rows]
            where = (at, rows) if self.side == "out" else (at,)
            sums[where] += squares(piece, squared).sum(axis=across, dtype=kind)
            counts[where] += (piece > 0).sum(axis=across)
        unit = (1, 1, kernel, in_) if self.side == "out" else (1, out, kernel, 1)
        return sums, counts, first_places(position, shape, unit).reshape(units)


CHANNEL_FORMATS = (Channel("out"), Channel("in"))
