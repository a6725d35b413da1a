"""What a row of the operator table holds, and reading a node's attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from numpy.typing import NDArray

from sparseview.model.dtypes import STORAGE
from sparseview.model.layouts import Packed
from sparseview.model.proto import NodeProto, TensorProto
from sparseview.model.repeated import Repeated
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
# What an operator over codes reads: codes, or the floats that a QuantizeLinear makes them from.
CODES = QUANTIZED | FLOATS
# The value of a node's input, by position; None where it is absent or not constant.
Value = Callable[[int], "NDArray[Any] | None"]


class Use(msgspec.Struct, frozen=True):
    """How an operator reads one input as a weight: roles of the dims as the operator sees them.

    groups : parts stacked inside the one dim that is in `axes.stack` and in `out` or `in_`.
    packed : where the input holds codes packed into bytes; `axes` are then those of its `shape`.
    """

    axes: Axes
    groups: int = 1
    kind: str = "weight"
    packed: Packed | None = None


class Zero(msgspec.Struct, frozen=True, eq=False):
    """What the operator itself says that counts as zero.

    values : broadcasts against the weight as the operator sees it; None is 0.
    problem : why it is unknown, so that nothing can be counted.
    fixed : why nothing can become zero here, though zeros can be counted.
    """

    values: NDArray[Any] | Repeated | None = None
    problem: str | None = None
    fixed: str | None = None


class Row(msgspec.Struct, frozen=True):
    """One operator of the table.

    inputs : the input positions that may hold a weight.
    use : (node, input position, shape at that input) -> Use, or None where it is no weight.
    dtypes : element types of the *stored* tensor that can be a weight here.
    zero : for operators that read codes: (node, input position, shape, value of other inputs) ->
        Zero; `shape` is what the zero point must broadcast to.
    scale : likewise what the codes, less their zero, are multiplied by, as `values`.
    """

    domain: str
    op_type: str
    inputs: tuple[int, ...]
    use: Callable[[NodeProto, int, Shape], Use | None]
    dtypes: frozenset[int] = NUMBERS
    zero: Callable[[NodeProto, int, Shape, Value], Zero] | None = None
    scale: Callable[[NodeProto, int, Shape, Value], Zero] | None = None


def integer(node: NodeProto, name: str, default: int) -> int:
    """An INT attribute of a node, or its default where it is absent."""
    for attribute in node.attribute:
        if attribute.name == name:
            return int(attribute.i)
    return default
