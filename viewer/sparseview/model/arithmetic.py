"""A constant times, over or less a small constant: scales and zero points written as operators."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model.constants import Constant
from sparseview.model.proto import NodeProto
from sparseview.model.scopes import Place, Produced, Scopes
from sparseview.model.view import Shape

Array = NDArray[Any]

# Operator -> the inputs that a weight may come in by.
SIDES = {"Mul": (0, 1), "Div": (0,), "Sub": (0,)}
# A scale is read when a model opens, so that it may not be as large as a weight.
SMALL = 1 << 20


def scales(node: NodeProto) -> bool:
    """Whether the operator may scale or shift a weight by a constant."""
    return node.op_type in SIDES and node.domain in ("", "ai.onnx") and len(node.input) == 2


def side(scopes: Scopes, node: NodeProto, place: Place) -> int | None:
    """The input that the weight comes in by: the other is a smaller stored constant, or one of
    few elements. None where there is none."""
    found = [scopes.find(place, name) for name in node.input]
    sizes = [prod(f.shape) if isinstance(f, Constant) else None for f in found]
    for at in SIDES[node.op_type]:
        size, own = sizes[1 - at], sizes[at]
        leads_on = own is not None or isinstance(found[at], Produced)
        if leads_on and size is not None and size <= SMALL and (own is None or size < own):
            return at
    return None


def factor(node: NodeProto, shape: Shape, value: Array | None) -> Array | None:
    """What Mul and Div multiply a weight of `shape` by, broadcasting; None where zeros would not
    stay where they are, and no others come."""
    if value is None or value.dtype.kind not in "fiu" or not _fits(value, shape):
        return None
    found = _aligned(value, shape).astype(np.float64)
    if not np.isfinite(found).all() or not found.all():
        return None
    return found if node.op_type == "Mul" else 1 / found


def shift(shape: Shape, value: Array | None) -> Array | None:
    """What Sub takes off, broadcasting: the zero point of whole codes; None where it is none."""
    if value is None or value.dtype.kind not in "fiu" or not _fits(value, shape):
        return None
    found = _aligned(value, shape)
    whole = np.rint(found)
    if not np.isfinite(found).all() or not (found == whole).all():
        return None
    return np.asarray(whole.astype(np.int64))


def _fits(value: Array, shape: Shape) -> bool:
    """Whether it broadcasts to the shape, which stays as it is."""
    sizes = (1,) * (len(shape) - value.ndim) + value.shape
    return len(sizes) == len(shape) and all(
        size in (1, whole) for size, whole in zip(sizes, shape, strict=True)
    )


def _aligned(value: Array, shape: Shape) -> Array:
    return value.reshape((1,) * (len(shape) - value.ndim) + value.shape)
