"""Operators over codes: their input as floats, (code - zero point) * scale, then as their like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap
from sparseview.runtime.taps.conv import conv
from sparseview.runtime.taps.matmul import first_input, product

Found = Tap | Unreachable


def coded(node: NodeProto, found: Found, zero: int, scale: int | None, axis: int = -2) -> Found:
    """The same tap on codes.

    zero, scale : the node's inputs that hold them; the zero point of a matrix may be one for each
    row (axis -2) or column (-1). Without a scale X is in units of it, which changes no comparison.
    """
    if isinstance(found, Unreachable):
        return found
    names = [node.input[i] if i < len(node.input) else "" for i in (zero, scale or zero)]
    has_zero, has_scale = bool(names[0]), scale is not None and bool(names[1])
    plain = found.rows

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        left = list(values[1:])
        x = values[0].astype(np.float32)
        if has_zero:
            x -= _spread(left.pop(0), x, axis)
        if has_scale:
            x *= _spread(left.pop(0), x, axis)
        yield from plain([x])

    extra = [name for name, has in zip(names, (has_zero, has_scale), strict=True) if has]
    geometry = ("codes", found.geometry, axis, has_zero, has_scale)
    return replace(found, tensors=(*found.tensors, *extra), geometry=geometry, rows=rows)


def _spread(values: Array, x: Array, axis: int) -> Array:
    values = values.astype(np.float32)
    if values.size == 1:
        return values.reshape(())
    if x.ndim < 2 or values.size != x.shape[axis]:
        raise Misfit(f"its input has zero points {list(values.shape)} for {list(x.shape)}")
    return values.reshape(-1, 1) if axis == -2 else values


def matmul(second: int, zeros: tuple[int, int], scales: tuple[int | None, int | None]) -> Operation:
    """A MatMul whose operands are the inputs 0 and `second`."""

    def found(node: NodeProto, weight: Weight) -> Found:
        other = 1 if weight.input == 0 else 0
        tensor = node.input[second if other else 0]
        its = product(tensor, weight, across=other == 1)
        return coded(node, its, zeros[other], scales[other], axis=-1 if other else -2)

    return found


def gemm(node: NodeProto, weight: Weight) -> Found:
    other = 1 if weight.input == 0 else 0
    turned = bool(integer(node, f"trans{'AB'[other]}", 0))
    its = product(node.input[3 if other else 0], weight, across=turned != (other == 1))
    axis = (-2 if turned else -1) if other else (-1 if turned else -2)
    return coded(node, its, 5 if other else 2, 4 if other else 1, axis)


def qlinear_conv(node: NodeProto, weight: Weight) -> Found:
    return coded(node, conv(node, weight), 2, 1)


def conv_integer(node: NodeProto, weight: Weight) -> Found:
    return coded(node, conv(node, weight), 2, None)


def conv_nhwc(node: NodeProto, weight: Weight) -> Found:
    """ONNX Runtime's QLinearConv, which may have the channels last."""
    found = qlinear_conv(node, weight)
    if isinstance(found, Unreachable) or not integer(node, "channels_last", 0):
        return found
    plain = found.rows

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        yield from plain([np.moveaxis(values[0], -1, 1), *values[1:]])

    return replace(found, geometry=("last", found.geometry), rows=rows)


def attention(node: NodeProto, weight: Weight) -> Found:
    return coded(node, first_input(node, weight), 6, 3)


Operation = Callable[[NodeProto, Weight], Found]
MICROSOFT = "com.microsoft"
QUANTIZED = (
    Operator(("QLinearConv",), qlinear_conv),
    Operator(("QLinearConv",), conv_nhwc, MICROSOFT),
    Operator(("ConvInteger",), conv_integer),
    Operator(("QGemm",), gemm, MICROSOFT),
    Operator(("MatMulInteger",), matmul(1, (2, 3), (None, None))),
    Operator(("QLinearMatMul",), matmul(3, (2, 5), (1, 4))),
    Operator(("MatMulIntegerToFloat",), matmul(1, (4, 5), (2, 3)), MICROSOFT),
    Operator(("QAttention",), attention, MICROSOFT),
)
