"""The histogram: exact counts in power-of-two bins, whatever comes first, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.sparsity.histogram import SIDE, Histogram, HistogramCounter


def counted(pieces: list[np.ndarray], integer: bool = False) -> Histogram:
    counter = HistogramCounter(integer)
    for piece in pieces:
        counter.add(piece, piece != 0)
    return counter.result()


def check(found: Histogram, values: np.ndarray) -> None:
    """Every bin against a comparison with its own edges."""
    finite = values[np.isfinite(values) & (values != 0)].astype(np.float64)
    assert found.zeros == int((values == 0).sum())
    assert found.nan == int(np.isnan(values).sum())
    assert found.inf == int(np.isinf(values).sum())
    assert found.nonzeros == values.size - found.zeros
    assert sum(found.counts) == finite.size
    for place, count in enumerate(found.counts, found.start):
        inside = (finite >= place * found.width) & (finite < (place + 1) * found.width)
        assert count == int(inside.sum())
    if finite.size:
        assert (found.min, found.max) == (finite.min(), finite.max())
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=1e-12 * np.ptp(finite))
        assert found.std == pytest.approx(finite.std(), rel=1e-9, abs=1e-9 * found.width)
    else:
        assert (found.min, found.max, found.mean, found.std) == (None,) * 4
        assert found.counts == ()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    scales=st.lists(st.integers(-40, 40), min_size=1, max_size=4),
    kind=st.sampled_from([np.float32, np.float64]),
)
def test_bins_are_exact_though_the_range_grows(seed, scales, kind):
    rng = np.random.default_rng(seed)
    pieces = []
    for scale in scales:
        piece = (rng.standard_normal((7, 5)) * 2.0**scale).astype(kind)
        piece[rng.random(piece.shape) < 0.3] = 0
        pieces.append(piece)
    check(counted(pieces), np.concatenate(pieces).ravel())


def test_the_bins_are_fine_enough_to_draw():
    values = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    found = counted([values])
    assert SIDE / 2 <= np.abs(values).max() / found.width <= SIDE


@pytest.mark.parametrize("largest", [5e-324, 1e-300, 1e-45, 1.0, 3e38, 1.7e308])
def test_any_magnitude_has_a_bin(largest):
    check_values = np.array([largest, -largest, 0.0])
    found = counted([check_values])
    assert sum(found.counts) == 2 and found.zeros == 1
    assert (found.min, found.max) == (-largest, largest)


def test_nan_and_infinity_are_counted_apart():
    values = np.array([np.nan, np.inf, -np.inf, 0, -0.0, 1, 2], np.float32)
    found = counted([values])
    check(found, values)
    assert (found.nan, found.inf, found.zeros) == (1, 2, 2)


def test_only_nan():
    check(counted([np.array([np.nan, 0.0])]), np.array([np.nan, 0.0]))


def test_whole_numbers_have_a_bin_each():
    codes = np.array([-127, -1, 0, 1, 1, 126], np.float32)
    found = counted([codes], integer=True)
    check(found, codes)
    assert found.width == 1 and found.integer
    assert found.counts[1 - found.start] == 2


def test_values_are_counted_in_any_memory_order():
    values = np.random.default_rng(3).integers(-3, 4, (6, 4, 5)).astype(np.float32)
    assert counted([values.transpose(2, 0, 1)]) == counted([values])
    counter = HistogramCounter()
    turned = values.transpose(2, 0, 1)
    counter.add(turned, turned != 0)
    check(counter.result(), values.ravel())


def test_nothing_at_all():
    assert counted([]).nonzeros == 0
    assert counted([np.zeros((0, 3))]).counts == ()
