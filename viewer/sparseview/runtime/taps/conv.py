"""Conv: im2col of its own input, with pads, auto_pad, strides, dilations and groups, in slices.

The row of a place o has X[k, c] = x[c, o * stride + k * dilation - pad], and 0 in the padding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap, floats, slice_rows

Sizes = tuple[int, ...]


def conv(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    groups = integer(node, "group", 1)
    kernel = kernel_sizes(node, weight)
    if kernel is None:
        return Unreachable("the size of its kernel is not told")
    pads, strides = integers(node, "pads"), integers(node, "strides")
    dilations, auto = integers(node, "dilations"), text(node, "auto_pad", "NOTSET")
    geometry = ("conv", groups, kernel, pads, strides, dilations, auto)

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        (x,) = values
        rank = x.ndim - 2
        sizes = fitted(kernel, rank)
        steps = strides or (1,) * rank
        holes = dilations or (1,) * rank
        if auto in ("SAME_UPPER", "SAME_LOWER"):
            edges = same_pads(x.shape[2:], sizes, steps, holes, auto == "SAME_UPPER")
        else:
            edges = pads if pads and auto == "NOTSET" else (0,) * (2 * rank)
        yield from im2col(x, groups, sizes, edges, steps, holes)

    return Tap((node.input[0],), geometry, rows)


def im2col(
    x: Array, groups: int, kernel: Sizes, pads: Sizes, strides: Sizes, dilations: Sizes
) -> Iterator[Array]:
    """Rows of x [N, C, d...] in slices [groups, n, kernel * C / groups], kernel-major.

    pads : before each dim, then after each; a negative one crops.
    """
    rank, channels = x.ndim - 2, x.shape[1]
    if channels % groups:
        raise Misfit(f"its {groups} groups meet {channels} channels")
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    lengths = [x.shape[2 + i] + pads[i] + pads[rank + i] for i in range(rank)]
    out = [
        (length - span) // s + 1 for length, span, s in zip(lengths, spans, strides, strict=True)
    ]
    if min(out, default=1) < 1:
        return
    step = max(1, slice_rows(prod(kernel) * channels) // max(prod(out), 1))
    for start in range(0, len(x), step):
        few = x[start : start + step]
        yield from _windows(few, groups, kernel, pads, strides, dilations, out)


def _windows(
    x: Array,
    groups: int,
    kernel: Sizes,
    pads: Sizes,
    strides: Sizes,
    dilations: Sizes,
    out: Sequence[int],
) -> Iterator[Array]:
    rank = x.ndim - 2
    # Channels last: what a window copies then lies together, run by run.
    last = floats(np.moveaxis(x, 1, -1))
    inside: list[slice] = [slice(None)]
    for i in range(rank):
        inside.append(slice(max(0, -pads[i]), last.shape[1 + i] - max(0, -pads[rank + i])))
    last = last[tuple(inside)]
    around = [(max(0, pads[i]), max(0, pads[rank + i])) for i in range(rank)]
    if any(any(pair) for pair in around):
        last = np.pad(last, [(0, 0), *around, (0, 0)])
    samples, channels, width = len(last), last.shape[-1], last.shape[-1] // groups
    step = last.strides
    windows = np.lib.stride_tricks.as_strided(
        last,
        (samples, *out, *kernel, groups, width),
        (
            step[0],
            *(step[1 + i] * strides[i] for i in range(rank)),
            *(step[1 + i] * dilations[i] for i in range(rank)),
            step[-1] * width,
            step[-1],
        ),
        writeable=False,
    )
    # A big picture alone may be more than one slice: cut along its first dim.
    columns = prod(kernel) * channels
    line = max(1, slice_rows(columns) // max(samples * prod(out[1:]), 1)) if rank else 1
    for start in range(0, out[0] if rank else 1, line):
        part = windows[:, start : start + line] if rank else windows
        grouped = np.moveaxis(part, -2, 0)
        yield np.ascontiguousarray(grouped).reshape(groups, -1, prod(kernel) * width)


def kernel_sizes(node: NodeProto, weight: Weight) -> Sizes | None:
    """The kernel's size along each dim of the picture."""
    told = integers(node, "kernel_shape")
    count = weight.view.logical_shape[2]
    if told:
        return told if prod(told) == count else None
    sizes, order, counts = weight.view.factors
    dims = order[counts[0] + counts[1] : counts[0] + counts[1] + counts[2]]
    return tuple(sizes[dim] for dim in dims)


def fitted(kernel: Sizes, rank: int) -> Sizes:
    """The kernel's sizes in so many dims, where dims of 1 were dropped on the way."""
    if len(kernel) == rank:
        return kernel
    if prod(kernel) == 1:
        return (1,) * rank
    raise Misfit(f"its kernel {list(kernel)} meets an input of {rank} dims")


def same_pads(sizes: Sizes, kernel: Sizes, strides: Sizes, dilations: Sizes, upper: bool) -> Sizes:
    """Pads with which the output has ceil(size / stride) places along each dim."""
    before, after = [], []
    for size, k, s, d in zip(sizes, kernel, strides, dilations, strict=True):
        total = max((-(-size // s) - 1) * s + (k - 1) * d + 1 - size, 0)
        small, large = total // 2, total - total // 2
        before.append(small if upper else large)
        after.append(large if upper else small)
    return (*before, *after)


def integers(node: NodeProto, name: str) -> Sizes:
    """An INTS attribute; empty where it is absent."""
    return next((tuple(a.ints) for a in node.attribute if a.name == name), ())


def text(node: NodeProto, name: str, default: str) -> str:
    """A STRING attribute, or its default."""
    return next((a.s.decode("utf-8", "replace") for a in node.attribute if a.name == name), default)


CONV = Operator(("Conv",), conv)
FUSED_CONV = Operator(("FusedConv",), conv, "com.microsoft")
