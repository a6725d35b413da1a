"""bsr: rows of blocks that hold a non-zero, stored whole. blocks (r c e + 4) + 4 (R / r + 1)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import INDEX, Layout


class BSR(msgspec.Struct, frozen=True):
    """Blocks of `rows` along out x `columns` along in, each within one kernel position.

    A weight whose channels are not divisible cannot be stored so.
    """

    rows: int
    columns: int
    glyph: ClassVar[str] = "block"

    @property
    def name(self) -> str:
        return f"bsr:{self.rows}x{self.columns}"

    @property
    def label(self) -> str:
        return f"BSR {self.rows}×{self.columns}, int32"

    def bytes(self, layout: Layout) -> int | None:
        blocks = layout.live_blocks.get(self.name)
        if blocks is None:
            return None
        pointers = INDEX * (layout.rows // self.rows + 1)
        return layout.values(blocks * self.rows * self.columns) + blocks * INDEX + pointers
