"""Methods that go by data, on matrices: held against the published formulas."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pruning_references as reference
import pytest
from synthetic_layers import inputs, relative_error, weight

from sparseview.progress import SILENT
from sparseview.pruning import hessian, least_squares
from sparseview.pruning.methods import METHODS, get, reconstruction
from sparseview.pruning.problem import Problem, Solution, strongest
from sparseview.runtime.cores import SideBySide
from sparseview.runtime.statistics import Statistics
from sparseview.sparsity import formats

DRIVEN = [method.name for method in METHODS if method.needs != "nothing"]


def statistics(x: np.ndarray) -> Statistics:
    wide = x.astype(np.float64)
    return Statistics(len(x), (wide**2).sum(0)[None], wide.mean(0)[None], (wide.T @ wide)[None])


def problem(w: np.ndarray, x: np.ndarray, name: str = "unstructured", goal=None, kernel=1):
    view = w.reshape(1, len(w), kernel, -1)
    return Problem(view, view != 0, statistics(x), formats.get(name), goal)


def solved(given: Problem, method: str, **params) -> Solution:
    found = get(method)
    return found.solve(given, found.params(**params))


def dropped(solution: Solution) -> np.ndarray:
    return ~solution.kept.reshape(solution.kept.shape[1], -1)


def values(given: Problem, solution: Solution) -> np.ndarray:
    found = given.values if solution.values is None else solution.values
    return (found * solution.kept).reshape(found.shape[1], -1)


@pytest.mark.parametrize(("out", "columns"), [(40, 64), (24, 200)])
def test_wanda_is_the_published_mask(out, columns):
    w, x = weight(out, columns), inputs(columns, 300)
    assert np.array_equal(
        dropped(solved(problem(w, x, goal=0.5), "wanda")), reference.wanda(w, x, 0.5)
    )
    for n, m in ((2, 4), (1, 4), (4, 8)):
        found = dropped(solved(problem(w, x, f"{n}:{m}"), "wanda"))
        assert np.array_equal(found, reference.wanda_nm(w, x, n, m))


def test_wanda_takes_equally_from_every_row_and_reaches_the_exact_count():
    w, x = weight(33, 50), inputs(50, 300)
    w[:7] *= 100  # a border over the layer would leave these rows alone
    found = dropped(solved(problem(w, x, goal=0.7125), "wanda"))
    assert found.sum() == round(0.7125 * w.size)
    assert set(found.sum(1)) <= {35, 36}
    assert found[reference.wanda(w, x, 0.7125)].all()


@pytest.mark.parametrize("columns", [128, 320])
@pytest.mark.parametrize("target", [0.5, 0.7, "2:4", "4:8"])
def test_sparsegpt_is_the_published_algorithm(columns, target):
    w, x = weight(56, columns), inputs(columns, 3 * columns)
    x[:, [3, 77]] = 0  # dead
    nm = tuple(map(int, target.split(":"))) if isinstance(target, str) else None
    name = target if isinstance(target, str) else "unstructured"
    given = problem(w, x, name, None if nm else target)
    after, mask = reference.sparsegpt(w, x, 0 if nm else target, nm)
    found = solved(given, "sparsegpt")
    if nm:
        assert np.allclose(values(given, found), after, atol=2e-6)
        assert np.array_equal(dropped(found), mask | (after == 0))
        return
    # A published block takes one entry more than its share; ours gives them back in the last one.
    last = (columns - 1) // 128 * 128
    assert np.allclose(values(given, found)[:, :last], after[:, :last], atol=2e-6)
    assert (dropped(found) != (after == 0)).sum() <= 3 * (last // 128 + 1)
    assert dropped(found).sum() == round(target * w.size)


def test_the_factor_of_the_inverse():
    x = inputs(150, 400).astype(np.float64)
    h, dead = hessian.damped(x.T @ x, len(x), 0.01, np.float64)
    expected, _ = reference.inverse_factor(x)
    assert not dead.any()
    assert np.allclose(hessian.inverse_factor(h), expected, rtol=1e-8, atol=1e-12)


def test_refitted_values_are_the_least_squares():
    w, x = weight(20, 60).astype(np.float64), inputs(60, 400).astype(np.float64)
    h, _ = hessian.damped(x.T @ x, len(x), 0.01, np.float64)
    kept = np.random.default_rng(0).random(w.shape) < 0.5
    kept[3] = False
    found = least_squares.refit(w, w * kept, kept, h, 300)
    assert np.allclose(found, reference.least_squares(w, kept, h), atol=1e-5)
    assert not found[~kept].any()


@pytest.mark.parametrize(("stack", "rows"), [(1, 1), (1, 63), (1, 64), (3, 200), (2, 1000)])
def test_pieces_are_all_rows_once_and_small(stack, rows):
    found = least_squares.pieces(stack, rows)
    seen = np.zeros((stack, rows), int)
    for piece in found:
        seen[piece] += 1
    assert (seen == 1).all()
    assert max(part.stop - part.start for _, part in found) <= least_squares.MOST_ROWS
    assert len(found) % (2 * stack) == 0 or rows < 2 * least_squares.LEAST_ROWS


def test_the_strongest_of_each_row_are_those_of_a_stable_sort():
    random = np.random.default_rng(1)
    scores = random.integers(0, 6, (2, 30, 40)).astype(np.float64)  # equals everywhere
    counts = random.integers(0, 41, (2, 30))
    expected = np.zeros(scores.shape, bool)
    for at in np.ndindex(counts.shape):
        order = np.argsort(-scores[at], kind="stable")
        expected[at][order[: counts[at]]] = True
    assert np.array_equal(strongest(scores, counts), expected)


def test_equals_fall_in_the_order_of_their_columns():
    w = np.round(weight(40, 64) * 4) / 4 + 0.125  # few values, none 0
    x = np.ones((20, 64), np.float32)
    found = dropped(solved(problem(w, x, goal=0.5), "wanda"))
    assert np.array_equal(found, reference.wanda(w, x, 0.5))


@pytest.mark.parametrize("name", ["unstructured", "2:4", "bsr:4x4", "channel:in"])
def test_exchanges_lower_the_error_and_keep_what_each_row_has(name):
    w, x = weight(64, 128), inputs(128, 900)
    goal = None if ":" in name and name[0].isdigit() else 0.6
    given = problem(w, x, name, goal)
    h, _ = hessian.damped(given.statistics.gram[0], len(x), 0.001, np.float64)
    masks, errors = [], []
    for swaps in (0, 6):
        found = solved(given, "reconstruction", mask="magnitude", rounds=1, swaps=swaps)
        apart = w - values(given, found)
        errors.append(np.einsum("ij,jk,ik->i", apart, h, apart))
        masks.append(~dropped(found))
    if name in ("unstructured", "2:4"):
        assert np.array_equal(masks[0].sum(1), masks[1].sum(1))
        assert (errors[1] <= errors[0] * 1.02).all() and errors[1].sum() < 0.9 * errors[0].sum()
    else:
        assert errors[1].sum() <= errors[0].sum() * 1.02
    if name == "bsr:4x4":
        assert set(masks[1].reshape(16, 4, 32, 4).sum((1, 3)).ravel()) == {0, 16}
    if name == "channel:in":
        assert set(masks[1].sum(0)) == {0, 64}


@pytest.mark.parametrize("target", ["unstructured", "2:4"])
def test_reconstruction_beats_sparsegpt_by_far_on_rows_held_out(target):
    w, x = weight(96, 192), inputs(192, 4000)
    seen, held_out = x[:2000], x[2000:]
    given = problem(w, seen, target, 0.5 if target == "unstructured" else None)
    theirs = relative_error(held_out, w, values(given, solved(given, "sparsegpt")))
    ours = relative_error(held_out, w, values(given, solved(given, "reconstruction")))
    assert ours <= 0.6 * theirs


@pytest.mark.parametrize("method", DRIVEN)
@pytest.mark.parametrize(
    ("name", "goal"),
    [("unstructured", 0.6), ("2:4", None), ("2:4", 0.7), ("bsr:4x4", 0.5), ("channel:out", 0.5),
     ("channel:in", 0.5)],
)  # fmt: skip
def test_every_format_holds_and_no_zero_comes_back(method, name, goal):
    """A convolution's matrix: 9 kernel positions of 16 inputs."""
    w, x = weight(16, 144), inputs(144, 500)
    random = np.random.default_rng(2)
    zero = random.random(w.shape) < 0.2
    w[zero] = 0
    given = problem(w, x, name, goal, kernel=9)
    found = solved(given, method)
    after = values(given, found)
    assert not after[zero].any()
    wanted = goal if goal is not None else 0.5
    zeros = 1 - np.count_nonzero(after) / after.size
    if given.format.family in ("unstructured", "nm"):
        assert zeros == pytest.approx(max(wanted, zeros if goal is None else 0), abs=0.5 / w.size)
    else:
        assert wanted - 9 * 16 / w.size <= zeros <= wanted
    if given.format.family == "nm":
        groups = after.reshape(16, 9, 4, 4)
        assert (np.count_nonzero(groups, axis=3) <= 2).all()
    if name == "bsr:4x4":
        blocks = (w != 0).reshape(4, 4, 9, 4, 4).any((1, 4))
        alive = (after != 0).reshape(4, 4, 9, 4, 4).sum((1, 4))
        whole = (w != 0).reshape(4, 4, 9, 4, 4).sum((1, 4))
        assert ((alive == 0) | (alive == whole)).all() and (alive == 0).any() and blocks.all()


