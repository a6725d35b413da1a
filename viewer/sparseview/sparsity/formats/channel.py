"""channel:out, channel:in: the zeros lie in whole channels that are all zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from sparseview.sparsity.formats.base import Importance, Position, Shape, first_places, need, whole
from sparseview.sparsity.order import keep_units
from sparseview.sparsity.tally import Tally


@dataclass(frozen=True, slots=True)
class Channel:
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
        self, importance: Importance, sparsity: float | None, position: Position | None = None
    ) -> NDArray[np.bool_]:
        goal = need(sparsity, self.name)
        across = (2, 3) if self.side == "out" else (1, 2)
        nonzero = importance > 0
        zeros = importance.size - int(np.count_nonzero(nonzero))
        kept = keep_units(
            importance.sum(axis=across, dtype=np.result_type(importance, np.float64)),
            nonzero.sum(axis=across),
            whole(goal, importance.size) - zeros,
            first_places(position, importance.shape, across),
        )
        return np.broadcast_to(np.expand_dims(kept, across), importance.shape)


CHANNEL_FORMATS = (Channel("out"), Channel("in"))
