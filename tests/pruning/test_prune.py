"""Planning a prune on small models, held against loops that follow cli.md, "Prune"."""

from __future__ import annotations

import checks
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import gemm_model, model_of, saved, tensor
from onnx import TensorProto, helper

from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import Cancelled, Progress
from sparseview.pruning.outlook import Ladders, outlook
from sparseview.pruning.prune import Plan, PruneRequest, plan


def opened(folder, proto) -> Model:
    return Model.open(saved(proto, folder))


def pruned(model: Model, *ids: int, **wish) -> Plan:
    return plan(model, PruneRequest(weights=ids or (0,), **wish))


def zeros(array) -> int:
    return int((np.asarray(array) == 0).sum())


@settings(max_examples=40, derandomize=True, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    values=st.sampled_from([3, 8, 1000]),
    sparsity=st.sampled_from([0.29, 0.5, 0.77, 1.0]),
    trans_b=st.sampled_from([0, 1]),
)
def test_magnitude_is_exact_and_keeps_the_lower_index(
    tmp_path_factory, seed, values, sparsity, trans_b
):
    """Ties go by the stored order, whichever way the operator reads the tensor."""
    w = np.random.default_rng(seed).integers(-values, values, (7, 12)).astype(np.float32)
    model = opened(tmp_path_factory.mktemp("m"), gemm_model(w, trans_b))
    target = round(sparsity * w.size)
    if zeros(w) >= target:
        with pytest.raises(SparseviewError, match="already at"):
            pruned(model, sparsity=sparsity)
        return
    found = pruned(model, sparsity=sparsity)
    after = found.changes["main/w"]
    assert np.array_equal(after, checks.pruned(w, target))
    row = found.rows[0]
    assert (row.before.zeros, row.after.zeros) == (zeros(w), target)
    assert row.kept_energy == pytest.approx(
        (after.astype(float) ** 2).sum() / (w.astype(float) ** 2).sum(), abs=1e-12
    )
    assert found.sparsity_after == target / w.size


@pytest.mark.parametrize("trans_b", [0, 1])
def test_nm_runs_along_the_input_axis(tmp_path, trans_b):
    w = np.random.default_rng(1).integers(-9, 9, (8, 12)).astype(np.float32)
    model = opened(tmp_path, gemm_model(w if trans_b else np.ascontiguousarray(w.T), trans_b))
    after = pruned(model, format="2:4").changes["main/w"]
    expected = checks.pruned_groups(w[None, :, None, :], 2, 4)[0, :, 0, :]
    assert np.array_equal(after if trans_b else after.T, expected)


def test_nm_of_a_convolution_runs_over_channels_not_over_the_kernel(tmp_path):
    w = np.random.default_rng(2).standard_normal((4, 8, 3, 3)).astype(np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv", pads=[1] * 4)
    model = opened(tmp_path, model_of([node], {"w": w}, {"x": [1, 8, 5, 5]}))
    after = pruned(model, format="1:4").changes["main/w"]
    logical = w.reshape(4, 8, 9).transpose(0, 2, 1)[None]
    expected = checks.pruned_groups(logical, 1, 4)[0].transpose(0, 2, 1).reshape(w.shape)
    assert np.array_equal(after, expected)


def test_nm_prunes_on_when_more_is_asked(tmp_path):
    w = np.random.default_rng(3).standard_normal((8, 16)).astype(np.float32)
    model = opened(tmp_path, gemm_model(w))
    found = pruned(model, format="2:4", sparsity=0.75)
    masked = checks.pruned_groups(w[None, :, None, :], 2, 4)[0, :, 0, :]
    assert np.array_equal(found.changes["main/w"], checks.pruned(masked, 96))
    assert "2:4" in found.rows[0].after.satisfies


def test_existing_zeros_are_never_revived_and_count(tmp_path):
    w = np.arange(1, 17, dtype=np.float32).reshape(2, 8)
    w[:, 4:] = 0
    found = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.75)
    after = found.changes["main/w"]
    assert zeros(after) == 12
    assert np.flatnonzero(after).tolist() == [8, 9, 10, 11]


