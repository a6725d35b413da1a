"""The one border over many weights, against a sort of everything."""

from __future__ import annotations

from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.pruning.share import share


def pieces(array):
    return np.array_split(array, 3)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=4),
    values=st.sampled_from([1, 3, 10**6]),
    part=st.floats(0, 1.1),
)
def test_as_if_everything_were_sorted(seed, sizes, values, part):
    rng = np.random.default_rng(seed)
    parts = [rng.integers(0, values, n) / 7 for n in sizes]
    count = int(part * sum(sizes))
    flat = [(value, -which) for which, p in enumerate(parts) for value in p]
    least = sorted(flat)[: min(count, len(flat))]
    expected = [sum(-which == at for _, which in least) for at in range(len(parts))]
    assert share([partial(pieces, p) for p in parts], count) == expected


def test_infinity_counts_as_the_largest():
    parts = [partial(pieces, np.array(p)) for p in ([np.inf, 1.0], [2.0, np.inf])]
    assert share(parts, 2) == [1, 1]
    assert share(parts, 3) == [1, 2]
