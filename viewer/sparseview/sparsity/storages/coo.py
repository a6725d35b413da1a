"""coo: each non-zero with one 4-byte coordinate per dim of the tensor. nnz (e + 4 rank)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import INDEX, Layout


class COO(msgspec.Struct, frozen=True):
    """Coordinates of the tensor itself, so a convolution's non-zeros have four each."""

    name: ClassVar[str] = "coo"
    label: ClassVar[str] = "COO, int32"
    glyph: ClassVar[str] = "sparse-tensor"

    def bytes(self, layout: Layout) -> int:
        return layout.values(layout.nonzeros) + layout.nonzeros * INDEX * layout.rank