def test_blocks_round_down_and_the_reached_fraction_is_told(tmp_path):
    w = np.random.default_rng(4).standard_normal((8, 12)).astype(np.float32)
    found = pruned(opened(tmp_path, gemm_model(w)), format="bsr:4x4", sparsity=0.6)
    assert found.rows[0].after.sparsity == 3 / 6
    assert found.rows[0].after.format == "bsr:4x4"
    sums = (w.astype(float) ** 2).reshape(2, 4, 3, 4).sum((1, 3))
    dead = ~found.changes["main/w"].reshape(2, 4, 3, 4).any((1, 3))
    assert sums[dead].max() < sums[~dead].min()


def test_a_target_below_one_unit_is_skipped_with_the_reason(tmp_path):
    model = opened(tmp_path, gemm_model(np.ones((4, 4), np.float32)))
    with pytest.raises(SparseviewError, match="less than one more whole channel"):
        pruned(model, format="channel:out", sparsity=0.2)


def test_percentile_is_sparsity_in_percent(tmp_path):
    w = np.random.default_rng(5).standard_normal((9, 9)).astype(np.float32)
    model = opened(tmp_path, gemm_model(w))
    assert np.array_equal(
        pruned(model, percentile=37.0).changes["main/w"],
        pruned(model, sparsity=0.37).changes["main/w"],
    )


def test_threshold_prunes_what_is_strictly_below(tmp_path):
    w = np.array([[0.25, -0.5, 0.75, -1.0]], np.float32)
    after = pruned(opened(tmp_path, gemm_model(w)), threshold=0.75).changes["main/w"]
    assert after.tolist() == [[0, 0, 0.75, -1.0]]


def test_the_share_that_is_kept_stays_between_none_and_all(tmp_path):
    """With some of these the sum of what is lost rounds to more than the sum of all."""
    for seed in range(40):
        w = np.random.default_rng(seed).standard_normal((37, 53)).astype(np.float32)
        found = pruned(opened(tmp_path, gemm_model(w, 0)), threshold=9.0)
        assert 0 <= found.rows[0].kept_energy < 1e-12 and 0 <= found.kept_energy < 1e-12


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tiny_weights_keep_their_order(tmp_path, dtype):
    """Their squares underflow; the order must still be that of |w|."""
    tiny = np.finfo(dtype).smallest_subnormal
    w = (np.array([[4, 1, 3, 2]]) * tiny).astype(dtype)
    after = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.5).changes["main/w"]
    assert np.flatnonzero(after).tolist() == [0, 2]


def test_huge_doubles_keep_their_order(tmp_path):
    w = np.array([[1e308, 1e300, -1.1e308, 1e305]])
    found = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.5)
    assert np.flatnonzero(found.changes["main/w"]).tolist() == [0, 2]
    assert 0.99 < found.kept_energy <= 1 and 0.99 < found.rows[0].kept_energy <= 1
    found = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.5, scope="global")
    assert np.flatnonzero(found.changes["main/w"]).tolist() == [0, 2]


def test_nan_is_kept(tmp_path):
    w = np.array([[1, np.nan, 5, 3]], np.float32)
    found = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.5)
    assert np.isnan(found.changes["main/w"][0, 1]) and found.changes["main/w"][0, 2] == 5
    assert found.rows[0].kept_energy == pytest.approx(25 / 35)
    found = pruned(opened(tmp_path, gemm_model(w)), sparsity=1.0)
    assert found.changes["main/w"].tolist() == [[0, 0, 0, 0]]
    assert found.rows[0].kept_energy == 0


def two_layers(first, second, **attributes):
    nodes = [
        helper.make_node("Gemm", ["x", "a"], ["h"], name="first", transB=1),
        helper.make_node("Gemm", ["h", "b"], ["y"], name="second", transB=1),
    ]
    return model_of(nodes, {"a": first, "b": second})


