"""Budgets: an overall target is exact, tables, ends and protection keep their word."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import model_of, saved
from onnx import helper

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.pruning.budget import Share, level_counts
from sparseview.pruning.prune import Plan, PruneRequest, plan

RNG = np.random.default_rng(11)


def chain(folder: Path, *weights: np.ndarray) -> Model:
    """Gemms in a row, layers l0, l1 ..., weights [out, in]."""
    nodes = [
        helper.make_node("Gemm", [f"h{i}", f"w{i}"], [f"h{i + 1}"], f"l{i}", transB=1)
        for i in range(len(weights))
    ]
    tensors = {f"w{i}": w.astype(np.float32) for i, w in enumerate(weights)}
    return Model.open(saved(model_of(nodes, tensors, {"h0": [1, 8]}, [f"h{len(weights)}"]), folder))


def weights(*zeros: float) -> list[np.ndarray]:
    found = []
    for i, share in enumerate(zeros):
        w = RNG.standard_normal((8 * (i + 1), 8 * max(i, 1))) * 10.0**-i
        w.reshape(-1)[: round(share * w.size)] = 0
        found.append(w)
    return found


def pruned(model: Model, left: dict[int, str] | None = None, **wish) -> Plan:
    ids = tuple(range(len(model.weights)))
    return plan(model, PruneRequest(weights=ids, **wish), left=left or {})


def zeros(found: Plan) -> list[int]:
    return [row.after.zeros for row in found.rows]


@settings(max_examples=150, derandomize=True, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 60), st.sampled_from([0.0, 0.5])),
        min_size=1,
        max_size=6,
    ),
    st.floats(0, 1),
)
def test_levels_fill_up_to_the_exact_count(parts, share):
    shares = [Share(n, min(z, n), least) for n, z, least in parts]
    least, most = sum(s.floor for s in shares), sum(s.elements for s in shares)
    wanted = least + round(share * (most - least))
    counts = level_counts(shares, wanted)
    assert sum(counts) == wanted
    both = list(zip(counts, shares, strict=True))
    assert all(s.floor <= c <= s.elements for c, s in both)
    # There is one level that all are within one element of, but for those sparser from the start.
    at_least = max((Fraction(c - 1, s.elements) for c, s in both if c > s.floor), default=0)
    assert at_least <= min(Fraction(c + 1, s.elements) for c, s in both)


def test_a_dense_layer_whose_level_is_0_is_not_said_to_be_there_already(tmp_path):
    model = chain(tmp_path, *weights(0.0, 0.0))
    found = pruned(model, levels={"l0": 0.0, "l1": 0.5})
    assert found.rows[0].skipped == "its level is 0 %: it stays dense"


@pytest.mark.parametrize("scope", ["layer", "global", "global-rms"])
@pytest.mark.parametrize("target", [0.3, 0.6, 0.77])
def test_overall_counts_everything_that_was_named(tmp_path, scope, target):
    model = chain(tmp_path, *weights(0.0, 0.9, 0.1, 0.0))
    total = sum(w.constant.shape[0] * w.constant.shape[1] for w in model.weights)
    found = pruned(model, {0: "kept"}, sparsity=target, scope=scope, budget="overall")
    assert sum(zeros(found)) == round(target * total)
    assert found.rows[0].skipped == "kept"
    assert found.rows[0].after == found.rows[0].before


def test_sparser_layers_stay_and_the_others_are_level(tmp_path):
    model = chain(tmp_path, *weights(0.0, 0.9, 0.1))
    found = pruned(model, sparsity=0.5, budget="overall")
    assert found.rows[1].skipped == "already at 89.84 %"
    levels = [found.rows[i].after.sparsity for i in (0, 2)]
    assert abs(levels[0] - levels[1]) <= 1 / 64 and levels[0] < 0.5


def test_what_whole_units_leave_goes_on_to_the_next(tmp_path):
    model = chain(tmp_path, *(RNG.standard_normal((8, 16)) for _ in range(5)))
    found = pruned(model, sparsity=0.45, format="bsr:4x4", budget="overall")
    assert abs(sum(zeros(found)) - 0.45 * 5 * 128) < 16
    alone = pruned(model, sparsity=0.45, format="bsr:4x4")
    assert sum(zeros(alone)) == 5 * 48


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"sparsity": 0.9}, "cannot be reached"),
        ({"sparsity": 0.1, "format": "2:4"}, "format alone makes more"),
        ({"threshold": 0.1}, "needs a target"),
    ],
)
def test_an_overall_target_that_is_impossible(tmp_path, wish, told):
    model = chain(tmp_path, *weights(0.0, 0.0, 0.0))
    with pytest.raises(SparseviewError, match=told):
        pruned(model, {2: "kept"}, budget="overall", **wish)


def test_overall_below_the_format_where_protection_makes_room(tmp_path):
    model = chain(tmp_path, *weights(0.0, 0.0))
    found = pruned(model, {1: "kept"}, budget="overall", sparsity=0.25, format="2:4")
    assert sum(zeros(found)) == 48 and "2:4" in found.rows[0].after.satisfies


def test_relative_scope_divides_by_the_root_mean_square(tmp_path):
    model = chain(tmp_path, *weights(0.0, 0.0, 0.0))
    arrays = _read(model)
    rms = [np.sqrt((a.astype(np.float64) ** 2).mean()) for a in arrays]
    flat = np.concatenate([np.abs(a).reshape(-1) / r for a, r in zip(arrays, rms, strict=True)])
    border = np.sort(flat)[round(0.5 * flat.size)]
    found = pruned(model, sparsity=0.5, scope="global-rms")
    expected = [int((np.abs(a) / r < border).sum()) for a, r in zip(arrays, rms, strict=True)]
    assert zeros(found) == expected
    assert zeros(pruned(model, sparsity=0.5, scope="global"))[2] > expected[2]


def _read(model: Model) -> list[np.ndarray]:
    from onnx import load, numpy_helper

    return [numpy_helper.to_array(t) for t in load(model.path).graph.initializer]


def test_a_table_rules_its_layers(tmp_path):
    model = chain(tmp_path, *weights(0.0, 0.0, 0.0))
    found = pruned(model, levels={"l0": 0.25, "l2": 0.75})
    assert zeros(found) == [16, 0, 288]
    assert found.rows[1].skipped == "not in the table of levels"
    assert zeros(pruned(model, levels={"l0": 0.25}, sparsity=0.5))[1:] == [64, 192]
    with pytest.raises(SparseviewError, match="l7"):
        pruned(model, levels={"l7": 0.5})
    with pytest.raises(SparseviewError, match="not between 0 and 1"):
        pruned(model, levels={"l0": 1.5})
    with pytest.raises(SparseviewError, match="2:4 makes"):
        pruned(model, levels={"l0": 0.2}, format="2:4")


def test_the_ends_stay(tmp_path):
    found = pruned(chain(tmp_path, *weights(0.0, 0.0, 0.0)), sparsity=0.5, keep_ends=True)
    assert [row.skipped for row in found.rows] == ["first layer, kept", None, "last layer, kept"]


def test_whoever_shares_a_protected_tensor_stays(tmp_path):
    w = RNG.standard_normal((8, 8)).astype(np.float32)
    nodes = [
        helper.make_node("Gemm", ["h0", "w"], ["h1"], "one", transB=1),
        helper.make_node("Gemm", ["h1", "w"], ["h2"], "two", transB=1),
        helper.make_node("Gemm", ["h2", "v"], ["y"], "three", transB=1),
    ]
    model = Model.open(saved(model_of(nodes, {"w": w, "v": w + 1}, {"h0": [1, 8]}), tmp_path))
    found = plan(model, PruneRequest(weights=(0, 2), sparsity=0.5), left={1: "kept"})
    assert set(found.changes) == {"main/v"} and found.rows[0].skipped == "kept"
