"""One stored tensor that is to be pruned: read, zeroed and proven in every use that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.weights import Weight
from sparseview.pruning.methods import Method
from sparseview.sparsity.formats import Format
from sparseview.sparsity.tally import Tally


@dataclass(frozen=True, slots=True)
class Target:
    """A constant with the selected uses of it (the first leads), and all its uses as a weight."""

    uses: tuple[Weight, ...]
    everywhere: tuple[Weight, ...]

    @property
    def lead(self) -> Weight:
        return self.uses[0]

    @property
    def key(self) -> str:
        return self.lead.constant.key


@dataclass(frozen=True, slots=True)
class Loaded:
    """A target's elements in storage, which of them are not zero, and their importance.

    `importance` and `position` are [stack, out, kernel, in] of the leading use; `position` is the
    flat index in the stored tensor, None where that is the logical C order.
    """

    stored: NDArray[Any]
    nonzero: NDArray[np.bool_]
    importance: NDArray[np.floating[Any]]
    position: NDArray[np.integer[Any]] | None

    @property
    def sparsity(self) -> float:
        return 1 - int(np.count_nonzero(self.nonzero)) / self.nonzero.size


def select(model: Model, chosen: tuple[Weight, ...]) -> list[Target]:
    """Each stored tensor of the chosen weights once, in the order in which it was chosen."""
    keys = dict.fromkeys(w.constant.key for w in chosen)
    return [
        Target(
            tuple(w for w in chosen if w.constant.key == key),
            tuple(w for w in model.weights if w.constant.key == key and w.kind == "weight"),
        )
        for key in keys
    ]


def load(model: Model, target: Target, method: Method) -> Loaded:
    """Read a tensor and weigh it; raises SparseviewError where it cannot be read."""
    lead = target.lead
    dtype, zero_point = lead.constant.dtype, lead.zero_point
    stored = tensors.read(model, lead.constant)
    values = tensors.to_float(stored, dtype)
    if zero_point is not None:
        values = values - tensors.to_float(zero_point, dtype)
    logical = lead.view.logical(values)
    position = None
    if not (logical.flags.c_contiguous and np.may_share_memory(logical, values)):
        wide = np.int32 if values.size < 1 << 31 else np.int64
        position = lead.view.logical(np.arange(values.size, dtype=wide).reshape(values.shape))
    return Loaded(
        stored, tensors.is_nonzero(stored, dtype, zero_point), method.importance(logical), position
    )


def refusal(target: Target, format_: Format) -> str | None:
    """Why the format cannot apply to the tensor in one of its uses, or what else is in the way."""
    lead = target.lead
    for use in (*target.uses, *target.everywhere):
        if use.problem is not None:
            return use.problem
        if use.fixed is not None:
            return use.fixed
        if use.constant.layout != lead.constant.layout:
            return "it is used a second time, where its bytes mean other numbers"
        if not _same(use.zero_point, lead.zero_point):
            return "it is used a second time, where another value is zero"
        reason = format_.refuses(use.view.logical_shape)  # type: ignore[arg-type]
        if reason is not None:
            return reason if use is target.lead else f"{reason}, where it is used a second time"
    return None


def _same(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    """Whether two zero points say the same; None is 0."""
    a, b = np.broadcast_arrays(0 if one is None else one, 0 if other is None else other)
    return np.array_equal(a, b)


def conflict(model: Model, target: Target, format_: Format, after: NDArray[np.bool_]) -> str | None:
    """Why the pruned tensor would break the format in another use of it."""
    if format_.family == "unstructured":
        return None
    for use in (*target.uses, *target.everywhere):
        if use.view != target.lead.view and not format_.holds(Tally(use.view.logical(after))):
            layer = model.nodes[use.node].layer
            return f"shared with {layer} along other axes, where {format_.name} would not hold"
    return None


def zeroed(
    model: Model, target: Target, loaded: Loaded, dropped: NDArray[np.bool_]
) -> NDArray[Any]:
    """What is to be stored: zeros (zero points) at `dropped`, bool in the constant's shape."""
    after: NDArray[Any] = loaded.stored.copy()
    zero = tensors.zero_value(target.lead.constant.dtype, target.lead.zero_point)
    np.copyto(after, zero, where=dropped)
    return tensors.restored(model, target.lead.constant, after)