@settings(max_examples=25, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10**6), values=st.sampled_from([3, 1000]))
def test_global_scope_has_one_border(tmp_path_factory, seed, values):
    rng = np.random.default_rng(seed)
    a = rng.integers(-values, values, (6, 8)).astype(np.float32)
    b = (rng.integers(-values, values, (8, 6)) * rng.choice([1, 4])).astype(np.float32)
    model = opened(tmp_path_factory.mktemp("m"), two_layers(a, b))
    found = pruned(model, 0, 1, sparsity=0.7, scope="global")
    both = np.concatenate([a.reshape(-1), b.reshape(-1)])
    expected = checks.pruned(both, round(0.7 * both.size))
    after = [found.changes.get(f"main/{k}", w) for k, w in (("a", a), ("b", b))]
    assert np.array_equal(np.concatenate([w.reshape(-1) for w in after]), expected)
    assert found.sparsity_after == round(0.7 * both.size) / both.size


def test_global_scope_with_nm_goes_on_over_all_masks(tmp_path):
    rng = np.random.default_rng(6)
    a = rng.standard_normal((4, 8)).astype(np.float32)
    b = 3 * rng.standard_normal((8, 4)).astype(np.float32)
    found = pruned(
        opened(tmp_path, two_layers(a, b)), 0, 1, format="2:4", sparsity=0.75, scope="global"
    )
    masked = [checks.pruned_groups(w[None, :, None, :], 2, 4).reshape(-1) for w in (a, b)]
    expected = checks.pruned(np.concatenate(masked), 48)
    after = np.concatenate([found.changes[f"main/{k}"].reshape(-1) for k in "ab"])
    assert np.array_equal(after, expected)


def test_global_nm_holds_everywhere_though_one_layer_is_past_the_target(tmp_path):
    rng = np.random.default_rng(10)
    a = rng.standard_normal((4, 8)).astype(np.float32)
    b = rng.standard_normal((8, 4)).astype(np.float32)
    b[:, 1:] = 0
    model = opened(tmp_path, two_layers(a, b))
    found = pruned(model, 0, 1, format="2:4", sparsity=0.5, scope="global")
    masked = checks.pruned_groups(a[None, :, None, :], 2, 4)[0, :, 0, :]
    assert np.array_equal(found.changes["main/a"], masked)
    assert found.rows[1].skipped == "already 2:4, at 75.00 %"


def test_a_layer_that_is_there_already_is_left_and_listed(tmp_path):
    a = np.zeros((4, 4), np.float32)
    a[0] = 1
    b = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
    found = pruned(opened(tmp_path, two_layers(a, b)), 0, 1, sparsity=0.5)
    assert set(found.changes) == {"main/b"}
    assert found.rows[0].skipped == "already at 75.00 %"
    assert found.rows[0].after == found.rows[0].before and found.rows[0].kept_energy == 1
    assert found.rows[1].skipped is None
    assert (found.sparsity_before, found.sparsity_after) == (12 / 32, 20 / 32)


def test_a_layer_where_the_format_cannot_apply_is_skipped(tmp_path):
    found = pruned(
        opened(tmp_path, two_layers(np.ones((8, 6), np.float32), np.ones((4, 8), np.float32))),
        0,
        1,
        format="2:4",
    )
    assert found.rows[0].skipped == "input size 6 is not divisible by 4"
    assert zeros(found.changes["main/b"]) == 16


def test_depthwise_is_never_nm(tmp_path):
    w = np.ones((8, 1, 3, 3), np.float32)
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="dw", group=8)
    model = opened(tmp_path, model_of([node], {"w": w}, {"x": [1, 8, 5, 5]}))
    with pytest.raises(SparseviewError, match="depthwise"):
        pruned(model, format="2:4")


def shared(weight, second_trans_b: int):
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["h"], name="one", transB=1),
        helper.make_node("Gemm", ["h", "w"], ["y"], name="two", transB=second_trans_b),
    ]
    return model_of(nodes, {"w": weight})


def test_a_shared_tensor_is_pruned_once(tmp_path):
    w = np.random.default_rng(7).standard_normal((8, 8)).astype(np.float32)
    found = pruned(opened(tmp_path, shared(w, 1)), 0, 1, format="2:4")
    assert len(found.changes) == 1
    assert [row.weight for row in found.rows] == [0, 1]
    assert all("2:4" in row.after.satisfies for row in found.rows)
    assert found.sparsity_after == 0.5


