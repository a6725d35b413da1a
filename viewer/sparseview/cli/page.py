"""A rich console and table in the project's look: coloured on a terminal, plain text when piped."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparseview.cli.output import write_text
from sparseview.cli.plain import UNBOUND, Cell, Column, Words
from sparseview.cli.text import elide, percent
from sparseview.cli.viridis import style

__all__ = ["Column", "Terminal", "print_columns", "put", "tile"]

_GAP = 3  # characters between two columns
_LEAST = 44  # characters of a layer's name before other columns have to go


def put(draw: Callable[[Console], None], output: Path | None) -> None:
    """Print what `draw` draws, or write it as plain text to a file."""
    terminal = Console(highlight=False, markup=False, emoji=False)
    if output is None and terminal.is_terminal:
        draw(terminal)
        return
    text = io.StringIO()
    draw(Console(file=text, width=UNBOUND, highlight=False, markup=False, emoji=False))
    # rich pads lines to the table's width; a file needs no trailing blanks.
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    write_text(("\n".join(lines) + "\n").encode(errors="replace"), output)


class Terminal:
    """Prints with rich; see `plain.Paper`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def line(self, *words: Words | str) -> None:
        text = Text()
        for one in words:
            text.append(one if isinstance(one, str) else _rich(one))
        self._console.print(text, soft_wrap=True)

    def table(self, columns: Sequence[Column], shrink: str) -> None:
        print_columns(self._console, columns, shrink)

    def tile(self, fraction: float | None) -> Cell:
        return tile(self._console, fraction)


def _rich(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell.plain, getattr(cell, "style", ""))


def print_columns(console: Console, columns: Sequence[Column], shrink: str) -> None:
    """A table with one ruled head and no cards; the column `shrink` is elided to fit."""
    chosen = list(columns)
    (narrow,) = (column for column in columns if column.title == shrink)

    def room() -> int:
        others = sum(column.width for column in chosen if column is not narrow)
        return console.width - others - _GAP * (len(chosen) - 1)

    while room() < min(narrow.width, _LEAST) and any(column.drop for column in chosen):
        chosen.remove(max(chosen, key=lambda column: column.drop))
    table = Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        header_style="bold",
        show_edge=False,
        padding=(0, 2, 0, 0),
    )
    for column in chosen:
        table.add_column(column.title, justify="right" if column.right else "left", no_wrap=True)
    width = max(room(), 8)
    for row in zip(*(column.cells for column in chosen), strict=True):
        table.add_row(
            *(
                Text(elide(cell.plain, width)) if column is narrow else _rich(cell)
                for column, cell in zip(chosen, row, strict=True)
            )
        )
    console.print(table)


def tile(console: Console, fraction: float | None) -> Text:
    """A percentage on its colour, as the graph's tiles are; dense has none."""
    if not console.is_terminal:
        return Text(percent(fraction))
    return Text(f" {percent(fraction)} ", style(fraction) if fraction else "dim")
