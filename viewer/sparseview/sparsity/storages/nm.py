"""N:M packed: N slots of every group of M, and where in the group each one sits.

Slots take N e / M per element, places ceil(log2 M) bits per slot: 2:4 is N e / 2 + N / 8.
The layout of NVIDIA's sparse tensor cores (Mishra et al., arXiv 2104.08378).
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import Layout


class PackedNM(msgspec.Struct, frozen=True):
    """Only for a weight that satisfies N:M; a slot without a non-zero is stored as zero."""

    n: int
    m: int
    glyph: ClassVar[str] = "nm"

    @property
    def name(self) -> str:
        return f"{self.n}:{self.m}"

    @property
    def label(self) -> str:
        return f"{self.name} packed"

    def bytes(self, layout: Layout) -> int | None:
        if self.name not in layout.satisfies:
            return None
        slots = layout.elements // self.m * self.n
        place_bits = (self.m - 1).bit_length()
        return layout.values(slots) + -(-slots * place_bits // 8)