def test_a_shared_tensor_counts_once_among_others(tmp_path):
    nodes = [
        helper.make_node("Gemm", [x, w], [y], name=y, transB=1)
        for x, w, y in (("x", "a", "one"), ("one", "a", "two"), ("two", "b", "three"))
    ]
    a = np.zeros((4, 4), np.float32)
    b = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
    found = pruned(
        opened(tmp_path, model_of(nodes, {"a": a, "b": b})), 0, 1, 2, sparsity=0.75, scope="global"
    )
    assert zeros(found.changes["main/b"]) == 8
    assert (found.sparsity_before, found.sparsity_after) == (0.5, 0.75)


def test_a_shared_tensor_with_scattered_zeros_still_loses_blocks(tmp_path):
    w = np.random.default_rng(11).standard_normal((8, 8)).astype(np.float32)
    w[0, 0] = w[7, 7] = 0
    found = pruned(opened(tmp_path, shared(w, 1)), 0, 1, format="bsr:4x4", sparsity=0.3)
    assert zeros(found.changes["main/w"]) in (17, 18)


@pytest.mark.parametrize("ids", [(0, 1), (0,)], ids=["both selected", "one selected"])
def test_a_format_that_another_use_would_break_is_refused(tmp_path, ids):
    w = np.random.default_rng(8).standard_normal((8, 8)).astype(np.float32)
    model = opened(tmp_path, shared(w, 0))
    told = "one and two read this tensor along different axes, and 2:4 would not hold along both"
    with pytest.raises(SparseviewError, match=told):
        pruned(model, *ids, format="2:4")
    assert zeros(pruned(model, *ids, sparsity=0.5).changes["main/w"]) == 32


def quantized(codes, zero_point, dtype):
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["d"]),
        helper.make_node("Gemm", ["x", "d"], ["y"], name="layer", transB=1),
    ]
    return model_of(
        nodes,
        [
            tensor("w", codes, dtype),
            tensor("s", np.array(0.1, np.float32)),
            tensor("z", zero_point, dtype),
        ],
    )


def test_a_quantized_weight_is_pruned_to_its_zero_point(tmp_path):
    codes = np.array([[113, 0, 112, 255], [100, 120, 113, 114]], np.uint8)
    model = opened(tmp_path, quantized(codes, np.array(113, np.uint8), TensorProto.UINT8))
    found = pruned(model, sparsity=0.5)
    assert found.changes["main/w"].tolist() == [[113, 0, 113, 255], [100, 120, 113, 113]]
    assert found.changes["main/w"].dtype == np.uint8
    assert (found.rows[0].before.zeros, found.rows[0].after.zeros) == (2, 4)


def test_what_counts_as_zero_must_be_known(tmp_path):
    proto = quantized(np.ones((2, 4), np.uint8), np.array(113, np.uint8), TensorProto.UINT8)
    del proto.graph.initializer[2]
    proto.graph.input.append(helper.make_tensor_value_info("z", TensorProto.UINT8, []))
    proto.graph.node.add().CopyFrom(helper.make_node("Gemm", ["x", "b"], ["t"], transB=1))
    proto.graph.initializer.append(tensor("b", np.arange(1, 9, dtype=np.float32).reshape(2, 4)))
    found = pruned(opened(tmp_path, proto), 0, 1, sparsity=0.5)
    assert set(found.changes) == {"main/b"}
    assert found.rows[0].before is None and "zero point" in found.rows[0].skipped


def test_an_unreadable_layer_is_listed_and_the_others_are_pruned(tmp_path):
    first = tensor("a", np.ones((8, 8), np.float32))
    first.ClearField("raw_data")
    first.data_location = TensorProto.EXTERNAL
    first.external_data.add(key="location", value="missing.bin")
    proto = two_layers(np.ones((8, 8), np.float32), np.ones((4, 8), np.float32))
    proto.graph.initializer[0].CopyFrom(first)
    for scope in ("layer", "global"):
        model = opened(tmp_path, proto)
        found = pruned(model, 0, 1, sparsity=0.5, scope=scope)
        assert set(found.changes) == {"main/b"} and found.sparsity_after == 0.5
        assert found.rows[0].before is None and "missing.bin" in found.rows[0].skipped


