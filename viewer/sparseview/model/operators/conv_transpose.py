"""ConvTranspose, 1-D to 3-D: W [C, M/group, kernel...]; the groups are cut from the inputs."""

from __future__ import annotations

from sparseview.model.operators.row import Row, Use, integer
from sparseview.model.proto import NodeProto
from sparseview.model.view import Axes, Shape


def conv_transpose(node: NodeProto, index: int, shape: Shape) -> Use | None:
    groups = integer(node, "group", 1)
    if not 3 <= len(shape) <= 5 or groups < 1 or shape[0] % groups:
        return None
    kernel = tuple(range(2, len(shape)))
    return Use(Axes((0,) if groups > 1 else (), (1,), kernel, (0,)), groups)


CONV_TRANSPOSE = Row("", "ConvTranspose", (1,), conv_transpose)
