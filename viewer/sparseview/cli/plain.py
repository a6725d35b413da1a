"""What is printed into pipes and files: lines and tables of plain text, without rich.

rich takes longer to import than a small model to prune. The text is what rich would write there.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

# Wide enough that a table in a pipe or file keeps its natural width.
UNBOUND = 4000
# What rich goes by besides the stream itself.
ASKED = ("FORCE_COLOR", "TTY_COMPATIBLE", "JUPYTER_COLUMNS", "JUPYTER_LINES")


class Cell(Protocol):
    """The text of one cell: rich's, or `Words`."""

    @property
    def plain(self) -> str: ...

    @property
    def cell_len(self) -> int: ...


class Words(msgspec.Struct, frozen=True):
    """A text in one style of rich's."""

    plain: str
    style: str = ""

    @property
    def cell_len(self) -> int:
        """The columns that it takes."""
        return width(self.plain)


class Column(msgspec.Struct, frozen=True):
    """One column; `drop`: a narrow terminal drops the highest first, and never a 0."""

    title: str
    cells: Sequence[Cell]
    right: bool = False
    drop: int = 0

    @property
    def width(self) -> int:
        return max([len(self.title), *(cell.cell_len for cell in self.cells)])


class Paper(Protocol):
    """What results are printed on: a terminal, or plain text."""

    def line(self, *words: Words | str) -> None:
        """One line, however long; without words an empty one."""

    def table(self, columns: Sequence[Column], shrink: str) -> None:
        """A table; the column `shrink` is elided to fit."""

    def tile(self, fraction: float | None) -> Cell:
        """A percentage, on its colour where there are colours."""


def to_terminal() -> bool:
    """Whether standard output may be a terminal; rich knows for sure."""
    return sys.stdout.isatty() or any(name in os.environ for name in ASKED)


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


class Plain:
    """Gathers what is printed as text; see `Paper`."""

    def __init__(self) -> None:
        self._text = io.StringIO()

    def line(self, *words: Words | str) -> None:
        told = "".join(one if isinstance(one, str) else one.plain for one in words)
        self._text.write(f"{told}\n")

    def table(self, columns: Sequence[Column], shrink: str) -> None:
        """Two spaces between columns; as in rich's tables without a box."""
        del shrink  # there is room
        widths = [column.width for column in columns]
        rows = [[column.title for column in columns]]
        rows += [
            [cell.plain for cell in row]
            for row in zip(*(column.cells for column in columns), strict=True)
        ]
        for row in rows:
            self.line("  ".join(map(_padded, row, columns, widths)))

    def tile(self, fraction: float | None) -> Cell:
        from sparseview.cli.text import percent

        return Words(percent(fraction))

    @property
    def text(self) -> str:
        """All lines; a file needs no trailing blanks."""
        lines = [line.rstrip() for line in self._text.getvalue().splitlines()]
        return "\n".join(lines) + "\n"


def _padded(text: str, column: Column, wide: int) -> str:
    blanks = " " * (wide - width(text))
    return blanks + text if column.right else text + blanks


def written(draw: Callable[[Paper], None]) -> bytes:
    """What `draw` prints, as a file holds it."""
    paper = Plain()
    draw(paper)
    return paper.text.encode(errors="replace")
