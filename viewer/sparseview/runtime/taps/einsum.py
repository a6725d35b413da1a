"""Einsum of a constant and one more operand: letters of both make the stack or the columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np
from onnx import NodeProto

from sparseview.model.weights import Weight
from sparseview.runtime.statistics import Unreachable
from sparseview.runtime.taps.base import Array, Misfit, Operator, Tap, sliced
from sparseview.runtime.taps.conv import text


def einsum(node: NodeProto, weight: Weight) -> Tap | Unreachable:
    equation = text(node, "equation", "").replace(" ", "")
    left, arrow, result = equation.partition("->")
    operands = left.split(",")
    if len(operands) != 2 or len(node.input) != 2:
        return Unreachable("its Einsum has more operands than two")
    if "." in equation:
        return Unreachable("its Einsum has an ellipsis")
    own, other = operands[weight.input], operands[1 - weight.input]
    if len(set(other)) != len(other):
        return Unreachable("its Einsum takes a diagonal of the input")
    if not arrow:
        result = "".join(c for c in set(left) if left.count(c) == 1)
    # In the order of the weight's own dims, as its view has them.
    stack = [c for c in own if c in other and c in result]
    inner = [c for c in own if c in other and c not in result]
    alone = [c for c in other if c not in own and c not in result]
    kernel = weight.view.logical_shape[2]

    def rows(values: Sequence[Array]) -> Iterator[Array]:
        (x,) = values
        if x.ndim != len(other):
            raise Misfit(f"its Einsum {equation} meets an input {list(x.shape)}")
        # Letters that only the input has and the result lacks are summed before anything else.
        x = x.sum(axis=tuple(other.index(c) for c in alone)) if alone else x
        left_over = [c for c in other if c not in alone]
        free = [c for c in left_over if c not in own]
        size = {c: x.shape[left_over.index(c)] for c in left_over}
        x = np.transpose(x, [left_over.index(c) for c in (*stack, *free, *inner)])
        x = x.reshape(prod(size[c] for c in stack), -1, prod(size[c] for c in inner))
        # Every place along a letter that only the weight has meets the same input.
        yield from sliced(np.tile(x, (1, 1, kernel)) if kernel > 1 else x)

    return Tap((node.input[1 - weight.input],), ("einsum", equation, weight.input, kernel), rows)


EINSUM = Operator(("Einsum",), einsum)