@pytest.mark.parametrize("method", DRIVEN)
def test_each_of_a_stack_goes_by_its_own_input(method):
    """A grouped convolution: solved together or apart, a matrix comes out the same."""
    pairs = [(weight(12, 32, s), inputs(32, 300, s)) for s in (1, 2)]
    known = [statistics(x) for _, x in pairs]
    view = np.stack([w for w, _ in pairs])[:, :, None, :]
    both = Statistics(
        300, *(np.concatenate([getattr(k, f) for k in known]) for f in ("norm2", "mean", "gram"))
    )
    nm = formats.get("2:4")
    params = {"rounds": 1} if method == "reconstruction" else {}  # more share out what is left over
    together = solved(Problem(view, view != 0, both, nm, None), method, **params)
    for at, (w, x) in enumerate(pairs):
        alone = solved(problem(w, x, "2:4"), method, **params)
        assert np.array_equal(together.kept[at], alone.kept[0])
        if alone.values is not None:
            assert np.allclose(together.values[at], alone.values[0], atol=1e-7)


def test_beside_a_bias_the_mean_costs_nothing():
    """With the input's mean taken up by a bias, what is left to solve has no mean."""
    w, x = weight(24, 48), inputs(48, 800) + 5
    given = problem(w, x, goal=0.6)
    about = given.about_the_mean()
    wide = x.astype(np.float64)
    assert np.allclose(about.statistics.gram[0], (wide - wide.mean(0)).T @ (wide - wide.mean(0)))

    def error(found: Solution) -> float:
        lost = wide @ (w - values(given, found)).T
        return float(((lost - lost.mean(0)) ** 2).sum())

    centred = solved(replace(given, centred=True), "reconstruction")
    assert error(centred) < error(solved(given, "reconstruction"))


