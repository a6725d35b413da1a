"""`--budget`: a word, or a table of levels per layer in a JSON or CSV file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from sparseview.cli.fraction import Fraction
from sparseview.errors import SparseviewError

WORDS = ("uniform", "overall", "sensitivity")
LARGEST = 64 << 20  # bytes


def read_levels(path: Path) -> dict[str, float]:
    """Levels 0..1 by layer: a JSON object {layer: level}, or CSV lines `layer,level`.

    A level is a fraction or has its percent sign. Raises SparseviewError with the line or layer
    that is wrong.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise _wrong(path, "it is too large")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(path, "it is no UTF-8 text") from None
    except OSError as error:
        words = ", ".join(WORDS)
        raise SparseviewError(
            f"The budget {path} is neither {words}, nor a file: {error.strerror}.",
            "Give a JSON or CSV file of layers and levels.",
            "budget",
        ) from None
    if path.suffix.lower() == ".csv" or not text.lstrip().startswith("{"):
        return _from_csv(path, text)
    try:
        pairs: list[tuple[str, Any]] = json.loads(text, object_pairs_hook=list)
    except ValueError as error:
        raise _wrong(path, f"it is no JSON ({error})") from None
    if not all(isinstance(level, int | float | str) for _, level in pairs):
        raise _wrong(path, "it is no object of layers and levels")
    return _levels(path, pairs)


def _from_csv(path: Path, text: str) -> dict[str, float]:
    rows = [row for row in csv.reader(io.StringIO(text)) if row and any(row)]
    if rows and [cell.strip().lower() for cell in rows[0][:2]] in (
        ["layer", "sparsity"],
        ["layer", "level"],
    ):
        rows = rows[1:]
    for row in rows:
        if len(row) < 2:
            raise _wrong(path, f"the line “{','.join(row)}” has no level")
    return _levels(path, [(row[0].strip(), row[1].strip()) for row in rows])


def _levels(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, float]:
    import click

    found: dict[str, float] = {}
    for layer, level in pairs:
        if layer in found:
            raise _wrong(path, f"{layer} is there twice")
        try:
            found[layer] = Fraction().convert(level, None, None)
        except click.BadParameter as error:
            raise _wrong(path, f"{layer}: {error.message}") from None
    if not found:
        raise _wrong(path, "it names no layer")
    return found


def _wrong(path: Path, why: str) -> SparseviewError:
    return SparseviewError(
        f"The table of levels {path} cannot be used: {why}.",
        'Write {"layer": 0.5} as JSON, or lines like layer,50% as CSV.',
        "budget",
    )
