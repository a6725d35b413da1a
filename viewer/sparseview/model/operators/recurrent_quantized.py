"""com.microsoft DynamicQuantizeLSTM: codes [directions, in, gates * hidden], transposed to LSTM."""

from __future__ import annotations

from sparseview.model.operators.row import CODES, Row, Use, Value, Zero
from sparseview.model.operators.zeros import UNKNOWN, given, known
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape

GATES = 4
ZERO_POINTS, SCALES = {1: 9, 2: 11}, {1: 8, 2: 10}


def lstm(node: NodeProto, index: int, shape: Shape) -> Use | None:
    if len(shape) != 3 or shape[2] % GATES:
        return None
    return Use(Axes((0, 2), (2,), (), (1,)), GATES)


def zero(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    return _given(node, ZERO_POINTS[index], shape, value)


def scale(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
    return _given(node, SCALES[index], shape, value)


def _given(node: NodeProto, place: int, shape: Shape, value: Value) -> Zero:
    """One per direction, or per direction and output: [directions] or [directions, outputs]."""
    if not given(node, place):
        return Zero()
    values = known(value, place)
    if isinstance(values, Zero):
        return values
    if values.size == 1:
        return Zero(values.reshape(()))
    if values.shape not in ((shape[0],), (shape[0], shape[2])):
        return Zero(problem=UNKNOWN)
    return Zero(values.reshape(shape[0], 1, -1))


DYNAMIC_QUANTIZE_LSTM = Row(
    "com.microsoft", "DynamicQuantizeLSTM", (1, 2), lstm, CODES, zero, scale
)
