"""TAPS: how the input of a weight is seen, operator by operator. One family, one small file."""

from __future__ import annotations

from onnx import NodeProto

from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Misfit, Operator, Tap
from sparseview.runtime.taps.conv import CONV, FUSED_CONV
from sparseview.runtime.taps.conv_transpose import CONV_TRANSPOSE
from sparseview.runtime.taps.deform_conv import DEFORM_CONV
from sparseview.runtime.taps.einsum import EINSUM
from sparseview.runtime.taps.gemm import FUSED_GEMM, GEMM
from sparseview.runtime.taps.matmul import FIRST_INPUT, FUSED_MATMUL, MATMUL
from sparseview.runtime.taps.quantized import QUANTIZED
from sparseview.runtime.taps.recurrent import QUANTIZED_LSTM, RECURRENT

__all__ = ["TAPS", "Misfit", "Tap", "tap"]

TAPS: tuple[Operator, ...] = (
    CONV,
    FUSED_CONV,
    CONV_TRANSPOSE,
    DEFORM_CONV,
    GEMM,
    FUSED_GEMM,
    MATMUL,
    FUSED_MATMUL,
    FIRST_INPUT,
    EINSUM,
    RECURRENT,
    QUANTIZED_LSTM,
    *QUANTIZED,
)
ROWS = {
    (name, domain): row
    for row in TAPS
    for name in row.names
    for domain in ((row.domain,) if row.domain else ("", "ai.onnx"))
}


def tap(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    """How the input of the weight that `node` reads is seen."""
    if weight.kind == "embedding":
        return Unreachable("it is a table that rows are picked from, not a factor of a product")
    row = ROWS.get((node.op_type, node.domain))
    if row is None:
        return Unreachable(f"the input of a {node.op_type} is not turned into rows")
    return row.tap(node, weight)
