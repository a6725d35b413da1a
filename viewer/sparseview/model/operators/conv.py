"""Conv, 1-D to 3-D: W [M, C/group, kernel...]; groups stack, so depthwise has one input each."""

from __future__ import annotations

from msgspec.structs import replace

from sparseview.model.operators.row import Row, Use, integer
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def conv(node: NodeProto, index: int, shape: Shape) -> Use | None:
    groups = integer(node, "group", 1)
    if not 3 <= len(shape) <= 5 or groups < 1 or shape[0] % groups:
        return None
    kernel = tuple(range(2, len(shape)))
    return Use(Axes((0,) if groups > 1 else (), (0,), kernel, (1,)), groups)


CONV = Row("", "Conv", (1,), conv)
FUSED_CONV = replace(CONV, domain="com.microsoft", op_type="FusedConv")
DEFORM_CONV = replace(CONV, op_type="DeformConv")
