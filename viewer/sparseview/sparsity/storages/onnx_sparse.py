"""onnx_sparse: an ONNX SparseTensorProto with linear int64 indices. nnz (e + 8)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from sparseview.sparsity.storages.base import Layout

LINEAR_INDEX = 8  # bytes: ONNX has no other index type


class OnnxSparse(msgspec.Struct, frozen=True):
    """What is not listed reads as 0, so a weight with another zero point has to be stored shifted
    by it."""

    name: ClassVar[str] = "onnx_sparse"
    label: ClassVar[str] = "ONNX sparse"
    glyph: ClassVar[str] = "sparse-tensor"

    def bytes(self, layout: Layout) -> int:
        return layout.values(layout.nonzeros) + layout.nonzeros * LINEAR_INDEX
