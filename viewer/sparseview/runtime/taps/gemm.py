"""Gemm: the rows of A', or the columns of B' where A is the weight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Operator, Tap, sliced


def gemm(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    other = 1 - weight.input
    turned = bool(integer(node, "transA" if other == 0 else "transB", 0))
    across = turned if other == 0 else not turned  # whether in runs along the first dim

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        (x,) = values
        yield from sliced(x.T if across else x)

    return Tap((node.input[other],), ("rows", across), rows)


GEMM = Operator(("Gemm",), gemm)
