"""Gather from a table is an embedding: what one index picks is an output unit, its vector `in`."""

from __future__ import annotations

from sparseview.model.operators.row import FLOATS, QUANTIZED, Row, Use, integer
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def gather(node: NodeProto, index: int, shape: Shape) -> Use | None:
    rank = len(shape)
    axis = integer(node, "axis", 0)
    if rank < 2 or not -rank <= axis < rank:
        return None
    axis %= rank
    vector = tuple(dim for dim in range(rank) if dim != axis)
    return Use(Axes(out=(axis,), in_=vector), kind="embedding")


# Integer tables are indices and shapes, so only stored floats and quantized types count.
GATHER = Row("", "Gather", (0,), gather, FLOATS | QUANTIZED)
