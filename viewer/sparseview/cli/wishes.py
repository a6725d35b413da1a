"""What the options of `sparseview prune` ask for, done on a session, and what it came to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sparseview import query as queries
from sparseview.cli.readable import require_readable
from sparseview.cli.table_of_levels import WORDS, read_levels
from sparseview.errors import SparseviewError
from sparseview.progress import Progress
from sparseview.pruning.request import PARAMS, PruneRequest
from sparseview.review.provenance import load
from sparseview.review.rows import WeightRow
from sparseview.review.storing import Skipped
from sparseview.session import Session

if TYPE_CHECKING:
    from sparseview.review.evaluation import Evaluation


class Line(msgspec.Struct, frozen=True):
    """One weight that changed: its row before and after.

    kept : its share of squares; error : of its outputs, relative, on data held out; None: unknown.
    """

    before: WeightRow
    after: WeightRow
    kept: float | None
    error: float | None = None


class Changes(msgspec.Struct, frozen=True):
    """What pruning came to. title: one line; total: the model's sparsity before.

    structure : the format that was asked for, "" where there were several.
    remarks : what is worth knowing about layers that changed.
    effect : what it did to the outputs, on data held out; None where it did not go by data.
    """

    title: str
    structure: str
    total: float | None
    lines: Sequence[Line]
    skipped: Sequence[Skipped]
    effect: Evaluation | None = None
    remarks: Sequence[Skipped] = ()


def asked(session: Session, wish: Mapping[str, Any], progress: Progress) -> PruneRequest:
    """What the options ask for; raises SparseviewError where they make no sense."""
    fields = dict(wish)
    layers, protect = fields.pop("layers"), fields.pop("protect")
    unprotect = fields.pop("unprotect")
    fields["format"] = fields.pop("structure")
    if fields["method"] is None:
        del fields["method"]
    fields |= params_of(fields.pop("params"))
    if fields["budget"] not in WORDS:
        fields["levels"] = read_levels(Path(fields.pop("budget")))
    for query in (layers, protect, unprotect):
        if query is not None:
            queries.compile(query)  # one that cannot be read is told before the long work
    if session.data is not None:
        _measure(session, progress)
    if unprotect is not None:
        session.protect(unprotect, False)
    if protect is not None:
        session.protect(protect)
    return session.request(layers, **fields)


def pruned(session: Session, request: PruneRequest, progress: Progress) -> Changes:
    """Prune as asked for; raises SparseviewError where that is not possible."""
    # What the plan reads all of is measured by it, in the same read.
    planned = session.read_alone(request.weights)
    session.measure((w.id for w in session.model.weights if w.id not in planned), progress)
    try:
        preview = session.preview(request, progress)
    except SparseviewError:
        _measure(session, progress)
        raise
    _measure(session, progress)
    before, total = session.weights, session.summary().sparsity
    edit = session.prune(request, progress)
    after = session.weights
    lines = [
        Line(before[row.weight], after[row.weight], row.kept_energy, row.layer_error)
        for row in preview.rows
        if row.skipped is None
    ]
    effect = _effect(session, "data" in edit.step, progress)
    remarks = [Skipped(after[row.weight].layer, row.remark) for row in preview.rows if row.remark]
    return Changes(
        edit.label, request.format, total, lines, preview.skipped, effect, remarks=remarks
    )


def _measure(session: Session, progress: Progress) -> None:
    """Measure what is not known yet; raises SparseviewError where weights cannot be read."""
    session.measure(None, progress)
    require_readable(session)


def _effect(session: Session, driven: bool, progress: Progress) -> Evaluation | None:
    """How far the outputs moved on the samples held out; None where there are none."""
    if not driven or session.data is None or not session.data.held_out.count:
        return None
    from sparseview.review.evaluation import evaluate

    return evaluate(session.model, session.data, progress)


def params_of(pairs: Sequence[str]) -> dict[str, Any]:
    """`rounds=4` as a field of a request; raises SparseviewError where it is none."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or name not in PARAMS:
            raise SparseviewError(
                f"{pair!r} is no parameter of a method.",
                f"Write NAME=VALUE; names: {', '.join(PARAMS)}.",
                "request",
            )
        try:
            found[name] = json.loads(text)
        except ValueError:
            found[name] = text
    return found


def replayed(session: Session, recipe: Path, force: bool, progress: Progress) -> Changes:
    """Do what a recipe says; raises SparseviewError where it belongs to another file."""
    found = load(recipe)
    session.measure(None, progress)
    require_readable(session)
    before, total = session.weights, session.summary().sparsity
    session.protect(session.protected, False)  # the recipe says what stays
    edits = session.replay(found, force, progress)
    after = session.weights
    changed = dict.fromkeys(weight for edit in edits for weight in edit.weights)
    lines = [Line(before[i], after[i], None) for i in changed]
    skipped = [
        Skipped(left["layer"], left["reason"])
        for edit in edits
        for left in edit.step.get("skipped", ())
        if not any(line.after.layer == left["layer"] for line in lines)
    ]
    title = " · ".join(edit.label for edit in edits) if edits else "An empty recipe"
    driven = any("data" in edit.step for edit in edits)
    return Changes(title, "", total, lines, skipped, _effect(session, driven, progress))
