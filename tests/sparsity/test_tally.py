"""Counting piece by piece: any split of a weight tells what the whole tells, in any order."""

from __future__ import annotations

import itertools

import checks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zero_patterns import ORDERS, laid_out, structured

from sparseview.sparsity import bits, tally
from sparseview.sparsity.analysis import conclude, measure
from sparseview.sparsity.tally import Tally

KINDS = ["free", "pair", "row", "column", "block", "big", "channel", "in"]


def cut(data: st.DataObject, size: int, unit: int) -> list[tuple[int, int]]:
    """An axis as consecutive ranges that begin at multiples of `unit`."""
    inner = range(unit, size, unit)
    chosen = data.draw(st.sets(st.sampled_from(inner)) if inner else st.just(set()))
    edges = [0, *sorted(chosen), size]
    return list(itertools.pairwise(edges))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(
        st.integers(1, 3),
        st.sampled_from([1, 3, 32, 36, 64, 96]),
        st.integers(1, 3),
        st.sampled_from([1, 6, 32, 40, 64, 100]),
    ),
    p=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    kind=st.sampled_from(KINDS),
    order=st.sampled_from(ORDERS),
    data=st.data(),
)
def test_any_split_tells_what_the_whole_tells(seed, shape, p, kind, order, data):
    nonzero = laid_out(structured(seed, shape, p, kind), order)
    cuts = [cut(data, size, unit) for size, unit in zip(shape, (1, 32, 1, 32), strict=True)]
    parts = data.draw(st.permutations(list(itertools.product(*cuts))))
    whole = Tally.empty(shape)
    for box in parts:
        at = tuple(start for start, _ in box)
        whole.add(nonzero[tuple(slice(a, b) for a, b in box)], at)
    assert conclude(whole) == measure(nonzero)


@pytest.mark.parametrize("order", ORDERS)
def test_large_arrays_are_counted_in_pieces(order, monkeypatch):
    """Pieces far smaller than the array, and rows that are no multiple of them."""
    nonzero = laid_out(structured(3, (2, 100, 3, 72), 0.5, "block"), order)
    whole = measure(nonzero)
    monkeypatch.setattr(tally, "PIECE", 1000)
    monkeypatch.setattr(bits, "_CACHED", 200)
    assert measure(nonzero) == whole
    assert whole.zeros == nonzero.size - np.count_nonzero(nonzero)
    live = sum(any(tile) for tile in checks.blocks(nonzero, 4, 4))
    assert whole.blocks["bsr:4x4"] == live


@pytest.mark.parametrize("step", [1, 2, 9, 25, 64, 72, 100, 128])
@pytest.mark.parametrize("in_", [8, 24, 5])
def test_packing_is_the_same_in_every_memory_order(step, in_):
    rng = np.random.default_rng(step)
    stored = rng.random((3, in_, step)) < 0.5
    for nonzero in (stored[None], stored.transpose(0, 2, 1)[None], stored.transpose(2, 0, 1)[None]):
        packed = bits.pack(nonzero)
        again = np.unpackbits(packed, axis=-1, count=nonzero.shape[3], bitorder="little")
        np.testing.assert_array_equal(again, nonzero)
        assert packed.flags.c_contiguous


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 4), (3, 4), (3, 8), (5, 16), (9, 32)])
@pytest.mark.parametrize("kernel", [1, 3, 80])
def test_one_format_alone(order, n, m, kernel):
    nonzero = laid_out(structured(5, (1, 32, kernel, 64), 0.5, "free"), order)
    found = Tally.empty((1, 32, kernel, 64), only=(n, m))
    found.add(nonzero)
    assert found.nonzeros == np.count_nonzero(nonzero)
    assert found.violating(n, m) == checks.violating_groups(nonzero, n, m)


def test_strided_and_repeated_arrays_are_counted_too():
    stored = structured(8, (1, 64, 1, 128), 0.5, "row")
    spaced = stored[:, ::2, :, ::2]
    assert measure(spaced) == measure(spaced.copy())
    repeated = np.broadcast_to(stored[:, :1], stored.shape)
    assert measure(repeated) == measure(repeated.copy())
    assert measure(stored[:, ::-1]) == measure(stored[:, ::-1].copy())


def test_only_four_dims_of_bools_are_counted():
    with pytest.raises(ValueError, match="4-D bools"):
        Tally(np.zeros((2, 2), bool))
    with pytest.raises(ValueError, match="4-D bools"):
        Tally(np.zeros((1, 2, 1, 2), np.uint8))
