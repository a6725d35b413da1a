"""com.microsoft QGemm: a Gemm over codes; B is input 3, its zero point one per output at most."""

from __future__ import annotations

from sparseview.model.operators.gemm import gemm
from sparseview.model.operators.row import CODES, Row, Use, Value, Zero
from sparseview.model.operators.zeros import per_channel
from sparseview.model.proto import NodeProto
from sparseview.model.view import Shape

# Weight input -> (its place in a Gemm, the inputs of its zero point and of its scale).
SIDES = {0: (0, 2, 1), 3: (1, 5, 4)}


def qgemm(node: NodeProto, index: int, shape: Shape) -> Use | None:
    return gemm(node, SIDES[index][0], shape)


def zero(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    return _per_output(node, index, shape, value, SIDES[index][1])


def scale(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    return _per_output(node, index, shape, value, SIDES[index][2])


def _per_output(node: NodeProto, index: int, shape: Shape, value: Value, place: int) -> Zero:
    use = qgemm(node, index, shape)
    if use is None:
        return Zero()
    return per_channel({index: (place, use.axes.out[0])})(node, index, shape, value)


QGEMM = Row("com.microsoft", "QGemm", (0, 3), qgemm, CODES, zero, scale)
