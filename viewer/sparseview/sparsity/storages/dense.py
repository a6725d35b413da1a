"""dense: every element, zeros too. N e bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sparseview.sparsity.storages.base import Layout


@dataclass(frozen=True, slots=True)
class Dense:
    """As a TensorProto's raw_data keeps it."""

    name: ClassVar[str] = "dense"
    label: ClassVar[str] = "dense"
    glyph: ClassVar[str] = "dense"

    def bytes(self, layout: Layout) -> int:
        return layout.values(layout.elements)
