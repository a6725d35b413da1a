"""The report as a table: totals on top, flagged rows first, reasons below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sparseview.cli.page import grid, put, tile
from sparseview.cli.text import clean, count, elide, percent, plural, shape, size
from sparseview.review.report import Report
from sparseview.review.rows import DeclaredRow, WeightRow
from sparseview.session import Session

# Columns from the one a narrow terminal keeps to the last to the one it drops first.
_DROPPED_FIRST = ("kind", "type", "shape", "elements", "zeros", "op")
_SPACE = {"kind": 11, "type": 10, "shape": 16, "elements": 14, "zeros": 14, "op": 12}
_FIXED = 24 + 11 + 15 + 16  # layer, sparsity, format, declared at their least, in characters


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
        console.print("No weights: nothing here multiplies with a stored tensor.", soft_wrap=True)
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
        console.print(Text(f"note: {clean(notice.message)}", "yellow"), soft_wrap=True)


def _rows(console: Console, rows: Sequence[WeightRow]) -> None:
    shown = _columns(console, rows)
    claims = any(row.declared for row in rows)
    table = grid(console)
    if claims:
        table.add_column("")
    table.add_column("Layer", no_wrap=True, overflow="ellipsis", min_width=12)
    for name, title, right in (
        ("op", "Op", False),
        ("kind", "Kind", False),
        ("shape", "Shape", False),
        ("type", "Type", False),
        ("elements", "Elements", True),
        ("zeros", "Zeros", True),
    ):
        if name in shown:
            table.add_column(title, justify="right" if right else "left", no_wrap=True)
    table.add_column("Sparsity", justify="right", no_wrap=True)
    table.add_column("Format", no_wrap=True)
    if claims:
        table.add_column("Declared", no_wrap=True)
    width = _layer_width(console, rows, shown)
    for row in sorted(rows, key=lambda row: row.agrees is not False):
        cells: list[str | Text] = [Text("≠", "bold red") if row.agrees is False else ""]
        cells = cells if claims else []
        cells.append(Text(elide(clean(row.layer), width)))
        values = {
            "op": clean(row.op),
            "kind": row.kind,
            "shape": shape(row.shape),
            "type": row.dtype,
            "elements": count(row.elements),
            "zeros": count(row.zeros),
        }
        cells += [Text(value) for name, value in values.items() if name in shown]
        cells += [tile(row.sparsity), Text(row.format or "–")]
        if claims:
            cells.append(_claim(row))
        table.add_row(*cells)
    console.print(table)


def _columns(console: Console, rows: Sequence[WeightRow]) -> set[str]:
    """What fits; the kind only where there are embeddings."""
    shown = set(_DROPPED_FIRST)
    if not any(row.kind == "embedding" for row in rows):
        shown.discard("kind")
    for name in _DROPPED_FIRST:
        if _FIXED + sum(_SPACE[column] for column in shown) <= console.width:
            break
        shown.discard(name)
    return shown


def _layer_width(console: Console, rows: Sequence[WeightRow], shown: set[str]) -> int:
    longest = max(len(clean(row.layer)) for row in rows)
    left = console.width - (_FIXED - 24) - sum(_SPACE[name] for name in shown)
    return min(longest, max(left, 12))


def _claim(row: WeightRow) -> Text:
    if row.declared is None:
        return Text("")
    words = clean(describe(row.declared))
    if row.agrees is False:
        return Text(f"≠ {words}", "red")
    return Text(f"✓ {words}" if row.agrees else words, "green" if row.agrees else "")


def describe(claim: DeclaredRow) -> str:
    """'2:4 50.00 %', whatever of it is there."""
    parts = (claim.format, None if claim.sparsity is None else percent(claim.sparsity))
    return " ".join(part for part in parts if part) or "invalid"


def _reasons(console: Console, rows: Sequence[WeightRow]) -> None:
    flagged = [row for row in rows if row.agrees is False]
    if flagged:
        console.print()
    for row in flagged:
        reasons = "; ".join(row.disagreements)
        console.print(Text(f"≠ {clean(row.layer)}: {clean(reasons)}", "red"), soft_wrap=True)
