"""The list of formats, their chance rule, and the masks they choose."""

from __future__ import annotations

import math
from fractions import Fraction

import checks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.errors import SparseviewError
from sparseview.sparsity.formats import FORMATS, get
from sparseview.sparsity.formats.nm import log_tail
from sparseview.sparsity.tally import Tally


def test_the_list_goes_from_the_strongest_structure_to_none():
    names = [f.name for f in FORMATS]
    assert names[:2] == ["channel:out", "channel:in"]
    assert names[2:14] == [
        "bsr:32x32", "bsr:16x16", "bsr:8x8", "bsr:1x32", "bsr:32x1", "bsr:4x4",
        "bsr:1x16", "bsr:16x1", "bsr:1x8", "bsr:8x1", "bsr:1x4", "bsr:4x1",
    ]  # fmt: skip
    assert names[14:-2] == [f"{n}:{m}" for n, m in checks.nm_order()]
    assert names[-2:] == ["unstructured", "dense"]


def test_names_are_read_in_any_case():
    assert get(" BSR:4X4 ").name == "bsr:4x4"
    with pytest.raises(SparseviewError, match="3:4"):
        get("3:4")


@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 4), (1, 32), (16, 32)])
@pytest.mark.parametrize("p", [0.01, 0.5, 0.75, 0.95, 1 - 1e-9])
def test_the_tail_is_the_binomial_sum(n, m, p):
    exact = Fraction(p)
    chance = sum(math.comb(m, k) * (1 - exact) ** k * exact ** (m - k) for k in range(n + 1))
    # log of a fraction close to 1 needs the small remainder, not the rounded fraction.
    expected = math.log1p(-float(1 - chance)) if chance > 0.5 else math.log(float(chance))
    assert log_tail(n, m, p) == pytest.approx(expected, rel=1e-9)


def test_the_figure_of_the_annotation_page():
    """1,024 groups with 95 % random zeros all pass 2:4 with probability 0.61."""
    assert math.exp(1024 * log_tail(2, 4, 0.95)) == pytest.approx(0.61, abs=0.005)


def importance(seed: int, shape: tuple[int, ...], values: int) -> np.ndarray:
    """Squared whole numbers with many ties and some zeros."""
    return np.random.default_rng(seed).integers(0, values, shape).astype(float) ** 2


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    values=st.sampled_from([2, 4, 1000]),
    sparsity=st.sampled_from([0.0, 0.1, 0.29, 0.5, 0.875, 1.0]),
)
def test_unstructured_keeps_the_largest_and_the_lower_index(seed, values, sparsity):
    scores = importance(seed, (1, 5, 3, 4), values)
    kept = get("unstructured").keep(scores, sparsity)
    root = np.sqrt(scores)
    assert np.array_equal(np.where(kept, root, 0), checks.pruned(root, round(sparsity * 60)))
    # Marks the dropped ones apart from zeros, which `pruned` cannot tell.
    assert (~kept).sum() == round(sparsity * 60)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    values=st.sampled_from([2, 4, 1000]),
    nm=st.sampled_from([(1, 2), (1, 4), (2, 4), (2, 8), (4, 8), (5, 16)]),
)
def test_nm_keeps_the_largest_of_each_group(seed, values, nm):
    root = np.sqrt(importance(seed, (2, 3, 2, 16), values))
    kept = get("{}:{}".format(*nm)).keep(root**2, None)
    assert np.array_equal(np.where(kept, root, 0), checks.pruned_groups(root, *nm))
    assert kept.sum() == kept.size * nm[0] // nm[1]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 2, 1), (0, 1, 3, 2)])
