"""Numbers of bytes as people write them: '3.5 MB', '2G'."""

from __future__ import annotations

import re

from sparseview.errors import SparseviewError

UNITS = ("B", "kB", "MB", "GB", "TB")
ROUNDED_UP = 999.5  # to three digits it is a thousand, of the next unit


def size(number: int) -> str:
    """A number of bytes in decimal units: '3.5 MB'."""
    if number < 1000:
        return f"{number} B"
    value = number / 1000
    for unit in UNITS[1:-1]:
        if value < ROUNDED_UP:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} {UNITS[-1]}" if value < ROUNDED_UP else f"{value:,.0f} {UNITS[-1]}"


def parsed(text: str) -> int:
    """'2G', '500 MB', '1.5GiB' or a bare number of bytes; raises SparseviewError for others."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", text, re.IGNORECASE)
    if found is None or (found[3] and not found[2]):
        raise SparseviewError(
            f"{text!r} is no amount of memory.", "Write 500M, 2G or 1.5GiB.", "amount"
        )
    power = " kmgt".index(found[2].lower() or " ")
    unit: int = (1024 if found[3] else 1000) ** power
    return round(float(found[1]) * unit)
