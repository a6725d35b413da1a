"""Work in lots: nothing lost, nothing twice, nothing above the bound but what is so alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.runtime.memory import lots


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.integers(0, 9)), st.integers(0, 12))
def test_lots_keep_the_order_and_the_bound_and_are_as_large_as_they_can(sizes, most) -> None:
    items = list(enumerate(sizes))
    found = list(lots(items, lambda item: item[1], most))
    assert [item for lot in found for item in lot] == items and all(found)
    sums = [sum(size for _, size in lot) for lot in found]
    for lot, taken in zip(found, sums, strict=True):
        assert taken <= most or len(lot) == 1
    for taken, (first, *_) in zip(sums, found[1:], strict=False):
        assert taken + first[1] > most
