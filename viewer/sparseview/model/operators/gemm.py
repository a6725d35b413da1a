"""Gemm: A [M, K] times B [K, N], either transposed; a bias (input 2) is no weight."""

from __future__ import annotations

from msgspec.structs import replace

from sparseview.model.operators.row import Row, Use, integer
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def gemm(node: NodeProto, index: int, shape: Shape) -> Use | None:
    if len(shape) != 2:
        return None
    if index == 0:
        inner = 0 if integer(node, "transA", 0) else 1
    else:
        inner = 1 if integer(node, "transB", 0) else 0
    return Use(Axes(out=(1 - inner,), in_=(inner,)))


GEMM = Row("", "Gemm", (0, 1), gemm)
FUSED_GEMM = replace(GEMM, domain="com.microsoft", op_type="FusedGemm")
