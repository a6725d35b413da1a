"""csr: rows of non-zeros, each with its column. nnz (e + 4) + 4 (R + 1)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import INDEX, Layout


class CSR(msgspec.Struct, frozen=True):
    """One matrix: a row per output channel (groups and gates one below the other), a column per
    input channel and kernel position."""

    name: ClassVar[str] = "csr"
    label: ClassVar[str] = "CSR, int32"
    glyph: ClassVar[str] = "sparse-tensor"

    def bytes(self, layout: Layout) -> int:
        columns = layout.nonzeros * INDEX
        return layout.values(layout.nonzeros) + columns + INDEX * (layout.rows + 1)
