"""MatMul: the rows of the other operand, or its columns; with leading dims that stack or spread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from onnx import NodeProto

from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap, sliced


def matmul(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    other = 1 - weight.input
    return product(node.input[other], weight, across=other == 1)


def product(tensor: str, weight: Weight, across: bool) -> Tap:
    """A tap on [..., rows, in] (or [..., in, rows], where `across`) that meets a weight whose
    leading dims broadcast against it as numpy's matmul does."""
    leading = tuple(weight.view.factors[0][dim] for dim in _stack_dims(weight))

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


def _stack_dims(weight: Weight) -> tuple[int, ...]:
    """The dims of `weight.view.factors` that stack, in their order."""
    _, order, counts = weight.view.factors
    return order[: counts[0]]


MATMUL = Operator(("MatMul",), matmul)
