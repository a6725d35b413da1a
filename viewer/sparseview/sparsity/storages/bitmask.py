"""bitmask: one bit per element says whether it is there, then the non-zeros. N / 8 + nnz e."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import Layout


class Bitmask(msgspec.Struct, frozen=True):
    """The mask fills whole bytes at its end."""

    name: ClassVar[str] = "bitmask"
    label: ClassVar[str] = "bitmask"
    glyph: ClassVar[str] = "unstructured"

    def bytes(self, layout: Layout) -> int:
        return -(-layout.elements // 8) + layout.values(layout.nonzeros)
