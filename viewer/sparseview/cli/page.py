"""A rich console and table in the project's look: coloured on a terminal, plain text when piped."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sparseview.cli.output import write_text
from sparseview.cli.text import percent
from sparseview.cli.viridis import style

# Wide enough that a table in a pipe or file keeps its natural width.
UNBOUND = 4000


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


def grid(console: Console) -> Table:
    """A table with one ruled head and no cards."""
    return Table(
        box=box.SIMPLE_HEAD if console.is_terminal else None,
        pad_edge=False,
        header_style="bold",
        show_edge=False,
        padding=(0, 2, 0, 0),
    )


def tile(fraction: float | None) -> Text:
    """A percentage on its colour, as the graph's tiles are; dense has none."""
    text = f" {percent(fraction)} "
    return Text(text, style(fraction) if fraction else "dim")
