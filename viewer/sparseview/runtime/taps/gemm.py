"""Gemm: the rows of A', or the columns of B' where A is the weight; either may be transposed."""

from __future__ import annotations

from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Operator, Tap
from sparseview.runtime.taps.matmul import product


def gemm(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    other = 1 - weight.input
    turned = bool(integer(node, "transA" if other == 0 else "transB", 0))
    return product(node.input[other], weight, across=turned != (other == 1))


GEMM = Operator(("Gemm",), gemm)
FUSED_GEMM = Operator(("FusedGemm",), gemm, "com.microsoft")
