"""The numbers of a prune as the page shows them while a slider moves; see `pruning.outlook`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from sparseview.model.document import Model
from sparseview.pruning.outlook import OutlookPart, OutlookPlan, totals
from sparseview.pruning.prune import kept_share
from sparseview.review.ledger import Ledger
from sparseview.review.preview import whole_model
from sparseview.review.storing import Skipped


class OutlookRow(msgspec.Struct, frozen=True):
    """One weight: its sparsity now and then, None where it cannot be read; see PreviewRow."""

    weight: int
    layer: str
    before: float | None
    after: float | None
    kept_energy: float
    skipped: str | None
    border: float | None


class Outlook(msgspec.Struct, frozen=True):
    """As Preview, in numbers only. exact: False where they come from a sample."""

    exact: bool
    rows: tuple[OutlookRow, ...]
    sparsity_before: float | None
    sparsity_after: float | None
    kept_energy: float
    skipped: tuple[Skipped, ...]
    model_before: float | None
    model_after: float | None


def told(model: Model, made: OutlookPlan, ledger: Ledger, layer: Callable[[int], str]) -> Outlook:
    """The page's picture of an outlook; `layer` names a weight's layer by its id."""
    before, after, kept = totals(made.parts)
    rows = tuple(_row(part, use.id, layer) for part in made.parts for use in part.target.uses)
    changed = {p.target.key: p.after for p in made.parts if p.after is not None}
    return Outlook(
        exact=made.exact,
        rows=rows,
        sparsity_before=before,
        sparsity_after=after,
        kept_energy=kept,
        skipped=tuple(Skipped(row.layer, row.skipped) for row in rows if row.skipped is not None),
        model_before=whole_model(model, ledger, {}),
        model_after=whole_model(model, ledger, changed),
    )


def _row(part: OutlookPart, weight: int, layer: Callable[[int], str]) -> OutlookRow:
    def share(zeros: int | None) -> float | None:
        return zeros / part.elements if zeros is not None and part.elements else None

    return OutlookRow(
        weight,
        layer(weight),
        share(part.before),
        share(part.after),
        kept_share(part.lost, part.energy) if part.energy else 1.0,
        part.skipped,
        part.border,
    )
