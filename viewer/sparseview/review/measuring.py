"""Measures weights one after the other; a tensor that several uses share is read once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.tensors import nonzero_mask
from sparseview.model.weights import Weight
from sparseview.sparsity.analysis import Measurement, measure

Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Measurer:
    """Keeps the last mask, so that consecutive uses of one tensor cost one read.

    Memory: one byte per element of the largest weight.
    """

    def __init__(self) -> None:
        self._identity: tuple[object, ...] | None = None
        self._value: object = None
        self._mask: Mask | None = None

    def measure(self, model: Model, weight: Weight) -> Measurement:
        """Zeros and structure of one weight; raises SparseviewError where it cannot be read."""
        if weight.problem is not None:
            raise SparseviewError(weight.problem, code="unmeasurable")
        try:
            return measure(weight.view.logical(self._read(model, weight)))
        except MemoryError:
            raise SparseviewError(
                f"There is not enough memory to measure {weight.constant.name}.",
                "Close other programs, or measure fewer layers.",
                "memory",
            ) from None

    def _read(self, model: Model, weight: Weight) -> Mask:
        zero = weight.zero_point
        identity = (
            id(model.skeleton),
            weight.constant.key,
            None if zero is None else (zero.shape, zero.tobytes()),
        )
        value = model.overlay.get(weight.constant.key)
        if self._mask is None or identity != self._identity or value is not self._value:
            self._mask = None  # lets the old mask go before the new one is made
            self._mask = nonzero_mask(model, weight.constant, zero)
            self._identity, self._value = identity, value
        return self._mask


def reading_order(model: Model, weights: Iterable[Weight]) -> list[Weight]:
    """The main graph first, as the page shows it first; the uses of one tensor together."""
    todo = list(weights)
    first: dict[str, tuple[bool, int]] = {}
    for weight in todo:
        kind = model.graphs[model.nodes[weight.node].graph].kind
        place = (kind != "main", weight.id)
        key = weight.constant.key
        first[key] = min(first.get(key, place), place)
    return sorted(todo, key=lambda weight: (*first[weight.constant.key], weight.id))
