"""What a prune would give, before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

import msgspec

from sparseview.model.document import Model
from sparseview.pruning.plan import Plan, PruneRow
from sparseview.review.eligibility import Eligibility
from sparseview.review.ledger import Ledger
from sparseview.review.storing import Skipped, Smallest, runtimes, smallest
from sparseview.sparsity.analysis import Measurement


class PreviewRow(msgspec.Struct, frozen=True):
    """What a prune would do to one weight; `kept_energy`: share of its squares that stays, 0..1.

    `before` and `after` are None where it cannot be read; `skipped` says why it stays as it is.
    `border` is the least |w| that stays, where zeros may fall anywhere. `runtimes`: who could use
    the zeros as they would be; empty where nothing changes. `layer_error`: of the layer's outputs,
    relative, on data held out; None: not measured. `remark`: what else is worth knowing.
    """

    weight: int
    layer: str
    before: Measurement | None
    after: Measurement | None
    kept_energy: float
    skipped: str | None
    border: float | None
    smallest_before: Smallest | None
    smallest_after: Smallest | None
    runtimes: dict[str, Eligibility]
    layer_error: float | None
    remark: str | None


class Preview(msgspec.Struct, frozen=True):
    """The rows of a plan and its totals over the requested tensors that could be read, each once.

    Fractions 0..1; `kept_energy` is the share of squared weight that stays. `bytes_before` and
    `bytes_after`: every tensor in its smallest storage. `model_before` and `model_after`: zeros of
    all the model's weights, None while not all are measured.
    """

    rows: tuple[PreviewRow, ...]
    sparsity_before: float | None
    sparsity_after: float | None
    kept_energy: float
    skipped: tuple[Skipped, ...]
    bytes_before: int | None
    bytes_after: int | None
    model_before: float | None
    model_after: float | None


def preview(model: Model, made: Plan, ledger: Ledger, layer: Callable[[int], str]) -> Preview:
    """The page's and the shell's picture of a plan; `layer` names a weight's layer by its id."""
    rows = tuple(_row(model, row, layer) for row in made.rows)
    keys = {row.weight: model.weights[row.weight].constant.key for row in rows}
    once = {keys[row.weight]: row for row in reversed(rows) if row.before is not None}
    before = [row.smallest_before.bytes for row in once.values() if row.smallest_before]
    after = [row.smallest_after.bytes for row in once.values() if row.smallest_after]
    zeros = {key: row.after.zeros for key, row in once.items() if row.after is not None}
    return Preview(
        rows=rows,
        sparsity_before=made.sparsity_before,
        sparsity_after=made.sparsity_after,
        kept_energy=made.kept_energy,
        skipped=skipped(made, layer),
        bytes_before=sum(before) if before else None,
        bytes_after=sum(after) if after else None,
        model_before=whole_model(model, ledger, {}),
        model_after=whole_model(model, ledger, zeros),
    )


def _row(model: Model, row: PruneRow, layer: Callable[[int], str]) -> PreviewRow:
    weight = model.weights[row.weight]
    return PreviewRow(
        row.weight,
        layer(row.weight),
        row.before,
        row.after,
        row.kept_energy,
        row.skipped,
        row.border,
        None if row.before is None else smallest(weight, row.before),
        None if row.after is None else smallest(weight, row.after),
        {}
        if row.after is None or row.skipped is not None
        else runtimes(model.nodes[weight.node], weight, row.after),
        row.layer_error,
        row.remark,
    )


def whole_model(model: Model, ledger: Ledger, instead: Mapping[str, int]) -> float | None:
    """Zeros of all weights, each tensor once; None: not all known. instead : zeros by key."""
    zeros = elements = 0
    tensors = {w.constant.key: w for w in model.weights if w.kind == "weight"}
    for key, weight in tensors.items():
        found = ledger.measured.get(weight.id)
        if key in instead:
            zeros, elements = zeros + instead[key], elements + prod(weight.constant.shape)
        elif found is not None:
            zeros, elements = zeros + found.zeros, elements + found.elements
        elif not ledger.known(weight.id):
            return None  # else it cannot be read
    return zeros / elements if elements else None


def skipped(made: Plan, layer: Callable[[int], str]) -> tuple[Skipped, ...]:
    """What a plan leaves as it is, in its order."""
    return tuple(
        Skipped(layer(row.weight), row.skipped) for row in made.rows if row.skipped is not None
    )
