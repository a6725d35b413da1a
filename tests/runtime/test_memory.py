"""Memory: what a container leaves; work in lots, with nothing lost or above the bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.runtime import memory
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


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("most", "now", "left"), [("500", "200", 300), ("200", "500", 0), ("max", "5", 1000)]
)
def test_a_container_leaves_what_it_does_not_hold_yet(
    most: str, now: str, left: int, version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files as Linux has them; the machine itself has 1000 bytes left."""
    paths = [tmp_path / "most", tmp_path / "now"]
    for path, text in zip(paths, (most, now), strict=True):
        path.write_text(f"{text}\n")
    absent = (str(tmp_path / "no"), str(tmp_path / "none"))
    groups = [absent, absent]
    groups[version] = (str(paths[0]), str(paths[1]))
    monkeypatch.setattr(memory, "GROUPS", tuple(groups))
    monkeypatch.setattr(memory, "_of_machine", lambda: 1000)
    assert memory.free() == left


@pytest.mark.parametrize("told", ["inactive_file 150\nactive_file 30\n", "total_inactive_file 150\n"
    "inactive_file 7\ntotal_active_file 30\nactive_file 8\n", "nonsense\n"])  # fmt: skip
def test_files_that_are_only_kept_in_memory_are_free(
    told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a model was read: the container's use counts its pages, which go when asked for."""
    for name, text in (("most", "500"), ("now", "450"), ("memory.stat", f"anon 270\n{told}")):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(memory, "GROUPS", ((str(tmp_path / "most"), str(tmp_path / "now")),))
    monkeypatch.setattr(memory, "_of_machine", lambda: 1000)
    assert memory.free() == (50 if "nonsense" in told else 230)
