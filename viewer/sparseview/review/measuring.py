"""Measures weights from the file in bounded memory; a tensor that several uses share, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.model.masks import masks
from sparseview.model.view import View
from sparseview.model.weights import Weight
from sparseview.review.bytewise import bytewise
from sparseview.sparsity.analysis import Measurement, conclude
from sparseview.sparsity.tally import PIECE, UNIT, Tally


class Counting(Protocol):
    """What `count` does."""

    def __call__(self, model: Model, weight: Weight, *, check: Callable[[], None]) -> Tally: ...


def nothing() -> None:
    """No reason to stop."""


class Measurer:
    """Keeps what the last tensor came to, so that consecutive uses of it cost one read.

    Memory: a few bytes per element of a piece; of a whole weight, where its axes ask for that.
    One thread at a time.
    """

    def __init__(self, counting: Counting | None = None) -> None:
        """counting : who counts in place of `count`."""
        self._counting = counting
        self._identity: tuple[object, ...] | None = None
        self._value: object = None
        self._found: dict[View, Measurement] = {}

    def measure(
        self, model: Model, weight: Weight, check: Callable[[], None] = nothing
    ) -> Measurement:
        """Zeros and structure of one weight; raises SparseviewError where it cannot be read.

        check : called every few milliseconds; what it raises ends the measuring.
        """
        if weight.problem is not None:
            raise SparseviewError(weight.problem, code="unmeasurable")
        zero, constant = weight.zero_point, weight.constant
        identity = (
            id(model.skeleton),
            constant.key,
            constant.layout,
            None if zero is None else (zero.shape, zero.dtype, zero.tobytes()),
        )
        value = model.overlay.get(constant.key)
        if identity != self._identity or value is not self._value:
            self._identity, self._value, self._found = identity, value, {}
        if weight.view not in self._found:
            counting = self._counting or count
            try:
                self._found[weight.view] = conclude(counting(model, weight, check=check))
            except MemoryError:
                raise SparseviewError(
                    f"There is not enough memory to measure {constant.name}.",
                    "Close other programs, or measure fewer layers.",
                    "memory",
                ) from None
        return self._found[weight.view]


def count(
    model: Model,
    weight: Weight,
    only: tuple[int, int] | None = None,
    check: Callable[[], None] = nothing,
) -> Tally:
    """The counts over a weight's zeros; `only`: those of this N:M, and no NaN and infinities."""
    found = None if only is None else bytewise(model, weight, only, check)
    if found is not None:
        return found
    parts = masks(model, weight, PIECE, UNIT, finite=only is not None)
    return Tally.gathered(weight.view.logical_shape, parts, only, check)


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
