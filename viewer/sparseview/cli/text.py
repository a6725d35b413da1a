"""Numbers and names as the terminal shows them; names from a model can carry no control codes."""

from __future__ import annotations

from collections.abc import Sequence

from sparseview import shares

# Control, format (bidi overrides), surrogate, private, unassigned: could repaint a terminal.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """One printable line: what a terminal would obey instead of show becomes a replacement mark."""
    if text.isprintable():
        return text
    import unicodedata  # some milliseconds that a plain name does not cost

    return "".join("\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in text)


def percent(fraction: float | None) -> str:
    """Two decimals; never a rounded, false 0 or 100."""
    if fraction is None:
        return "–"
    return shares.percent(fraction, fixed=True)


def spread(fraction: float, error: float) -> str:
    """'82.33 % ± 0.98': a share and its standard error."""
    return f"{percent(fraction)} ± {100 * error:.2f}"


def count(number: int | None) -> str:
    """1234567 as 1,234,567."""
    return "–" if number is None else f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """'1 layer', '3 layers'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shape(dims: Sequence[int]) -> str:
    """(64, 3, 7, 7) as 64×3×7×7; a scalar as ·."""
    return "×".join(map(str, dims)) or "·"


def elide(text: str, width: int) -> str:
    """Shorten in the middle, where long names differ least: '/model/…/down_proj/MatMul'."""
    if len(text) <= width:
        return text
    if width < 3:
        return "…"[:width]
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