def test_large_weights_are_ranked_like_small_ones_in_any_memory_order(order):
    """More than one piece of work, with ties in most groups."""
    scores = importance(5, (1, 96, 2, 512), 4)
    laid = np.ascontiguousarray(scores.transpose(order)).transpose(np.argsort(order))
    by_rank = np.argsort(-scores.reshape(-1, 4), axis=-1, kind="stable")[:, :2]
    expected = np.zeros((scores.size // 4, 4), bool)
    np.put_along_axis(expected, by_rank, True, axis=-1)
    assert np.array_equal(get("2:4").keep(laid, None), expected.reshape(scores.shape))
    root = np.sqrt(scores)
    kept = get("unstructured").keep(laid, 0.6)
    assert np.array_equal(np.where(kept, root, 0), checks.pruned(root, round(0.6 * root.size)))


def test_nm_prunes_on_inside_its_mask():
    root = np.arange(1.0, 17).reshape(1, 2, 1, 8)
    kept = get("2:4").keep(root**2, 0.75)
    expected = root * np.isin(root, [12, 15, 16, 11])
    assert np.array_equal(np.where(kept, root, 0), expected)


def test_nm_cannot_be_less_sparse_than_itself():
    with pytest.raises(SparseviewError, match="out of reach"):
        get("2:4").keep(np.ones((1, 1, 1, 8)), 0.4)


def test_position_decides_between_equals():
    scores = np.ones((1, 1, 1, 4))
    backwards = np.array([3, 2, 1, 0]).reshape(1, 1, 1, 4)
    for name, sparsity in (("2:4", None), ("unstructured", 0.5)):
        assert get(name).keep(scores, sparsity)[0, 0, 0].tolist() == [True, True, False, False]
        kept = get(name).keep(scores, sparsity, backwards)
        assert kept[0, 0, 0].tolist() == [False, False, True, True]


def test_blocks_go_whole_and_round_down():
    scores = np.repeat(np.repeat(np.arange(1.0, 5).reshape(2, 2), 4, 0), 4, 1)[None, :, None, :]
    for sparsity, blocks in ((0.24, 0), (0.25, 1), (0.6, 2), (0.999, 3), (1.0, 4)):
        kept = get("bsr:4x4").keep(scores, sparsity)
        assert (~kept).sum() == 16 * blocks, sparsity
        assert not np.isin(scores[~kept], range(blocks + 1, 5)).any()


def test_a_block_is_as_important_as_its_sum():
    scores = np.zeros((1, 4, 1, 8))
    scores[0, 0, 0, 0] = 100.0  # one large entry
    scores[0, :, 0, :4] += 1e-6
    scores[0, :, 0, 4:] = 2.0  # many small ones, 32 together
    kept = get("bsr:4x4").keep(scores, 0.5)
    assert kept[0, :, 0, :4].all() and not kept[0, :, 0, 4:].any()


@pytest.mark.parametrize("side", ["out", "in"])
def test_channels_go_whole(side):
    scores = importance(3, (1, 5, 2, 5), 9) + 1
    kept = get(f"channel:{side}").keep(scores, 0.59)
    across = (0, 2, 3) if side == "out" else (0, 1, 2)
    sums = scores.sum(across)
    dead = ~kept.any(axis=across)
    assert dead.sum() == 2 and kept.all(axis=across).sum() == 3
    assert sums[dead].max() <= sums[~dead].min()


def test_zeros_that_are_there_count_towards_whole_units():
    scores = np.ones((1, 4, 1, 4))
    scores[0, :2, 0, 0] = 0  # two zeros already; a channel of three brings five, two bring eight
    assert (~get("channel:out").keep(scores, 7.9 / 16)).sum() == 4
    assert (~get("channel:out").keep(scores, 8 / 16)).sum() == 8


def test_equal_units_keep_the_lower_one():
    kept = get("channel:out").keep(np.ones((1, 4, 1, 2)), 0.5)
    assert kept[0, :, 0, 0].tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "shape", "why"),
    [
        ("2:4", (1, 8, 1, 6), "input size 6 is not divisible by 4"),
        ("2:4", (8, 1, 9, 1), "depthwise"),
        ("bsr:4x4", (1, 6, 1, 8), "output size 6"),
        ("bsr:1x8", (1, 6, 1, 12), "input size 12"),
    ],
)
def test_where_a_format_cannot_apply(name, shape, why):
    assert why in (get(name).refuses(shape) or "")


def test_dense_is_nothing_to_prune_to():
    with pytest.raises(SparseviewError, match="not a format to prune to"):
        get("dense").keep(np.ones((1, 1, 1, 4)), 0.5)
    with pytest.raises(SparseviewError, match="needs a target"):
        get("bsr:4x4").keep(np.ones((1, 4, 1, 4)), None)


def with_strays(unit: tuple[int, int], units: int, strays: int) -> np.ndarray:
    """A row of all-zero blocks, and single zeros in the blocks below."""
    rows, columns = unit
    nonzero = np.ones((1, 4 * rows, 1, columns * units), bool)
    nonzero[0, :rows] = False
    for stray in range(strays):
        nonzero[0, rows, 0, columns * (stray % units) + stray // units] = False
    return nonzero


@pytest.mark.parametrize(("strays", "true"), [(16, True), (17, False)])
def test_ninety_nine_percent_are_enough(strays, true):
    block, channel = with_strays((4, 4), 99, strays), with_strays((1, 99), 16, strays)
    assert get("bsr:4x4").holds(Tally(block)) == true
    assert get("channel:out").holds(Tally(channel)) == true
    assert get("channel:in").holds(Tally(channel.transpose(0, 3, 2, 1))) == true


@pytest.mark.parametrize(("groups", "chance"), [(264, True), (266, False)])
def test_one_in_a_million_is_the_border(groups, chance):
    """P(Binomial(4, 1/4) <= 2) = 243/256; its 265th power is 1.0e-6."""
    nonzero = np.arange(groups * 4).reshape(1, 1, 1, -1) % 4 == 0
    assert get("2:4").by_chance(Tally(nonzero)) == chance == checks.by_chance(nonzero, "2:4")


def test_rounding_down_is_not_fooled_by_binary_fractions():
    """0.29 x 100 is 28.999999999999996 in floats."""
    kept = get("channel:out").keep(np.arange(1.0, 101).reshape(1, 100, 1, 1), 0.29)
    assert (~kept).sum() == 29


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp <= 1024, reason="long double is no wider here")
@pytest.mark.parametrize("scale", [1e-200, 1e200])
@pytest.mark.parametrize("name", ["channel:out", "channel:in", "bsr:1x4", "bsr:4x1"])
def test_units_of_tiny_and_huge_weights_keep_their_order(name, scale):
    """Their squares are no float64: all units would tie, and the first would stay."""
    values = np.array([1.0, 4.0, 3.0, 2.0]) * scale
    scores = np.square(np.repeat(values, 4).reshape(1, 4, 1, 4), dtype=np.longdouble)
    if name in ("channel:in", "bsr:4x1"):
        scores = scores.swapaxes(1, 3)
    kept = get(name).keep(scores, 0.5)
    across = 1 if name in ("channel:in", "bsr:4x1") else 3
    assert kept.all(axis=across).ravel().tolist() == [False, True, True, False]
