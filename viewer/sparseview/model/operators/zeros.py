"""Zero points that an operator takes as its own inputs, scalar or one per channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.operators.row import Value, Zero
from sparseview.model.proto import NodeProto
from sparseview.model.view import Shape

UNKNOWN = "Its zero point is computed, or does not fit its shape."


def given(node: NodeProto, index: int) -> bool:
    """Whether the node has that input."""
    return index < len(node.input) and bool(node.input[index])


def known(value: Value, index: int) -> NDArray[Any] | Zero:
    """The value of a given input, or the Zero that says why it is unknown."""
    try:
        found = value(index)
    except SparseviewError as error:
        return Zero(problem=f"Its zero point is unknown. {error.message}")
    return Zero(problem=UNKNOWN) if found is None else found


def per_channel(
    places: Mapping[int, tuple[int, int]],
) -> Callable[[NodeProto, int, Shape, Value], Zero]:
    """The rule of an operator: weight input -> (zero point input, dim that a 1-D one runs along).

    More dims than one must broadcast as numpy's do. An absent zero point is 0.
    """

    def zero(node: NodeProto, index: int, shape: Shape, value: Value) -> Zero:
        place, dim = places[index]
        if not given(node, place):
            return Zero()
        values = known(value, place)
        if isinstance(values, Zero):
            return values
        if values.size == 1:
            return Zero(values.reshape(()))
        if values.ndim == 1 and len(shape) > 1:
            dim %= len(shape)
            values = values.reshape([-1 if d == dim else 1 for d in range(len(shape))])
        fits = values.ndim == len(shape) and all(
            size in (1, whole) for size, whole in zip(values.shape, shape, strict=True)
        )
        return Zero(values) if fits else Zero(problem=UNKNOWN)

    return zero
