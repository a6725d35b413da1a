"""MatMul: the rows of the other operand, or its columns; with leading dims that stack or spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

import numpy as np
from onnx import NodeProto

from sparseview.model.operators.row import integer
from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap, sliced


def matmul(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    other = 1 - weight.input
    return product(node.input[other], weight, across=other == 1)


def fused(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    """Either side may come transposed, or with its first dim behind the batch's (transBatch); a
    factor (alpha) changes no comparison."""
    other = 1 - weight.input
    side = "AB"[other]
    turned = bool(integer(node, f"trans{side}", 0))
    found = product(node.input[other], weight, across=turned != (other == 1))
    if not integer(node, f"transBatch{side}", 0):
        return found
    plain = found.rows

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        yield from plain([np.moveaxis(values[0], 0, -2)])

    return replace(found, geometry=("batch", found.geometry), rows=rows)


def first_input(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    """Operators that multiply the rows of their first input, [..., in], with the weight."""
    return product(node.input[0], weight, across=False)


def product(tensor: str, weight: Weight, across: bool) -> Tap:
    """A tap on [..., rows, in] (or [..., in, rows], where `across`) that meets a weight whose
    leading dims broadcast against it as numpy's matmul does."""
    sizes, order, counts = weight.view.factors
    leading = tuple(sizes[dim] for dim in order[: counts[0]])

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        (x,) = values
        if x.ndim == 1:
            x = x[None]
        elif across:
            x = np.swapaxes(x, -1, -2)
        if prod(leading) == 1:
            # A view where that is possible: tokens of all samples one after the other.
            yield from sliced(x.reshape(-1, x.shape[-1]))
        else:
            yield from sliced(stacked(x, leading))

    return Tap((tensor,), ("rows", across, leading if prod(leading) > 1 else ()), rows)


def stacked(x: Array, leading: tuple[int, ...]) -> Array:
    """X [..., rows, in] against a weight with these leading dims: [stack, rows of all, in]."""
    rank = max(x.ndim - 2, len(leading))
    x = x.reshape((1,) * (rank + 2 - x.ndim) + x.shape)
    own: tuple[int, ...] = x.shape[:rank]
    leading = (1,) * (rank - len(leading)) + leading
    for mine, theirs in zip(own, leading, strict=True):
        if mine != theirs and 1 not in (mine, theirs):
            raise Misfit(f"its {list(leading)} stacked matrices meet an input {list(x.shape)}")
    spread = tuple(max(pair) for pair in zip(own, leading, strict=True))
    x = np.broadcast_to(x, spread + x.shape[-2:])
    along = [dim for dim in range(rank) if leading[dim] > 1]
    free = [dim for dim in range(rank) if leading[dim] == 1]
    x = np.transpose(x, (*along, *free, rank, rank + 1))
    return x.reshape(prod(leading), -1, x.shape[-1])


MATMUL = Operator(("MatMul",), matmul)
FUSED_MATMUL = Operator(
    ("FusedMatMul", "FusedMatMulActivation", "TransposeMatMul"), fused, "com.microsoft"
)
FIRST_INPUT = Operator(
    (
        "Attention",
        "PackedAttention",
        "DecoderMaskedSelfAttention",
        "MatMulNBits",
        "DynamicQuantizeMatMul",
    ),
    first_input,
    "com.microsoft",
)
