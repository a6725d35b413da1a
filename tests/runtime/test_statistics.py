"""Sums of rows: against the same sums in float64, at once."""

from __future__ import annotations

import numpy as np
import pytest

from sparseview.runtime.statistics import BAND, SMALL, Statistics, Sums, Unreachable, merged


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("stack", "columns"), [(1, 3), (4, 9), (1, SMALL), (3, 70), (1, BAND), (1, 2 * BAND + 5)]
)
def test_products_squares_and_means_are_those_of_all_rows(stack, columns, kind):
    x = np.random.default_rng(0).standard_normal((stack, 700, columns)).astype(kind) + 1
    made = Sums(gram=True)
    for start, end in ((0, 300), (300, 301), (301, 700)):
        made.add(x[:, start:end])
    found = made.statistics(stack)
    assert isinstance(found, Statistics) and found.rows == 700
    wide = x.astype(np.float64)
    assert np.allclose(found.gram, wide.transpose(0, 2, 1) @ wide, rtol=1e-5, atol=1e-2)
    assert np.array_equal(found.gram, found.gram.transpose(0, 2, 1))
    assert np.allclose(found.norm2, (wide**2).sum(1), rtol=1e-12)
    assert np.allclose(found.mean, wide.mean(1), rtol=1e-9)


def test_rows_that_all_of_a_stack_see_come_once():
    x = np.random.default_rng(1).standard_normal((1, 50, 80)).astype(np.float32)
    made = Sums(gram=True)
    made.add(x)
    found = made.statistics(3)
    assert isinstance(found, Statistics) and found.gram is not None
    assert found.gram.shape == (3, 80, 80)
    assert np.allclose(found.gram[2], x[0].T.astype(np.float64) @ x[0], atol=1e-4)


@pytest.mark.parametrize("columns", [5, 300])
def test_squares_beyond_float32_are_summed_all_the_same(columns):
    rows = (np.random.default_rng(1).standard_normal((1, 40, columns)) * 1e22).astype(np.float32)
    sums = Sums(gram=True)
    with np.errstate(all="raise"):
        sums.add(rows[:, :20])
        sums.add(rows[:, 20:])
        found = sums.statistics(1)
    wide = rows.astype(np.float64)
    assert found.finite
    np.testing.assert_allclose(found.gram, wide.transpose(0, 2, 1) @ wide, rtol=1e-9, atol=1e35)


def test_of_several_uses_each_row_counts_once():
    x = np.random.default_rng(2).standard_normal((1, 40, 9)) + np.arange(9)
    x[:, :10] += 3
    parts = []
    for rows in (x[:, :10], x[:, 10:], x):
        made = Sums(gram=True)
        made.add(rows)
        found = made.statistics(1)
        assert isinstance(found, Statistics)
        parts.append(found)
    together, whole = merged(parts[:2]), parts[2]
    assert together.rows == 40
    for name in ("norm2", "mean", "gram"):
        assert np.allclose(getattr(together, name), getattr(whole, name))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("columns", [SMALL // 2, SMALL * 2])
@pytest.mark.parametrize("odd", [np.inf, np.nan, 3e38])
def test_what_is_no_number_is_told_and_warned_of_by_nobody(odd, columns):
    rows = np.ones((1, 300, columns), np.float32)
    rows[0, 5, 2], rows[0, 6, 2], rows[0, 7, 3] = odd, -odd, odd
    sums = Sums(True)
    sums.add(rows)
    assert isinstance(sums.statistics(1), Statistics if odd == 3e38 else Unreachable)
