"""What a prune changed, as a table: before, after, what stayed, what was left alone and why."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sparseview.cli.page import Column, print_columns, put, tile
from sparseview.cli.text import clean, percent, plural, size
from sparseview.model.save import SaveResult
from sparseview.review.preview import Preview, PreviewRow
from sparseview.review.rows import WeightRow
from sparseview.sparsity.analysis import Measurement


def print_changes(
    label: str,
    structure: str,
    preview: Preview,
    rows: Sequence[WeightRow],
    totals: tuple[float | None, float | None],
    saved: SaveResult,
) -> None:
    """Print to standard output.

    Parameters
    ----------
    structure : the format that was asked for.
    rows : every row of the session, by id.
    totals : the model's sparsity before and after, 0..1.
    """

    def draw(console: Console) -> None:
        title = Text(clean(label), "bold")
        title.append(f" · the model goes from {percent(totals[0])} to {percent(totals[1])}", "")
        console.print(title, soft_wrap=True)
        console.print()
        pruned = [row for row in preview.rows if row.skipped is None]
        _table(console, pruned, rows, structure)
        if preview.skipped:
            console.print()
            console.print(f"Left alone: {plural(len(preview.skipped), 'layer')}", soft_wrap=True)
        for left in preview.skipped:
            console.print(Text(f"  {clean(left.layer)}: {clean(left.reason)}"), soft_wrap=True)
        console.print()
        files = "".join(f" and {clean(path.name)}" for path in saved.data_files)
        console.print(
            f"Saved {clean(str(saved.path))} ({size(saved.bytes)}){files}", soft_wrap=True
        )

    put(draw, None)


def _table(
    console: Console, pruned: Sequence[PreviewRow], rows: Sequence[WeightRow], structure: str
) -> None:
    before = [row.before.sparsity if row.before else None for row in pruned]
    after = [row.after.sparsity if row.after else None for row in pruned]
    formats = [_format(row.after, structure.casefold()) for row in pruned]
    print_columns(
        console,
        [
            Column("Layer", [Text(clean(row.layer)) for row in pruned]),
            Column("Op", [Text(clean(rows[row.weight].op)) for row in pruned], drop=2),
            Column("Before", [tile(console, fraction) for fraction in before], True),
            Column("After", [tile(console, fraction) for fraction in after], True),
            Column("Format", [Text(name) for name in formats]),
            Column("Energy kept", [Text(percent(row.kept_energy)) for row in pruned], True, drop=1),
        ],
        shrink="Layer",
    )


def _format(found: Measurement | None, asked: str) -> str:
    """The measured format; where chance explains the asked one as well, both."""
    if found is None:
        return "–"
    if asked != found.format and asked in found.satisfies:
        return f"{found.format}, {asked} holds"
    return found.format