@pytest.mark.parametrize("target", ["unstructured", "2:4"])
def test_few_rows_are_damped_more(target):
    """With fewer rows than columns X^T X alone would fit what it saw, and nothing else."""
    w = weight(48, 128)
    errors = []
    for seed in range(3):
        x = inputs(128, 3064, seed)
        x = np.clip(x / x.std(0), -6, 6)
        given = problem(w, x[:64], target, 0.5 if target == "unstructured" else None)
        errors.append(
            [relative_error(x[64:], w, values(given, solved(given, "reconstruction", damp=damp)))
             for damp in (0.001, 0.001 / 41, 0.1)]
        )  # fmt: skip
    ours, bare, heavy = np.mean(errors, axis=0)
    assert ours < 0.8 * bare
    assert ours < heavy


@pytest.mark.parametrize("method", DRIVEN)
def test_rows_that_are_sparse_already_give_what_is_missing_of_the_count(method):
    """Half of the rows hold more zeros than they are to have, and keep them."""
    w, x = weight(24, 80), inputs(80, 300)
    w[::2, 10:60] = 0
    found = solved(problem(w, x, goal=0.4), method)
    after = values(problem(w, x), found)
    assert not after[w == 0].any()
    assert np.count_nonzero(after == 0) == round(0.4 * w.size)