def test_bfloat16_stays_bfloat16(tmp_path):
    values = np.array([[1.5, -0.25, 3.0, -2.0]], np.float32)
    bits = (values.view(np.uint32) >> 16).astype(np.uint16)
    nodes = [
        helper.make_node("Cast", ["w"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Gemm", ["x", "f"], ["y"], name="layer", transB=1),
    ]
    model = opened(tmp_path, model_of(nodes, [tensor("w", bits, TensorProto.BFLOAT16)]))
    after = pruned(model, sparsity=0.5).changes["main/w"]
    assert after.dtype == np.uint16
    assert after.tolist() == [[0, 0, int(bits[0, 2]), int(bits[0, 3])]]


def test_negative_zero_is_left_as_it_is(tmp_path):
    w = np.array([[-0.0, 1, 2, 3]], np.float32)
    after = pruned(opened(tmp_path, gemm_model(w)), sparsity=0.5).changes["main/w"]
    assert np.signbit(after[0, 0]) and not np.signbit(after[0, 1])


def test_planning_changes_neither_model_nor_file(tmp_path):
    w = np.random.default_rng(9).standard_normal((8, 8)).astype(np.float32)
    path = saved(gemm_model(w), tmp_path)
    before = path.read_bytes()
    model = Model.open(path)
    pruned(model, sparsity=0.5)
    assert path.read_bytes() == before and not model.overlay
    assert pruned(model, sparsity=0.25).rows[0].before.zeros == 0


def test_it_can_be_cancelled(tmp_path):
    model = opened(tmp_path, gemm_model(np.ones((4, 4), np.float32)))
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        plan(model, PruneRequest(weights=(0,), sparsity=0.5), progress)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "needs a target"),
        ({"format": "bsr:4x4"}, "needs a target"),
        ({"format": "2:4", "sparsity": 0.4}, "out of reach"),
        ({"format": "2:4", "threshold": 0.1}, "cannot be combined"),
        ({"format": "dense", "sparsity": 0.5}, "not a format to prune to"),
        ({"format": "3:4", "sparsity": 0.5}, "no sparsity format"),
        ({"method": "wish", "sparsity": 0.5}, "no pruning method"),
        ({"sparsity": 1.5}, "between 0 and 1"),
        ({"sparsity": float("nan")}, "between 0 and 1"),
        ({"percentile": 101.0}, "between 0 and 1"),
        ({"threshold": -1.0}, "from 0 up"),
        ({"sparsity": 0.5, "threshold": 1.0}, "given together"),
        ({"sparsity": 0.0}, "Nothing was pruned"),
        ({"threshold": 0.5}, "no weight that is not zero yet is below 0.5"),
        ({"sparsity": 0.5, "weights": (7,)}, "no weight 7"),
        ({"sparsity": 0.5, "weights": ()}, "No weight is selected"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(tmp_path, wish, words):
    model = opened(tmp_path, gemm_model(np.ones((4, 4), np.float32)))
    with pytest.raises(SparseviewError, match=words):
        plan(model, PruneRequest(**{"weights": (0,), **wish}))


@pytest.mark.parametrize("ask", [plan, lambda m, r: outlook(m, r, Ladders())])
def test_a_file_that_was_changed_is_no_reason_to_ask_for_more_zeros(tmp_path, ask):
    path = saved(gemm_model(np.ones((64, 64), np.float32)), tmp_path)
    model = Model.open(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SparseviewError) as refused:
        ask(model, PruneRequest(weights=(0,), sparsity=0.5))
    told = refused.value
    assert f"{path.name} has changed on disk since it was opened." in told.message
    assert not told.message.endswith("..")
    assert "open the model again" in told.hint and "zeros" not in told.hint
