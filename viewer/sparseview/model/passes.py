"""Operators that hand a weight on: what each does to its shape, and to what counts as zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from numpy.typing import NDArray

from sparseview.model.operators.row import Value, integer
from sparseview.model.proto import NodeProto
from sparseview.model.repeated import Repeated, repeated
from sparseview.model.view import Reshape, Shape, Step, Transpose

Array = NDArray[Any]


def same(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    """Elements may change their type, but keep their places (Cast, DequantizeLinear...)."""
    return ()


def transpose(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    rank = len(shape)
    perm = _integers(node, "perm")
    if perm is None:
        perm = tuple(reversed(range(rank)))
    return (Transpose(perm),) if sorted(perm) == list(range(rank)) else None


def reshape(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    wish = _integers(node, "shape")  # opset 1 to 4
    if wish is None:
        wish = _list(value(1))
    if wish is None:
        return None
    after = list(wish)
    if not integer(node, "allowzero", 0):
        if any(size == 0 and dim >= len(shape) for dim, size in enumerate(after)):
            return None
        after = [size or shape[dim] for dim, size in enumerate(after)]
    if after.count(-1) == 1:
        known = prod(size for size in after if size != -1)
        if known <= 0 or prod(shape) % known:
            return None
        after[after.index(-1)] = prod(shape) // known
    return _reshaped(shape, tuple(after))


def squeeze(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    axes = _axes(node, value, len(shape))
    if axes is None:
        if len(node.input) > 1 and node.input[1]:
            return None  # computed axes
        axes = {dim for dim, size in enumerate(shape) if size == 1}
    return _reshaped(shape, tuple(size for dim, size in enumerate(shape) if dim not in axes))


def unsqueeze(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    wish = _integers(node, "axes")
    if wish is None:
        wish = _list(value(1))
    if wish is None:
        return None
    rank = len(shape) + len(wish)
    axes = {axis % rank for axis in wish if -rank <= axis < rank}
    if len(axes) != len(wish):
        return None
    sizes = iter(shape)
    return _reshaped(shape, tuple(1 if dim in axes else next(sizes) for dim in range(rank)))


def flatten(node: NodeProto, shape: Shape, value: Value) -> Sequence[Step] | None:
    axis = integer(node, "axis", 1)
    rank = len(shape)
    if not -rank <= axis <= rank:
        return None
    if axis < 0:
        axis += rank
    return _reshaped(shape, (prod(shape[:axis]), prod(shape[axis:])))


PASSES: dict[str, Callable[[NodeProto, Shape, Value], Sequence[Step] | None]] = {
    "Identity": same,
    "Cast": same,
    "CastLike": same,
    "QuantizeLinear": same,
    "DequantizeLinear": same,
    "Quant": same,
    "Transpose": transpose,
    "Reshape": reshape,
    "Squeeze": squeeze,
    "Unsqueeze": unsqueeze,
    "Flatten": flatten,
}
# com.microsoft's Q/DQ are the standard ones for more types.
CONTRIB = frozenset({"QuantizeLinear", "DequantizeLinear"})
# QONNX: rounds floats to so many bits and gives floats, so that 0.0 stays 0.0.
QONNX = frozenset({"onnx.brevitas", "qonnx.custom_op.general", "finn.custom_op.general"})


def passes(node: NodeProto) -> bool:
    """Whether the node hands its first input on."""
    op = node.op_type
    if op not in PASSES:
        return False
    domain = node.domain
    if op == "Quant":
        return domain in QONNX
    return domain in ("", "ai.onnx") or (domain == "com.microsoft" and op in CONTRIB)


def fills(node: NodeProto) -> bool:
    """Whether the node repeats one value, as a constant that is not stored element by element."""
    return node.op_type == "ConstantOfShape" and node.domain in ("", "ai.onnx")


def zero_point(node: NodeProto, shape: Shape, zeros: Array) -> Array | Repeated | None:
    """A DequantizeLinear's zero point, so that it broadcasts to `shape`; None if it cannot.

    zeros : scalar, one per index of `axis`, or one per block of `block_size` along it.
    """
    if zeros.size == 1:
        return zeros.reshape(())
    rank = len(shape)
    axis = integer(node, "axis", 1)
    if not -rank <= axis < rank:
        return None
    axis %= rank
    # Of a vector a list of zeros can be one per element, or one per block.
    if zeros.ndim == 1 and (rank > 1 or zeros.size == shape[axis]):
        if zeros.size != shape[axis]:
            return None
        return zeros.reshape([-1 if dim == axis else 1 for dim in range(rank)])
    if zeros.ndim != rank or not zeros.shape[axis]:
        return None
    blocks = zeros.shape[axis]
    block = integer(node, "block_size", 0) or -(-shape[axis] // blocks)
    expected = tuple(blocks if dim == axis else size for dim, size in enumerate(shape))
    # The last block may be cut short, and only that one.
    if zeros.shape != expected or not (blocks - 1) * block < shape[axis] <= blocks * block:
        return None
    return repeated(zeros, axis, block, shape[axis])


def _reshaped(before: Shape, after: Shape) -> Sequence[Step] | None:
    if after == before:
        return ()
    if any(size < 0 for size in after) or prod(after) != prod(before):
        return None
    return (Reshape(before, after),)


def _integers(node: NodeProto, name: str) -> tuple[int, ...] | None:
    for attribute in node.attribute:
        if attribute.name == name:
            return tuple(attribute.ints)
    return None


def _list(array: Array | None) -> tuple[int, ...] | None:
    return None if array is None else tuple(int(size) for size in array.reshape(-1))


def _axes(node: NodeProto, value: Value, rank: int) -> set[int] | None:
    wish = _integers(node, "axes")
    if wish is None:
        wish = _list(value(1))
    return None if wish is None else {axis % rank for axis in wish if -rank <= axis < rank}
