"""Groups that break N:M, one by one, against loops over the groups."""

from __future__ import annotations

import itertools

import checks
import numpy as np
import pytest

from sparseview.errors import SparseviewError
from sparseview.sparsity.offenders import OffenderFinder


def listed(nonzero: np.ndarray, n: int, m: int) -> list[tuple[int, ...]]:
    stack, out, kernel, in_ = nonzero.shape
    return [
        (s, o, k, i, int(nonzero[s, o, k, i : i + m].sum()))
        for s, o, k, i in itertools.product(range(stack), range(out), range(kernel),
                                            range(0, in_, m))
        if nonzero[s, o, k, i : i + m].sum() > n
    ]  # fmt: skip


def found(nonzero: np.ndarray, name: str, limit: int, axis: int = 1) -> OffenderFinder:
    """In pieces cut along one axis; pieces along in are whole groups of 8."""
    finder = OffenderFinder(name, nonzero.shape, limit)
    size = nonzero.shape[axis]
    step = 8 if axis == 3 else 2
    for start in range(0, size, step):
        index = [np.arange(s) for s in nonzero.shape]
        index[axis] = np.arange(start, min(start + step, size))
        assert finder.takes(index[3])
        finder.add(tuple(index), nonzero.take(index[axis], axis))
    return finder


@pytest.mark.parametrize("axis", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["2:4", "1:4", "4:8", "1:2"])
def test_every_offender(name, axis):
    nonzero = np.random.default_rng(4).random((2, 5, 3, 24)) < 0.45
    n, m = map(int, name.split(":"))
    finder = found(nonzero, name, 10_000, axis)
    places = [(one.stack, one.out, one.kernel, one.in_, one.nonzeros) for one in finder.first]
    assert places == listed(nonzero, n, m)
    assert (finder.violating, finder.groups) == checks.violating_groups(nonzero, n, m)


@pytest.mark.parametrize("axis", [1, 3])
def test_the_first_ones_are_the_first_of_all(axis):
    nonzero = np.random.default_rng(4).random((2, 5, 3, 24)) < 0.6
    finder = found(nonzero, "2:4", 7, axis)
    wanted = listed(nonzero, 2, 4)
    assert [(o.stack, o.out, o.kernel, o.in_, o.nonzeros) for o in finder.first] == wanted[:7]
    assert finder.violating == len(wanted)


def test_pieces_that_cut_a_group_are_not_taken():
    finder = OffenderFinder("2:4", (1, 1, 1, 16), 5)
    assert finder.takes(np.arange(4, 12))
    assert not finder.takes(np.arange(2, 6))
    assert not finder.takes(np.arange(4, 10))
    assert not finder.takes(np.array([0, 1, 2, 5]))


@pytest.mark.parametrize(
    ("name", "shape"), [("bsr:4x4", (1, 8, 1, 8)), ("2:4", (1, 8, 1, 6)), ("9:4", (1, 8, 1, 8))]
)
def test_formats_without_such_groups_are_refused(name, shape):
    with pytest.raises(SparseviewError):
        OffenderFinder(name, shape, 5)
