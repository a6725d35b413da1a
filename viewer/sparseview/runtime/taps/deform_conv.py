"""DeformConv: a Conv whose kernel reads, at each place, where other inputs send it.

The row of a place o has X[k, c] = mask[k, o] x[c, o * stride + k * dilation - pad + offset[k, o]],
between pixels bilinear, outside the picture 0. https://arxiv.org/abs/1811.11168
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
from sparseview.runtime.taps.conv import Sizes, integers, kernel_sizes

OFFSET, MASK = 2, 4


def deform_conv(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    groups, sets = integer(node, "group", 1), integer(node, "offset_group", 1)
    kernel = kernel_sizes(node, weight)
    if kernel is None or len(kernel) != 2:
        return Unreachable("its kernel has other than two dims, which ONNX Runtime does not run")
    pads, strides = integers(node, "pads") or (0,) * 4, integers(node, "strides") or (1, 1)
    dilations = integers(node, "dilations") or (1, 1)
    masked = len(node.input) > MASK and bool(node.input[MASK])

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        x, offset = values[0], values[1]
        samples, channels, *_ = x.shape
        places, spots = offset.shape[2:], prod(kernel)
        if x.ndim != 4 or channels % groups or channels % sets:
            raise Misfit(f"its {groups} groups and {sets} sets of offsets meet {list(x.shape)}")
        moved = offset.reshape(samples, sets, spots, 2, *places)
        mask = values[2].reshape(samples, sets, spots, *places) if masked else None
        line = max(1, slice_rows(spots * channels) // max(places[1], 1))
        for sample in range(samples):
            last = floats(np.moveaxis(x[sample], 0, -1)).reshape(*x.shape[2:], sets, -1)
            for start in range(0, places[0], line):
                at = slice(start, start + line)
                where = _where(moved[sample, :, :, :, at], start, kernel, pads, strides, dilations)
                read = _between(last, *where)  # [sets, spots, lines, places, channels of a set]
                if mask is not None:
                    read *= mask[sample, :, :, at, :, None]
                read = np.moveaxis(read, (2, 3, 1, 0), (0, 1, 2, 3))
                read = read.reshape(-1, spots, groups, channels // groups)
                grouped = np.moveaxis(read, 2, 0)
                yield floats(grouped.reshape(groups, -1, spots * channels // groups))

    tensors = (node.input[0], node.input[OFFSET], *([node.input[MASK]] if masked else []))
    geometry = ("deform_conv", groups, sets, kernel, pads, strides, dilations, masked)
    return Tap(tensors, geometry, rows)


def _where(
    moved: Array, start: int, kernel: Sizes, pads: Sizes, strides: Sizes, dilations: Sizes
) -> tuple[Array, Array]:
    """(y, x) that each spot of the kernel reads: [sets, spots, lines, places], in pixels."""
    spots = np.meshgrid(*(np.arange(k) * d for k, d in zip(kernel, dilations, strict=True)),
                        indexing="ij")  # fmt: skip
    found = []
    for i in range(2):
        begin = start if i == 0 else 0
        places = (begin + np.arange(moved.shape[3 + i])) * strides[i] - pads[i]
        places = places[:, None] if i == 0 else places[None, :]
        found.append(moved[:, :, i] + spots[i].reshape(1, -1, 1, 1) + places)
    return found[0], found[1]


def _between(last: Array, y: Array, x: Array) -> Array:
    """last [height, width, sets, channels], read between its pixels."""
    height, width, sets, _ = last.shape
    top, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    which = np.arange(sets).reshape(-1, 1, 1, 1)
    found = np.zeros((*y.shape, last.shape[-1]), last.dtype)
    for down in (0, 1):
        for right in (0, 1):
            row, column = top + down, left + right
            share = (1 - np.abs(y - row)) * (1 - np.abs(x - column))
            share = share * ((row >= 0) & (row < height) & (column >= 0) & (column < width))
            row, column = row.clip(0, height - 1), column.clip(0, width - 1)
            found += last[row, column, which] * share[..., None].astype(last.dtype)
    return found


DEFORM_CONV = Operator(("DeformConv",), deform_conv)
