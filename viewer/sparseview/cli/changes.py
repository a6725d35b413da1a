"""What a prune changed, as a table: before, after, what stayed, what was left alone and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sparseview.amounts import size
from sparseview.cli.output import write_text
from sparseview.cli.plain import Column, Paper, Words, to_terminal, written
from sparseview.cli.text import clean, percent, plural, spread
from sparseview.cli.wishes import Changes, Line
from sparseview.model.save import SaveResult
from sparseview.model.stores import Storing
from sparseview.review.rows import WeightRow
from sparseview.review.storing import Skipped, skipped_by
from sparseview.session import Session

if TYPE_CHECKING:
    from sparseview.review.evaluation import Evaluation


def print_changes(
    changes: Changes, session: Session, saved: SaveResult, beside: Sequence[Path]
) -> None:
    """Print to standard output. beside: other files that were written."""

    titles = session.model.titles

    def draw(paper: Paper) -> None:
        after = session.summary().sparsity
        paper.line(
            Words(clean(changes.title), "bold"),
            f" · the model goes from {percent(changes.total)} to {percent(after)}",
        )
        paper.line()
        _table(paper, changes.lines, changes.structure)
        if changes.skipped:
            paper.line()
            layers = len({left.layer for left in changes.skipped})
            paper.line(f"Left alone: {plural(layers, 'layer')}")
        # A layer of several weights, as an LSTM, would say the same several times.
        for left in dict.fromkeys(changes.skipped):
            paper.line(f"  {clean(titles.get(left.layer, left.layer))}: {clean(left.reason)}")
        if changes.remarks:
            paper.line()
        for who, reason in _together(changes.remarks, titles):
            paper.line(Words(f"! {clean(who)}: {clean(reason)}", "yellow"))
        if changes.effect is not None:
            paper.line()
            for line in effect_lines(changes.effect):
                paper.line(line)
        paper.line()
        if saved.storing is not None:
            _stored(paper, session, saved.storing)
        files = "".join(f" and {clean(path.name)}" for path in (*saved.data_files, *beside))
        paper.line(f"Saved {clean(str(saved.path))} ({size(saved.bytes)}){files}")
        if saved.unreferenced:
            names = ", ".join(clean(path.name) for path in saved.unreferenced)
            paper.line(
                f"{names} no longer used by {clean(saved.path.name)}: delete by hand what no other "
                "model needs."
            )

    if not to_terminal():
        write_text(written(draw), None)
        return
    from sparseview.cli.page import Terminal, put

    put(lambda console: draw(Terminal(console)), None)


def _together(remarks: Sequence[Skipped], titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each remark once, with whom it is about: 'conv1', 'conv1 and 15 more layers'."""
    about: dict[str, dict[str, None]] = {}
    for one in remarks:
        about.setdefault(one.reason, {})[titles.get(one.layer, one.layer)] = None
    for reason, layers in about.items():
        first, *others = layers
        yield f"{first} and {plural(len(others), 'more layer')}" if others else first, reason


def effect_lines(effect: Evaluation) -> Iterator[str]:
    """What happened to the outputs, on the samples that were held out."""
    found, made_up = effect.drift, " synthetic" if effect.synthetic else ""
    told = [
        f"{name} {tell(value)}"
        for name, tell, value in (
            ("relative L2", percent, found.relative_l2),
            ("cosine", "{:.4f}".format, found.cosine),
            ("same class", percent, found.top1_agreement),
            ("KL", "{:.4f} nats".format, found.kl),
        )
        if value is not None
    ]
    yield f"Outputs against the file, {effect.held_out:,}{made_up} samples held out: " + (
        ", ".join(told) or "not finite"
    )
    before, after = effect.accuracy_before, effect.accuracy_after
    if before is not None and after is not None:
        was, came = (spread(each.top1, each.error) for each in (before, after))
        yield f"Accuracy on them: {was} before, {came} after"


def _table(paper: Paper, lines: Sequence[Line], structure: str) -> None:
    formats = [_format(line.after, structure.casefold()) for line in lines]
    kept = [Words("–" if line.kept is None else percent(line.kept)) for line in lines]
    columns = [
        Column("Layer", [Words(clean(line.after.title)) for line in lines]),
        Column("Op", [Words(clean(line.after.op)) for line in lines], drop=2),
        Column("Before", [paper.tile(line.before.sparsity) for line in lines], True),
        Column("After", [paper.tile(line.after.sparsity) for line in lines], True),
        Column("Format", [Words(name) for name in formats]),
    ]
    if any(line.kept is not None for line in lines):
        columns.append(Column("Energy kept", kept, True, drop=1))
    if any(line.error is not None for line in lines):
        error = [Words("–" if line.error is None else percent(line.error)) for line in lines]
        columns.append(Column("Error held out", error, True))
    paper.table(columns, shrink="Layer")


def _format(row: WeightRow, asked: str) -> str:
    """The measured format; where chance explains the asked one as well, both."""
    if row.format is None:
        return "–"
    if asked != row.format and asked in row.satisfies:
        return f"{row.format}, {asked} holds"
    return row.format


def _stored(paper: Paper, session: Session, storing: Storing) -> None:
    """How the weights are stored now."""
    kind = "ONNX sparse tensors" if storing.store == "onnx-sparse" else "dense"
    before = sum(one.before for one in storing.changes)
    after = sum(one.after for one in storing.changes)
    paper.line(
        f"Stored {plural(len(storing.changes), 'weight')} as {kind}: {size(after)} instead of "
        f"{size(before)}"
    )
    for left in skipped_by(session.model, storing.left):
        name = session.model.titles.get(left.layer, left.layer)
        paper.line(f"  {clean(name)} not: {clean(left.reason)}")
