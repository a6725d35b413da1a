"""What a row of the operator table holds, and reading a node's attributes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onnx import NodeProto, TensorProto

from sparseview.model.dtypes import STORAGE
from sparseview.model.view import Axes, Shape

# No weight is stored as complex numbers, or as powers of two that are never zero (E8M0: scales).
NUMBERS = frozenset(STORAGE) - {
    TensorProto.COMPLEX64,
    TensorProto.COMPLEX128,
    TensorProto.FLOAT8E8M0,
}
FLOATS = frozenset(dtype for dtype in NUMBERS if STORAGE[dtype].magnitude is not None)
QUANTIZED = frozenset(
    {
        TensorProto.INT8,
        TensorProto.UINT8,
        TensorProto.INT4,
        TensorProto.UINT4,
        TensorProto.INT2,
        TensorProto.UINT2,
    }
)


@dataclass(frozen=True, slots=True)
class Use:
    """How an operator reads one input as a weight: roles of the dims as the operator sees them.

    groups : parts stacked inside the one dim that is in `axes.stack` and in `out` or `in_`.
    """

    axes: Axes
    groups: int = 1
    kind: str = "weight"


@dataclass(frozen=True, slots=True)
class Row:
    """One operator of the table.

    inputs : the input positions that may hold a weight.
    use : (node, input position, shape at that input) -> Use, or None where it is no weight.
    dtypes : element types of the *stored* tensor that can be a weight here.
    """

    domain: str
    op_type: str
    inputs: tuple[int, ...]
    use: Callable[[NodeProto, int, Shape], Use | None]
    dtypes: frozenset[int] = NUMBERS


def integer(node: NodeProto, name: str, default: int) -> int:
    """An INT attribute of a node, or its default where it is absent."""
    for attribute in node.attribute:
        if attribute.name == name:
            return int(attribute.i)
    return default
