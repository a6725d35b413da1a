"""A wish to prune, as the command line, the page and Python say it, and whether it makes sense."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import msgspec

from sparseview.errors import SparseviewError
from sparseview.pruning import methods
from sparseview.sparsity import formats


class PruneRequest(msgspec.Struct, frozen=True):
    """What to prune, how, and how far.

    weights : ids, as in `Model.weights`.
    sparsity : fraction of zeros afterwards, 0..1, existing zeros included.
    percentile : the same, 0..100.
    threshold : prunes |w| strictly below it (a quantized weight: steps away from its zero point).
    scope : `layer`: the target holds for each weight; `global`: for all of them together, by one
        |w| border.
    """

    weights: tuple[int, ...]
    method: str = "magnitude"
    format: str = "unstructured"
    sparsity: float | None = None
    percentile: float | None = None
    threshold: float | None = None
    scope: Literal["layer", "global"] = "layer"


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that makes sense. Both targets None: what the format asks for by itself."""

    method: methods.Method
    format: formats.Format
    sparsity: float | None
    threshold: float | None
    together: bool


def understand(request: PruneRequest) -> Wish:
    """Check a request; raises SparseviewError with what to change."""
    method, format_ = methods.get(request.method), formats.get(request.format)
    targets = {
        "sparsity": request.sparsity,
        "percentile": request.percentile,
        "threshold": request.threshold,
    }
    given = [name for name, value in targets.items() if value is not None]
    if len(given) > 1:
        raise SparseviewError(
            f"{' and '.join(given)} are given together.", "Give one of them.", "target"
        )
    sparsity, threshold = request.sparsity, request.threshold
    if request.percentile is not None:
        sparsity = request.percentile / 100
    if sparsity is not None and not 0 <= sparsity <= 1:  # NaN too
        raise SparseviewError(
            f"A target of {sparsity:g} is not between 0 and 1.",
            "Give a fraction such as 0.5, or a percentage such as 50%.",
            "target",
        )
    if threshold is not None and (math.isnan(threshold) or threshold < 0):
        raise SparseviewError(
            f"A threshold of {threshold:g} is below zero.", "Give a positive one.", "target"
        )
    if threshold is not None and format_.family == "nm":
        raise SparseviewError(
            f"A threshold cannot be combined with {format_.name}: its groups decide what stays.",
            "Give a target sparsity, or the format alone.",
            "target",
        )
    if threshold is None:
        format_.check(sparsity)
    if request.scope not in ("layer", "global"):
        raise SparseviewError(
            f"There is no scope {request.scope!r}.", "Scopes: layer, global.", "scope"
        )
    if format_.family not in method.families:
        raise SparseviewError(f"{method.label} cannot prune to {format_.name}.", "", "format")
    together = request.scope == "global" and sparsity is not None
    return Wish(method, format_, sparsity, threshold, together)
