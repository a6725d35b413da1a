"""TAPS: how the input of a weight is seen, operator by operator. One family, one small file."""

from __future__ import annotations

from onnx import NodeProto

from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Misfit, Operator, Tap
from sparseview.runtime.taps.conv import CONV
from sparseview.runtime.taps.gemm import GEMM
from sparseview.runtime.taps.matmul import MATMUL

__all__ = ["TAPS", "Misfit", "Tap", "tap"]

TAPS: tuple[Operator, ...] = (CONV, GEMM, MATMUL)
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
