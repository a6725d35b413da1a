"""What every storage can do: say how many bytes a weight would take in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

INDEX = 4  # bytes of a row pointer, a column or a coordinate
Shape = tuple[int, int, int, int]


class Layout(msgspec.Struct, frozen=True):
    """What bytes depend on. Only stored values and their places count, no header of a file.

    elements, nonzeros : counts; non-zero means different from the weight's zero (point).
    bits : per stored element.  shape : [stack, out, kernel, in].  rank : dims of the tensor.
    live_blocks : `bsr:RxC` -> blocks that hold a non-zero, for each block shape that divides.
    satisfies : names of the structures that are true.
    """

    elements: int
    nonzeros: int
    bits: int
    shape: Shape
    rank: int
    live_blocks: Mapping[str, int] = msgspec.field(default_factory=dict)
    satisfies: frozenset[str] = frozenset()

    @property
    def rows(self) -> int:
        """Rows of the weight as one matrix [stack x out, kernel x in]."""
        return self.shape[0] * self.shape[1]

    def values(self, count: int) -> int:
        """Bytes of so many values one after the other; 4-bit ones share bytes."""
        return -(-count * self.bits // 8)


class Storage(Protocol):
    """One way to lay a weight out in memory or in a file."""

    @property
    def name(self) -> str:
        """The key in reports."""

    @property
    def label(self) -> str:
        """What people call it."""

    @property
    def glyph(self) -> str:
        """Which picture stands for it."""

    def bytes(self, layout: Layout) -> int | None:
        """Exact bytes; None where this storage cannot hold the weight."""
