"""Measuring, held against loops that follow annotation.md to the letter."""

from __future__ import annotations

import checks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zero_patterns import ORDERS, laid_out, structured

from sparseview.sparsity import analysis
from sparseview.sparsity.analysis import conclude, measure
from sparseview.sparsity.tally import Tally


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    stack=st.sampled_from([1, 1, 2]),
    out=st.sampled_from([1, 3, 4, 8, 32]),
    kernel=st.sampled_from([1, 1, 3]),
    in_=st.sampled_from([1, 2, 4, 6, 8, 16, 32]),
    p=st.sampled_from([0.0, 0.02, 0.3, 0.5, 0.75, 0.95, 1.0]),
    kind=st.sampled_from(["free", "pair", "row", "column", "block", "big", "channel", "in"]),
    order=st.sampled_from(ORDERS),
)
def test_every_rule_as_in_the_loops(seed, stack, out, kernel, in_, p, kind, order):
    nonzero = structured(seed, (stack, out, kernel, in_), p, kind)
    found = measure(laid_out(nonzero, order))
    zeros = int((~nonzero).sum())
    assert (found.elements, found.zeros) == (nonzero.size, zeros)
    assert found.sparsity == zeros / nonzero.size
    assert list(found.satisfies) == checks.satisfied(nonzero)
    assert found.format == checks.format_of(nonzero)
    for name, violating in found.violations.items():
        n, m = map(int, name.split(":"))
        assert (violating, len(checks.blocks(nonzero, 1, m))) == checks.violating_groups(
            nonzero, n, m
        )
        groups = nonzero.size // m
        assert found.coverage[name] == (groups - violating) / groups
    for side in ("out", "in"):
        share = checks.share_in(checks.channels(nonzero, side), zeros) if zeros else 0
        assert found.coverage[f"channel:{side}"] == float(share)
    for side, dead, all_ in (
        ("out", found.dead_out, found.channels_out),
        ("in", found.dead_in, found.channels_in),
    ):
        lines = checks.channels(nonzero, side)
        assert (dead, all_) == (sum(not any(line) for line in lines), len(lines))
    for r, c in checks.BLOCKS:
        tiles = checks.blocks(nonzero, r, c)
        assert (f"bsr:{r}x{c}" in found.coverage) == bool(tiles)
        assert (f"bsr:{r}x{c}" in found.blocks) == bool(tiles)
        if tiles:
            assert found.blocks[f"bsr:{r}x{c}"] == sum(any(tile) for tile in tiles)
        if tiles and zeros:
            assert found.coverage[f"bsr:{r}x{c}"] == float(checks.share_in(tiles, zeros))


def two_of_four(out: int, in_: int, seed: int = 0) -> np.ndarray:
    """Exactly two non-zeros in every group of four."""
    rng = np.random.default_rng(seed)
    ranks = rng.random((1, out, 1, in_ // 4, 4)).argsort(-1)
    return (ranks < 2).reshape(1, out, 1, in_)


def test_two_of_four_is_named_and_everything_it_implies_is_listed():
    found = measure(two_of_four(32, 64))
    assert found.format == "2:4"
    assert {"2:4", "4:8", "8:16", "16:32"} <= set(found.satisfies)
    assert "1:2" not in found.satisfies
    assert found.coverage["2:4"] == 1.0 and found.violations["2:4"] == 0


def test_a_near_miss_is_counted_in_groups():
    nonzero = two_of_four(32, 64)
    nonzero[0, 3, 0, :4] = True
    nonzero[0, 9, 0, 60:64] = True
    found = measure(nonzero)
    assert found.violations["2:4"] == 2
    assert found.coverage["2:4"] == 510 / 512
    assert found.format == "unstructured"


def test_groups_never_straddle_a_kernel_position():
    # Along (kernel, in) flattened every 4 hold two; along the input of one position they hold 3.
    nonzero = np.zeros((1, 16, 2, 6), bool)
    nonzero.reshape(16, 3, 4)[..., :2] = True
    assert "2:4" not in measure(nonzero).satisfies
    assert "2:4" not in measure(nonzero).coverage


@pytest.mark.parametrize(
    ("groups", "expected"), [(1024, "unstructured"), (2_000_000, "2:4")], ids=["chance", "proof"]
)
def test_accidents_are_satisfied_but_are_not_the_format(groups, expected):
    """At 95 % random zeros a few groups pass 2:4 by accident, two million do not."""
    rng = np.random.default_rng(1)
    nonzero = rng.random((1, groups // 1024, 1, 4096)) < 0.05
    wide = nonzero.reshape(-1, 4)
    for row in np.flatnonzero(wide.sum(1) > 2):
        wide[row, np.flatnonzero(wide[row])[2:]] = False
    found = measure(nonzero)
    assert "2:4" in found.satisfies
    assert found.format == expected


def test_no_zeros_satisfy_nothing():
    found = measure(np.ones((1, 32, 1, 32), bool))
    assert (found.format, found.satisfies, found.zeros) == ("dense", (), 0)
    assert set(found.coverage.values()) == {0.0}


def test_all_zeros_are_dead_output_channels():
    found = measure(np.zeros((1, 1, 1, 1), bool))
    assert (found.format, found.sparsity) == ("channel:out", 1.0)


def test_no_elements_have_no_sparsity():
    found = measure(np.zeros((1, 0, 1, 8), bool))
    assert (found.elements, found.sparsity, found.format, found.satisfies) == (0, None, "dense", ())
    assert found.coverage == {}


def test_violations_of_any_name():
    nonzero = two_of_four(8, 16)
    assert analysis.violations(nonzero, "3:8") == checks.violating_groups(nonzero, 3, 8)
    assert analysis.violations(nonzero, "2:32") == (0, 0)
    assert analysis.violations(nonzero, "bsr:4x4") == (0, 0)


@pytest.mark.parametrize(("n", "m"), [(1, 8), (3, 8), (1, 16), (3, 16), (7, 16), (5, 32), (13, 32)])
def test_near_misses_of_any_n_m_are_told(n: int, m: int) -> None:
    random = np.random.default_rng(n)
    ranks = random.random((1, 50, 2, 4, m)).argsort(-1).argsort(-1)
    nonzero = (ranks < n).reshape(1, 50, 2, 4 * m)
    nonzero[0, 7, 1, :m] = nonzero[0, 30, 0, m : 2 * m] = True
    found = measure(nonzero)
    name = f"{n}:{m}"
    assert name not in found.satisfies
    assert (found.violations[name], 400) == checks.violating_groups(nonzero, n, m)
    assert found.coverage[name] == 398 / 400
    for other, violating in found.violations.items():
        a, b = map(int, other.split(":"))
        assert (violating, nonzero.size // b) == checks.violating_groups(nonzero, a, b)


@pytest.mark.parametrize("share", [0.0999, 0.1, 0.1001])
def test_what_is_no_near_miss_is_left_out_however_it_is_cut(share: float) -> None:
    """A tenth of the groups may break it; in one piece or in many, whichever comes first."""
    nonzero = np.zeros((1, 10_000, 1, 8), np.bool_)
    nonzero[0, :, 0, 0] = True
    nonzero[0, : round(10_000 * share), 0, 1] = True
    whole = measure(nonzero)
    assert ("1:8" in whole.coverage) == (share <= 0.1)
    starts = list(range(0, 10_000, 32))
    for order in (starts, starts[::-1]):
        added = Tally.empty(nonzero.shape)
        for start in order:
            added.add(nonzero[:, start : start + 32], (0, start, 0, 0))
        assert conclude(added) == whole
