"""Numbers of bytes as people write and read them."""

from __future__ import annotations

import pytest

from sparseview.amounts import parsed, size
from sparseview.errors import SparseviewError


def test_sizes() -> None:
    assert [size(n) for n in (0, 999, 1000, 3_455_437, 2_250_000_000, 10**15)] == [
        "0 B", "999 B", "1 kB", "3.46 MB", "2.25 GB", "1,000 TB",
    ]  # fmt: skip


def test_a_size_that_is_rounded_up_takes_the_next_unit() -> None:
    sizes = (999_499, 999_500, 999_999, 999_499_999, 999_500_000, 10**12 - 1, 5 * 10**16)
    assert [size(n) for n in sizes] == [
        "999 kB", "1 MB", "1 MB", "999 MB", "1 GB", "1 TB", "50,000 TB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4096", 4096), ("500M", 500_000_000), ("500 MB", 500_000_000), ("2g", 2_000_000_000),
        ("1.5GiB", 1_610_612_736), ("64Ki", 65_536), ("0", 0),
    ],
)  # fmt: skip
def test_amounts(text: str, number: int) -> None:
    assert parsed(text) == number


@pytest.mark.parametrize("text", ["", "G", "-1G", "2 gigs", "1e9", "12i", "1,5G", "50%"])
def test_what_is_no_amount_is_refused_with_examples(text: str) -> None:
    with pytest.raises(SparseviewError, match="is no amount of memory") as refused:
        parsed(text)
    assert refused.value.hint == "Write 500M, 2G or 1.5GiB."
