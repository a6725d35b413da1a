"""dense: every element, zeros too. N e bytes."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import Layout


class Dense(msgspec.Struct, frozen=True):
    """As a TensorProto's raw_data keeps it."""

    name: ClassVar[str] = "dense"
    label: ClassVar[str] = "dense"
    glyph: ClassVar[str] = "dense"

    def bytes(self, layout: Layout) -> int:
        return layout.values(layout.elements)