@pytest.mark.parametrize("side", ["in", "out"])
def test_sparsegpt_takes_the_channels_that_cost_least(side):
    w, x = weight(40, 96), inputs(96, 600)
    u, _ = reference.inverse_factor(x.astype(np.float64))
    costs = ((w / np.diag(u)) ** 2).sum(0 if side == "in" else 1)
    gone = np.sort(np.argsort(costs)[: int(0.5 * costs.size)])
    found = dropped(solved(problem(w, x, f"channel:{side}", 0.5), "sparsegpt"))
    assert np.array_equal(np.flatnonzero(found.all(0 if side == "in" else 1)), gone)
    assert found.sum() == len(gone) * (w.size // costs.size)


def test_sparsegpt_beyond_its_groups_takes_what_then_costs_least():
    w, x = weight(40, 96), inputs(96, 600)
    after, mask = reference.sparsegpt(w, x, 0, (2, 4))
    u, _ = reference.inverse_factor(x.astype(np.float64))
    costs = np.where(mask, -1, (after / np.diag(u)) ** 2)
    count = round(0.7 * w.size)
    expected = costs <= np.sort(costs.ravel())[count - 1]
    found = dropped(solved(problem(w, x, "2:4", 0.7), "sparsegpt"))
    assert found.sum() == count
    assert (found != expected).sum() <= 2  # at the border, by rounding


def test_where_rounding_leaves_no_factor_it_is_damped_more():
    """Fewer rows than columns and no damping: H has no inverse."""
    w, x = weight(24, 96), inputs(96, 30)
    given = problem(w, x, goal=0.5)
    bare, least = (solved(given, "sparsegpt", damp=damp) for damp in (0, 1e-3))
    assert np.array_equal(dropped(bare), dropped(least))
    assert np.allclose(values(given, bare), values(given, least))


def test_zeros_come_in_rounds_by_the_cubic_schedule(monkeypatch):
    """1 - (1 - r/R)^3 of the way from the zeros that are there to those that are wanted."""
    w, x = weight(24, 100), inputs(100, 400)
    w[:, :30] = 0
    seen = []
    plain = least_squares.refit

    def refit(wanted, start, kept, *more):
        seen.append(kept.size - int(kept.sum()))
        return plain(wanted, start, kept, *more)

    monkeypatch.setattr(reconstruction, "refit", refit)
    solved(problem(w, x, goal=0.8), "reconstruction", mask="wanda", rounds=4, swaps=0)
    way = [1 - (1 - r / 4) ** 3 for r in (1, 2, 3, 4, 4)]  # the last values are of the last mask
    assert seen == [round((0.3 + 0.5 * share) * w.size) for share in way]


def test_sparsegpt_shares_channels_out_over_a_stack():
    pairs = [(weight(12, 32, s) * s, inputs(32, 300, s)) for s in (1, 2)]
    known = [statistics(x) for _, x in pairs]
    view = np.stack([w for w, _ in pairs])[:, :, None, :]
    both = Statistics(
        300, *(np.concatenate([getattr(k, f) for k in known]) for f in ("norm2", "mean", "gram"))
    )
    given = Problem(view, view != 0, both, formats.get("channel:out"), 0.5)
    found = solved(given, "sparsegpt").kept.reshape(24, 32)
    factors = [reference.inverse_factor(x.astype(np.float64))[0] for _, x in pairs]
    costs = [((w / np.diag(u)) ** 2).sum(1) for (w, _), u in zip(pairs, factors, strict=True)]
    gone = np.sort(np.argsort(np.concatenate(costs))[:12])
    assert np.array_equal(np.flatnonzero(~found.any(1)), gone) and found.sum() == 12 * 32


@pytest.mark.parametrize("name", ["unstructured", "2:4", "bsr:4x4"])
def test_no_exchange_makes_a_row_worse(name):
    """The error that offers are held against is that of the values as they are, after each look."""
    w, x = weight(32, 128), inputs(128, 900)
    given = problem(w, x, name, None if name == "2:4" else 0.6)
    h, _ = hessian.damped(given.statistics.gram[0], len(x), 0.001, np.float64)
    with SideBySide() as pool:
        layer = reconstruction._Layer(given, 0.001 / (1 + 10 * (128 / 900) ** 2), pool, SILENT)
        layer.start("magnitude", 1)
        layer.look()
        better, errors = 0, []
        for _ in range(6):
            apart = w - layer.found[0]
            assert not layer.found[0][~layer.kept[0]].any()
            errors.append(np.einsum("ij,jk,ik->i", apart, h, apart))
            assert np.allclose(layer.error[0], errors[-1])
            better += layer.swap()
    for before, after in pairwise(errors):
        worse = after.sum() > before.sum() if name == "bsr:4x4" else (after > before).any()
        assert not worse
    assert better
