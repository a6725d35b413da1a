"""The report as a table: totals on top, flagged rows first, reasons below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sparseview.amounts import size
from sparseview.cli.page import Column, print_columns, put, tile
from sparseview.cli.text import clean, count, percent, plural, shape
from sparseview.review.report import Report
from sparseview.review.rows import DeclaredRow, WeightRow
from sparseview.session import Session


def print_report(
    session: Session, report: Report, rows: Sequence[WeightRow], output: Path | None
) -> None:
    """Print to standard output, or write plain text to a file."""

    def draw(console: Console) -> None:
        _head(console, session, report)
        if rows:
            console.print()
            _rows(console, rows)
            _reasons(console, rows)
            _unknown(console, rows)
            _not_finite(console, rows)

    put(draw, output)


def _head(console: Console, session: Session, report: Report) -> None:
    model, total = report.model, report.summary
    external = f" + {size(model.external_bytes)} external" if model.external_bytes else ""
    opsets = ", ".join(f"{clean(name)} {number}" for name, number in model.opsets.items())
    title = Text(clean(model.name), "bold")
    title.append(
        f" · {size(model.bytes)}{external} · IR {model.ir_version} · {opsets or 'no opset'}"
        f" · {plural(model.nodes, 'node')}",
        "dim",
    )
    console.print(title, soft_wrap=True)
    if total.weights:
        line = Text(f"{percent(total.sparsity)} sparse", "bold")
        line.append(
            f" · {count(total.zeros)} of {plural(total.elements, 'element')} are zero"
            f" · {plural(total.weights, 'weight')}",
            "not bold",
        )
        console.print(line, soft_wrap=True)
        ordered = sorted(total.by_format.items(), key=lambda item: -item[1].elements)
        console.print(
            Text(" · ".join(f"{name} {entry.weights}" for name, entry in ordered)), soft_wrap=True
        )
    elif not report.weights:
        console.print(
            "No weights found: no operator known here reads a stored tensor as its weight.",
            soft_wrap=True,
        )
    tables = total.embeddings
    if tables.weights:
        console.print(
            f"apart: {plural(tables.weights, 'embedding')}, {count(tables.zeros)} of "
            f"{plural(tables.elements, 'element')} are zero",
            soft_wrap=True,
        )
    claims = total.annotations
    if claims.declared:
        wrong = f", ≠ {plural(claims.disagree, 'claim')} false" if claims.disagree else ""
        console.print(
            Text(
                f"annotations: {claims.agree} of {claims.declared} agree{wrong}",
                "red" if claims.disagree else "",
            ),
            soft_wrap=True,
        )
    for notice in session.model.notices:
        words = clean(f"note: {notice.message} {notice.hint}".rstrip())
        console.print(Text(words, "yellow"), soft_wrap=True)


def _rows(console: Console, rows: Sequence[WeightRow]) -> None:
    ordered = sorted(rows, key=lambda row: row.agrees is not False)
    columns = [
        Column("Layer", [Text(clean(row.title)) for row in ordered]),
        Column("Op", [Text(clean(row.op)) for row in ordered], drop=1),
        Column("Kind", [Text(row.kind) for row in ordered], drop=6),
        Column("Shape", [Text(shape(row.shape)) for row in ordered], drop=4),
        Column("Type", [Text(row.dtype) for row in ordered], drop=5),
        Column("Elements", [Text(count(row.elements)) for row in ordered], True, drop=2),
        Column("Zeros", [Text(count(row.zeros)) for row in ordered], True, drop=3),
        Column("Sparsity", [tile(console, row.sparsity) for row in ordered], True),
        Column("Format", [Text(row.format or "–") for row in ordered]),
    ]
    if not any(row.kind == "embedding" for row in rows):
        columns = [column for column in columns if column.title != "Kind"]
    if any(row.declared for row in rows):
        mark = Text("≠", "bold red")
        flags = [mark if row.agrees is False else Text("") for row in ordered]
        columns = [
            Column("", flags),
            *columns,
            Column("Declared", [_claim(row) for row in ordered]),
        ]
    print_columns(console, columns, shrink="Layer")


def _claim(row: WeightRow) -> Text:
    if row.declared is None:
        return Text("")
    words = clean(describe(row.declared))
    if row.agrees is False:
        return Text(f"≠ {words}", "red")
    # Agreement is quiet: sparsity and format beside it are what was claimed.
    return Text("✓", "green") if row.agrees else Text(words)


def describe(claim: DeclaredRow) -> str:
    """'2:4 50.00 %', whatever of it is there."""
    parts = (claim.format, None if claim.sparsity is None else percent(claim.sparsity))
    return " ".join(part for part in parts if part) or "invalid"


def _reasons(console: Console, rows: Sequence[WeightRow]) -> None:
    flagged = [row for row in rows if row.agrees is False]
    if flagged:
        console.print()
    for row in flagged:
        reasons = " ".join(row.disagreements)
        console.print(Text(f"≠ {clean(row.title)}: {clean(reasons)}", "red"), soft_wrap=True)


def _unknown(console: Console, rows: Sequence[WeightRow]) -> None:
    """Weights that cannot be measured, and why."""
    unknown = [row for row in rows if row.problem is not None]
    if unknown:
        console.print()
    for row in unknown:
        words = f"! {clean(row.title)}: {clean(row.problem or '')}"
        console.print(Text(words, "yellow"), soft_wrap=True)


def _not_finite(console: Console, rows: Sequence[WeightRow]) -> None:
    """Values that no weight should hold; they are counted as what they are, not zero."""
    broken = [row for row in rows if row.nan or row.inf]
    if broken:
        console.print()
    for row in broken:
        counts = ((row.nan, "NaN"), (row.inf, "infinite"))
        words = " and ".join(f"{number:,} {name}" for number, name in counts if number)
        ends = "value" if row.nan + row.inf == 1 else "values"
        console.print(Text(f"! {clean(row.title)}: {words} {ends}", "yellow"), soft_wrap=True)
