"""The k-th of many values, against a sort."""

from __future__ import annotations

import numpy as np
import pytest

from sparseview.sparsity import rank
from sparseview.sparsity.order import drop_least
from sparseview.sparsity.rank import kth

RNG = np.random.default_rng(3)
N = 1_000_003
CASES = {
    "normal": RNG.standard_normal(N).astype(np.float32),
    "double": RNG.standard_normal(N),
    "long double": RNG.standard_normal(N).astype(np.longdouble),
    "half": RNG.standard_normal(N).astype(np.float16),
    "sorted": np.sort(RNG.standard_normal(N)).astype(np.float32),
    "few values": RNG.integers(-3, 4, N).astype(np.float32),
    "mostly zero": np.where(RNG.random(N) < 0.9, 0, RNG.standard_normal(N)).astype(np.float32),
    "all equal": np.full(N, 2.5, np.float32),
    "infinite": np.where(RNG.random(N) < 0.4, np.inf, 1.0).astype(np.float32),
    "one outlier": np.concatenate([np.zeros(N - 1), [7]]).astype(np.float32),
}
PLACES = (0, 1, N // 10, N // 2, N * 9 // 10, N - 2, N - 1)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("absolute", [False, True])
def test_as_a_sort_says(name: str, absolute: bool) -> None:
    values = CASES[name]
    ordered = np.sort(np.abs(values) if absolute else values)
    for k in PLACES:
        found = kth(values, k, absolute)
        assert found == ordered[k] and found.dtype == values.dtype, k


def test_a_sample_that_misleads_costs_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    values = CASES["normal"]
    monkeypatch.setattr(rank, "_bracket", lambda *_: (np.float32(5), np.float32(6)))
    assert kth(values, 1000) == np.sort(values)[1000]


def test_there_is_no_kth_outside() -> None:
    with pytest.raises(ValueError, match="no 3-th of 3"):
        kth(np.ones(3), 3)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_of_equals_the_last_go(share: float) -> None:
    values = np.abs(CASES["few values"])
    count = round(share * values.size)
    order = np.lexsort((-np.arange(values.size), values))
    expected = np.zeros(values.size, bool)
    expected[order[:count]] = True
    assert np.array_equal(drop_least(values, count), expected)
