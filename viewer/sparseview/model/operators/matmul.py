"""MatMul as numpy's matmul: [..., M, K] times [..., K, N]; leading dims stack, a vector is K."""

from __future__ import annotations

from sparseview.model.operators.row import Row, Use
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def matmul(node: NodeProto, index: int, shape: Shape) -> Use | None:
    rank = len(shape)
    if rank == 0:
        return None
    if rank == 1:
        return Use(Axes(in_=(0,)))
    inner, outer = (rank - 1, rank - 2) if index == 0 else (rank - 2, rank - 1)
    return Use(Axes(tuple(range(rank - 2)), (outer,), (), (inner,)))


MATMUL = Row("", "MatMul", (0, 1), matmul)
