"""ConvTranspose: im2col of its input spread out by the strides, the kernel turned round.

The row of a place o has X[k, c] = x[c, (o + pad - k * dilation) / stride] where that is whole and
inside, else 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Operator, Tap
from sparseview.runtime.taps.conv import Sizes, fitted, im2col, integers, kernel_sizes, text


def conv_transpose(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    groups, kernel = integer(node, "group", 1), kernel_sizes(node, weight)
    if kernel is None:
        return Unreachable("the size of its kernel is not told")
    names = ("pads", "strides", "dilations", "output_padding", "output_shape")
    pads, strides, dilations, more, shape = (integers(node, name) for name in names)
    auto = text(node, "auto_pad", "NOTSET")

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        (x,) = values
        rank = x.ndim - 2
        sizes, steps = fitted(kernel, rank), strides or (1,) * rank
        holes, extra = dilations or (1,) * rank, more or (0,) * rank
        before: list[int] = []
        after: list[int] = []
        for i in range(rank):
            span, size = (sizes[i] - 1) * holes[i], x.shape[2 + i]
            whole = steps[i] * (size - 1) + extra[i] + span + 1
            begin, out = _begin(i, rank, whole, size * steps[i], pads, shape, auto)
            # In the input spread out, the window of place 0 begins so far before it.
            before.append(span - begin)
            after.append(out - 1 + begin - steps[i] * (size - 1))
        spread = _spread(x, steps)
        ones = (1,) * rank
        for part in im2col(spread, groups, sizes, (*before, *after), ones, holes):
            stack, count, columns = part.shape
            turned = part.reshape(stack, count, *sizes, columns // prod(sizes))
            turned = np.flip(turned, axis=tuple(range(2, 2 + rank)))
            yield turned.reshape(stack, count, columns)

    geometry = ("conv_transpose", groups, kernel, pads, strides, dilations, more, shape, auto)
    return Tap((node.input[0],), geometry, rows)


def _begin(
    i: int, rank: int, whole: int, same: int, pads: Sizes, shape: Sizes, auto: str
) -> tuple[int, int]:
    """(what is cut off before the output along a dim, the places that are left)."""
    if shape or auto in ("SAME_UPPER", "SAME_LOWER"):
        out = shape[-rank:][i] if shape else same
        total = max(whole - out, 0)
        return (total // 2 if auto == "SAME_UPPER" else total - total // 2), out
    begin, end = (pads[i], pads[rank + i]) if pads and auto == "NOTSET" else (0, 0)
    return begin, whole - begin - end


def _spread(x: Array, strides: Sizes) -> Array:
    """The input with stride - 1 zeros between its places."""
    if all(step == 1 for step in strides):
        return x
    sizes = [(n - 1) * s + 1 for n, s in zip(x.shape[2:], strides, strict=True)]
    spread = np.zeros((*x.shape[:2], *sizes), x.dtype)
    places = tuple(slice(None, None, step) for step in (1, 1, *strides))
    spread[places] = x
    return spread


CONV_TRANSPOSE = Operator(("ConvTranspose",), conv_transpose)
