"""The list of edits as the page shows it, and the sentence that names an edit."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sparseview.pruning.methods import get
from sparseview.pruning.prune import PruneRequest


class HistoryEdit(msgspec.Struct, frozen=True):
    """One edit; `sparsity` is the model's after it, None while weights are unmeasured."""

    label: str
    sparsity: float | None


class History(msgspec.Struct, frozen=True):
    """All edits, done and undone. `position`: how many are applied; `saved`: how many were at
    the last save, -1 when that state can no longer be reached."""

    edits: tuple[HistoryEdit, ...]
    position: int
    saved: int


def prune_label(request: PruneRequest, layers: Sequence[str], synthetic: bool = False) -> str:
    """'Prune conv1 to 2:4', 'Prune 3 layers to 60 % by Wanda', 'Prune fc below 0.01'.

    synthetic : it went by data that are made up.
    """
    who = layers[0] if len(layers) == 1 else f"{len(layers)} layers"
    method = get(request.method)
    how = f" by {method.label}" if method.needs != "nothing" else ""
    return f"Prune {who} {_target(request)}{how}{' on synthetic data' if synthetic else ''}"


def _target(request: PruneRequest) -> str:
    structure = request.format if request.format != "unstructured" else ""
    if request.levels is not None:
        levels = "at the levels of a table"
        return f"to {structure} {levels}" if structure else levels
    if request.threshold is not None:
        amount = f"below {request.threshold:g}"
        return f"{amount}, {structure}" if structure else amount
    limits = [("drift", "≤", request.max_drift), ("cosine", "≥", request.min_cosine)]
    within = [f"{name} {sign} {value:g}" for name, sign, value in limits if value is not None]
    if within:
        amount = f"as far as {' and '.join(within)}"
        return f"to {structure} {amount}" if structure else amount
    percentage = request.percentile
    if request.sparsity is not None:
        percentage = 100 * request.sparsity
    if percentage is None:
        return f"to {structure}"
    budget = {"overall": " overall", "sensitivity": " overall by sensitivity"}
    amount = f"{percentage:.4g} %{budget.get(request.budget, '')}"
    return f"to {structure} at {amount}" if structure else f"to {amount}"
