"""Numbers, names, colours and narrow tables as the terminal shows them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sparseview import shares
from sparseview.cli import text, viridis
from sparseview.cli.fraction import Fraction, Percentile
from sparseview.cli.page import Column, print_columns

PACKAGE = Path(shares.__file__).parent


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (None, "–"), (0.0, "0.00 %"), (1.0, "100.00 %"), (0.5, "50.00 %"), (0.96494, "96.49 %"),
        (1e-9, "< 0.01 %"), (0.00005, "0.01 %"), (1 - 1e-9, "> 99.99 %"), (0.99994, "99.99 %"),
    ],
)  # fmt: skip
def test_percentages_are_never_a_false_nothing_or_all(fraction: float | None, shown: str) -> None:
    assert text.percent(fraction) == shown


@pytest.mark.parametrize(
    ("share", "decimals", "shown"),
    [
        (0.0, 2, "0 %"), (1.0, 1, "100 %"), (0.5, 2, "50.00 %"), (0.965, 1, "96.5 %"),
        (0.0004, 1, "< 0.1 %"), (0.0005, 1, "0.1 %"), (0.9996, 1, "> 99.9 %"),
        (0.9996, 2, "99.96 %"),
    ],
)  # fmt: skip
def test_shares_in_sentences_are_written_as_on_the_page(
    share: float, decimals: int, shown: str
) -> None:
    assert shares.percent(share, decimals) == shown


def test_no_message_writes_its_own_percentage() -> None:
    """One writer for all: a space before the sign, and never a false nothing or all."""
    own = re.compile(r"\{[^{}]*:[^{}]*%\}")
    sources = [file for file in PACKAGE.rglob("*.py") if own.search(file.read_text("utf-8"))]
    assert sources == []


def test_counts_and_shapes() -> None:
    assert text.count(1234567) == "1,234,567"
    assert (text.plural(1, "layer"), text.plural(2000, "layer")) == ("1 layer", "2,000 layers")
    assert (text.shape((64, 3, 7, 7)), text.shape(())) == ("64×3×7×7", "·")


@settings(derandomize=True, max_examples=60)
@given(st.text(max_size=60), st.integers(0, 40))
def test_eliding_fits_and_keeps_both_ends(name: str, width: int) -> None:
    short = text.elide(name, width)
    assert len(short) <= max(width, 0) or (short == name and len(name) <= width)
    if len(name) > width >= 3:
        head, tail = short.split("…")[0], short.rsplit("…", 1)[1]
        assert name.startswith(head) and name.endswith(tail)


@settings(derandomize=True, max_examples=100)
@given(st.text(max_size=40))
def test_cleaned_text_is_printable(name: str) -> None:
    shown = text.clean(name)
    assert len(shown) == len(name)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )


def luminance(colour: tuple[int, ...]) -> float:
    """Relative luminance of sRGB 0..255 (WCAG 2.2)."""
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("percent", range(0, 101, 2))
def test_text_on_the_scale_can_be_read(percent: int) -> None:
    colour = viridis.colour(percent / 100)
    front = 0.0 if viridis.style(percent / 100).startswith("rgb(0,0,0)") else 1.0
    light, dark = sorted((luminance(colour), front), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.55


def test_the_scale_is_viridis() -> None:
    # matplotlib's own values at 0, 0.25, 0.5, 0.75, 1.
    known = [(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)]
    for place, colour in zip((0, 0.25, 0.5, 0.75, 1), known, strict=True):
        assert max(abs(a - b) for a, b in zip(viridis.colour(place), colour, strict=True)) <= 2


@pytest.mark.parametrize(
    ("given_", "value"),
    [("0.5", 0.5), ("50%", 0.5), ("7%", 0.07), (" 12.5 % ", 0.125), ("1", 1.0), ("100%", 1.0),
     ("0", 0.0), ("1e-3", 0.001), ("1e-3%", 0.00001)],
)  # fmt: skip
def test_fractions(given_: str, value: float) -> None:
    assert Fraction().convert(given_, None, None) == value


@pytest.mark.parametrize(
    "given_", ["50", "1.5", "101%", "-1%", "-0.1", "nan", "nan%", "inf", "inf%", "", "%", "x%"]
)
def test_what_is_no_fraction(given_: str) -> None:
    with pytest.raises(click.BadParameter):
        Fraction().convert(given_, None, None)


def test_percentiles() -> None:
    assert Percentile().convert("50", None, None) == 50.0
    assert Percentile().convert("12.5%", None, None) == 12.5
    for wrong in ("101", "-1", "nan", "x"):
        with pytest.raises(click.BadParameter):
            Percentile().convert(wrong, None, None)


@pytest.mark.parametrize("width", [30, 50, 80, 120])
def test_a_narrow_table_drops_columns_and_elides_one(width: int) -> None:
    name = "/model/layers.0/attention/self/query/MatMul"
    columns = [
        Column("Layer", [Text(name), Text("fc")]),
        Column("Op", [Text("MatMul"), Text("Gemm")], drop=1),
        Column("Elements", [Text("11,720,448"), Text("10")], True, drop=2),
        Column("Sparsity", [Text(" 50.00 % "), Text(" 0.00 % ")], True),
    ]
    out = io.StringIO()
    print_columns(
        Console(file=out, width=width, force_terminal=True, color_system=None), columns, "Layer"
    )
    lines = out.getvalue().splitlines()
    assert len(lines) == 4
    assert all(cell_len(line) <= width for line in lines)
    assert "50.00 %" in lines[2]
    assert ("Elements" in lines[0]) == (width >= 80)
    assert (name in lines[2]) == (width >= 80)
    if width < 80:
        assert "…" in lines[2] and "MatMul" in lines[2]
