"""Blocks and channels that are zero in part, against loops over them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sparseview.errors import SparseviewError
from sparseview.sparsity.analysis import measure
from sparseview.sparsity.partial import PartialFinder

SHAPE = (2, 8, 3, 24)
UNITS = {
    "bsr:4x4": (1, 4, 1, 4), "bsr:1x8": (1, 1, 1, 8), "bsr:8x1": (1, 8, 1, 1),
    "channel:out": (1, 1, 3, 24), "channel:in": (1, 8, 3, 1),
}  # fmt: skip


def nearly(seed: int, unit: tuple[int, ...]) -> np.ndarray:
    """Whole units of zeros, and a few entries that are not as the rest of theirs."""
    random = np.random.default_rng(seed)
    live = random.random([size // step for size, step in zip(SHAPE, unit, strict=True)]) < 0.5
    for axis, step in enumerate(unit):
        live = np.repeat(live, step, axis)
    return live ^ (random.random(SHAPE) < 0.02)


def listed(nonzero: np.ndarray, unit: tuple[int, ...]) -> list[tuple[int, ...]]:
    found = []
    ranges = (range(0, size, step) for size, step in zip(SHAPE, unit, strict=True))
    for start in itertools.product(*ranges):
        box = nonzero[tuple(slice(s, s + u) for s, u in zip(start, unit, strict=True))]
        if box.any() and not box.all():
            found.append((*start, int(box.sum())))
    return found


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
@pytest.mark.parametrize("name", UNITS)
def test_every_unit_that_is_zero_in_part(name: str, axis: int) -> None:
    nonzero = nearly(axis, UNITS[name])
    finder = PartialFinder(name, SHAPE, 10_000)
    for start in range(0, SHAPE[axis], 3):  # pieces that cut through blocks
        index = [np.arange(size) for size in SHAPE]
        index[axis] = np.arange(start, min(start + 3, SHAPE[axis]))
        finder.add(tuple(index), nonzero.take(index[axis], axis))
    places = [(one.stack, one.out, one.kernel, one.in_, one.nonzeros) for one in finder.first]
    wanted = listed(nonzero, UNITS[name])
    assert places == wanted and finder.violating == len(wanted) > 0
    assert finder.groups == nonzero.size // np.prod(UNITS[name])
    # What lies in them is what the coverage lacks.
    missing = sum(int(np.prod(UNITS[name])) - one[4] for one in wanted)
    found = measure(nonzero)
    assert found.coverage[name] == pytest.approx(1 - missing / found.zeros, abs=1e-12)
    few = PartialFinder(name, SHAPE, 2)
    few.add(tuple(np.arange(size) for size in SHAPE), nonzero)
    assert [(o.stack, o.out, o.kernel, o.in_, o.nonzeros) for o in few.first] == wanted[:2]


def test_blocks_of_more_than_a_byte_counts() -> None:
    finder = PartialFinder("bsr:32x32", (1, 32, 1, 32), 5)
    full = np.ones((1, 32, 1, 32), np.bool_)
    full[0, 0, 0, 0] = False
    finder.add(tuple(np.arange(size) for size in full.shape), full)
    assert [one.nonzeros for one in finder.first] == [1023]


@pytest.mark.parametrize(("name", "word"), [("unstructured", "no blocks"), ("bsr:16x16", "apply")])
def test_what_has_none(name: str, word: str) -> None:
    with pytest.raises(SparseviewError, match=word):
        PartialFinder(name, SHAPE, 5)
