"""com.microsoft FusedMatMul: MatMul with either side's matrix, or batch, transposed."""

from __future__ import annotations

from msgspec.structs import replace

from sparseview.model.operators.matmul import matmul
from sparseview.model.operators.row import Row, Use, integer
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def fused_matmul(node: NodeProto, index: int, shape: Shape) -> Use | None:
    """transBatch moves the first dim behind the batch's: [m, batch..., k] is [batch..., m, k]."""
    rank, side = len(shape), "AB"[index]
    if rank < 2:
        return matmul(node, index, shape)
    dims = list(range(rank))
    if integer(node, f"transBatch{side}", 0):
        dims = [*dims[1:-1], 0, dims[-1]]
    if integer(node, f"trans{side}", 0):
        dims[-2:] = reversed(dims[-2:])
    inner, outer = (dims[-1], dims[-2]) if index == 0 else (dims[-2], dims[-1])
    return Use(Axes(tuple(dims[:-2]), (outer,), (), (inner,)))


FUSED_MATMUL = Row("com.microsoft", "FusedMatMul", (0, 1), fused_matmul)
FUSED_MATMUL_ACTIVATION = replace(FUSED_MATMUL, op_type="FusedMatMulActivation")
# Its name in ONNX Runtime until 1.5.
TRANSPOSE_MATMUL = replace(FUSED_MATMUL, op_type="TransposeMatMul")
