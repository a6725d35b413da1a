"""What a prune changed, as a table: before, after, what stayed, what was left alone and why."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from sparseview.cli.page import grid, put, tile
from sparseview.cli.text import clean, elide, percent, plural, size
from sparseview.model.save import SaveResult
from sparseview.review.preview import Preview, PreviewRow
from sparseview.review.rows import WeightRow

_FIXED = 75  # characters of all columns but the layer's


def print_changes(
    label: str,
    preview: Preview,
    rows: Sequence[WeightRow],
    totals: tuple[float | None, float | None],
    saved: SaveResult,
) -> None:
    """Print to standard output.

    Parameters
    ----------
    rows : every row of the session, by id.
    totals : the model's sparsity before and after, 0..1.
    """

    def draw(console: Console) -> None:
        title = Text(clean(label), "bold")
        title.append(f" · the model goes from {percent(totals[0])} to {percent(totals[1])}", "")
        console.print(title, soft_wrap=True)
        console.print()
        _table(console, [row for row in preview.rows if row.skipped is None], rows)
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


def _table(console: Console, pruned: Sequence[PreviewRow], rows: Sequence[WeightRow]) -> None:
    table = grid(console)
    table.add_column("Layer", no_wrap=True, overflow="ellipsis", min_width=12)
    for title, right in (
        ("Op", False),
        ("Before", True),
        ("After", True),
        ("Format", False),
        ("Energy kept", True),
    ):
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    width = max(console.width - _FIXED, 12)
    for row in pruned:
        facts = rows[row.weight]
        before, after = row.before, row.after
        table.add_row(
            Text(elide(clean(facts.layer), width)),
            Text(clean(facts.op)),
            tile(before.sparsity if before else None),
            tile(after.sparsity if after else None),
            Text(after.format if after else "–"),
            Text(percent(row.kept_energy)),
        )
    console.print(table)
