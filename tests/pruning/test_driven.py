"""Prunes by data from end to end: what changes, what a bias takes up, what replays."""

from __future__ import annotations

import msgspec
import numpy as np
import onnx
import pytest
from layers import saved
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from pruning_references import wanda, wanda_nm

import sparseview as sv
from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.progress import Cancelled, Progress
from sparseview.pruning import driven, effect
from sparseview.pruning.prune import PruneRequest
from sparseview.pruning.recipe import read
from sparseview.review.evaluation import Evaluations
from sparseview.review.provenance import as_json, load
from sparseview.runtime import calibration
from sparseview.runtime.calibration import calibrate
from sparseview.runtime.drift import drift
from sparseview.session import Session

RANDOM = np.random.default_rng(5)


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def network():
    """Conv, BatchNormalization, Relu, Conv with a bias, Relu; then MatMul, Add, and a Gemm."""
    constants = {
        "w1": normal(8, 3, 3, 3), "scale": np.abs(normal(8)) + 0.5, "shift": normal(8),
        "mean": normal(8), "variance": np.abs(normal(8)) + 1,
        "w2": normal(8, 8, 3, 3), "b2": normal(8), "flat": np.array([0, -1]),
        "w3": normal(8 * 36, 16), "b3": normal(16), "w4": normal(4, 16), "b4": normal(4),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], "first", pads=[1] * 4),
        helper.make_node("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["b"]),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("Conv", ["c", "w2", "b2"], ["d"], "second", pads=[1] * 4),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("Reshape", ["e", "flat"], ["f"]),
        helper.make_node("MatMul", ["f", "w3"], ["g"], "third"),
        helper.make_node("Add", ["g", "b3"], ["h"]),
        helper.make_node("Relu", ["h"], ["i"]),
        helper.make_node("Gemm", ["i", "w4", "b4"], ["y"], "fourth", transB=1, alpha=0.5, beta=2.0),
    ]
    f = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", f, ["n", 3, 6, 6])],
        [helper.make_tensor_value_info("y", f, ["n", 4])],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture
def opened(tmp_path) -> Session:
    session = sv.open(saved(network(), tmp_path))
    np.savez(tmp_path / "data.npz", x=normal(60, 3, 6, 6))
    session.use_data(tmp_path / "data.npz")
    yield session
    session.close()


def values(session: Session) -> dict[str, np.ndarray]:
    model = session.model
    return {key: tensors.read(model, c).copy() for key, c in (
        (c.key, c) for c in model.constants(0).values()
    )}  # fmt: skip


def inner(session: Session, tmp_path, names, samples=None) -> dict[str, np.ndarray]:
    """What the model as saved computes, by onnx's own evaluator, for the calibration samples."""
    path = tmp_path / "inner.onnx"
    session.save(path, True)
    proto = onnx.load(path)
    for node in proto.graph.node:  # the evaluator takes no attribute that it does not know
        own = [a for a in node.attribute if not a.name.startswith("__")]
        del node.attribute[:]
        node.attribute.extend(own)
    there = {value.name for value in proto.graph.output}
    proto.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in there)
    samples = samples or session.data.calibration
    x = samples.batch(range(samples.count))["x"]
    return dict(zip(names, ReferenceEvaluator(proto).run(list(names), {"x": x}), strict=True))


def test_without_a_method_data_mean_reconstruction_and_it_is_one_edit(opened):
    before = values(opened)
    edit = opened.prune(sparsity=0.6)
    assert edit.step["method"] == "reconstruction"
    assert len(opened.history.edits) == 1 and "Reconstruction" in edit.label
    after = values(opened)
    for name in ("w1", "w2", "w3", "w4"):
        w, new = before[f"main/{name}"], after[f"main/{name}"]
        assert (new == 0).sum() == round(0.6 * w.size)
        assert not np.array_equal(new[new != 0], w[new != 0])
    for name in ("mean", "b2", "b3", "b4"):
        assert not np.array_equal(before[f"main/{name}"], after[f"main/{name}"])
    for name in ("scale", "shift", "variance", "flat"):
        assert np.array_equal(before[f"main/{name}"], after[f"main/{name}"])
    opened.undo()
    assert all(np.array_equal(v, before[k]) for k, v in values(opened).items())
    opened.redo()
    assert all(np.array_equal(v, after[k]) for k, v in values(opened).items())


def test_biases_keep_the_mean_of_every_layer(opened, tmp_path):
    """Added to by its own bias, by an Add, by what a BatchNormalization subtracts; alpha, beta."""
    names = ["b", "d", "h", "y"]
    dense = inner(opened, tmp_path, names)
    opened.prune("first", method="wanda", sparsity=0.5, bias="correct", order="one-pass")
    pruned = inner(opened, tmp_path, names)
    assert not np.allclose(pruned["b"], dense["b"], atol=1e-2)
    assert np.allclose(pruned["b"].mean((0, 2, 3)), dense["b"].mean((0, 2, 3)), atol=1e-4)
    opened.undo()
    for layer, name, axes in (("second", "d", (0, 2, 3)), ("third", "h", 0), ("fourth", "y", 0)):
        opened.prune(layer, method="sparsegpt", sparsity=0.5, bias="correct")
        pruned = inner(opened, tmp_path, names)
        assert not np.allclose(pruned[name], dense[name], atol=1e-2)
        assert np.allclose(pruned[name].mean(axes), dense[name].mean(axes), atol=2e-3)
        opened.undo()


def test_masks_of_layers_are_those_of_their_inputs(opened, tmp_path):
    """Wanda, against the inputs as onnx's own evaluator computes them; kernel positions apart."""
    seen = inner(opened, tmp_path, ["c", "f"])
    before = values(opened)
    opened.prune("second", method="wanda", format="2:4", order="one-pass")
    padded = np.pad(seen["c"], [(0, 0), (0, 0), (1, 1), (1, 1)])
    patches = np.stack(
        [padded[:, :, i : i + 6, j : j + 6] for i in range(3) for j in range(3)], axis=1
    )  # [n, kernel, in, 6, 6]
    x = patches.transpose(0, 3, 4, 1, 2).reshape(-1, 72).astype(np.float64)
    w = before["main/w2"].reshape(8, 8, 9).transpose(0, 2, 1).reshape(8, 72)
    after = values(opened)["main/w2"].reshape(8, 8, 9).transpose(0, 2, 1).reshape(8, 72)
    assert np.array_equal(after == 0, wanda_nm(w.astype(np.float64), x, 2, 4))
    opened.undo()
    opened.prune("third", method="wanda", sparsity=0.5)
    after = values(opened)["main/w3"].T
    expected = wanda(before["main/w3"].T.astype(np.float64), seen["f"].astype(np.float64), 0.5)
    assert np.array_equal(after == 0, expected)


def test_in_sequence_later_layers_see_the_pruned_earlier_ones(opened, tmp_path):
    before = values(opened)
    opened.prune("first", method="wanda", sparsity=0.7)
    alone = values(opened)["main/w1"]
    opened.undo()
    opened.prune("-fourth", method="wanda", sparsity=0.7)
    after = values(opened)
    assert np.array_equal(after["main/w1"], alone)
    x = inner(opened, tmp_path, ["f"])["f"].astype(np.float64)
    # 70 % of 288 is no whole number: what a row has beyond it is not in the reference.
    expected = wanda(before["main/w3"].T.astype(np.float64), x, 0.7)
    assert (after["main/w3"].T == 0)[expected].all()


def test_the_error_of_a_layer_is_that_on_samples_held_out(opened, tmp_path):
    evidence = opened.data
    held_out = set(evidence.held_out.chosen.tolist())
    assert held_out and not held_out & set(evidence.calibration.chosen.tolist())
    wish = {"method": "wanda", "sparsity": 0.5, "bias": "correct"}
    preview = opened.preview("fourth", **wish)
    before = inner(opened, tmp_path, "iy", evidence.held_out)
    opened.prune("fourth", **wish)
    after = inner(opened, tmp_path, "iy", evidence.held_out)
    opened.undo()
    w = tensors.read(opened.model, opened.model.constant("main/w4")).astype(np.float64)
    product = 0.5 * before["i"] @ w.T
    lost = np.linalg.norm(after["y"] - before["y"]) / np.linalg.norm(product)
    assert preview.rows[0].layer_error == pytest.approx(lost, rel=1e-4)


def test_statistics_of_one_layer_at_a_time_change_nothing(opened, monkeypatch):
    wish = {"method": "wanda", "sparsity": 0.5, "order": "one-pass"}
    before = values(opened)
    at_once = opened.preview(**wish)
    opened.prune(**wish)
    whole = values(opened)
    errors = Evaluations(opened.data).of(opened.model, layers=True).layers
    opened.undo()
    asked = []

    def counted(model, weights, *args, **kwargs):
        asked.append(len(weights))
        return calibrate(model, weights, *args, **kwargs)

    for module in (driven, effect):
        monkeypatch.setattr(module, "calibrate", counted)
    monkeypatch.setattr(calibration, "HELD", 1)
    one_by_one = opened.preview(**wish)
    opened.prune(**wish)
    assert set(asked) == {1}
    assert all(np.array_equal(v, whole[k]) for k, v in values(opened).items())
    assert any(not np.array_equal(v, before[k]) for k, v in whole.items())
    for row, other in zip(at_once.rows, one_by_one.rows, strict=True):
        assert row.layer_error == pytest.approx(other.layer_error, rel=1e-9)
    again = Evaluations(opened.data).of(opened.model, layers=True).layers
    assert [e.error for e in again] == pytest.approx([e.error for e in errors], rel=1e-9)


def test_a_cancelled_prune_leaves_the_model_as_it_was(opened):
    before, revision = values(opened), opened.revision
    progress = Progress()
    steps = []
    progress._report = lambda *_: (steps.append(1), len(steps) > 12 and progress.cancel())
    with pytest.raises(Cancelled):
        opened.prune(None, progress, sparsity=0.5)
    assert opened.revision == revision and not opened.dirty
    assert all(np.array_equal(v, before[k]) for k, v in values(opened).items())


def test_a_recipe_replays_on_the_same_data_only(opened, tmp_path):
    opened.prune(sparsity=0.5, rounds=2)
    done = values(opened)
    recipe = read(as_json(opened.recipe()))
    assert recipe.steps[0]["data"]["calibration"] == 48
    again = sv.open(opened.model.path)
    again.replay(recipe)  # the data are found where they lay
    assert all(np.allclose(v, done[k], atol=1e-6) for k, v in values(again).items())
    assert again.data is None
    np.savez(tmp_path / "other.npz", x=normal(60, 3, 6, 6))
    again = sv.open(opened.model.path)
    again.use_data(tmp_path / "other.npz")
    with pytest.raises(SparseviewError, match="other data") as caught:
        again.replay(recipe)
    assert caught.value.code == "other-data" and not again.dirty
    again.replay(recipe, force=True)
    (tmp_path / "data.npz").rename(tmp_path / "moved.npz")
    again = sv.open(opened.model.path)
    with pytest.raises(SparseviewError, match="nothing is there") as caught:
        again.replay(recipe)
    assert caught.value.code == "no-data"
    again.use_data(tmp_path / "moved.npz")
    again.replay(recipe)
    assert again.dirty


@pytest.mark.parametrize(
    ("wish", "match"),
    [
        ({"threshold": 0.1}, "goes by data"),
        ({"sparsity": 0.5, "scope": "global"}, "no border over all layers"),
        ({"method": "wanda", "sparsity": 0.5, "rounds": 3}, "no parameter 'rounds'"),
        ({"method": "magnitude", "sparsity": 0.5, "order": "one-pass"}, "no parameter 'order'"),
        ({"sparsity": 0.5, "rounds": 0}, "no way to prune"),
        ({"sparsity": 0.5, "min_cosine": 0.9}, "together with a target"),
        ({"min_cosine": 1.5}, "no limit"),
    ],
)
def test_what_makes_no_sense_is_refused(opened, wish, match):
    with pytest.raises(SparseviewError, match=match):
        opened.prune(**wish)
    assert not opened.dirty


def test_without_data_the_methods_say_what_they_lack(opened):
    opened.use_data(None)
    for wish in ({"method": "wanda", "sparsity": 0.5}, {"min_cosine": 0.9},
                 {"sparsity": 0.5, "budget": "sensitivity"}):  # fmt: skip
        with pytest.raises(SparseviewError, match="none is chosen") as caught:
            opened.prune(**wish)
        assert caught.value.code == "no-data"


def test_a_budget_by_sensitivity_is_exact_and_drifts_less(opened):
    dense = opened.model
    drifts = []
    for budget in ("overall", "sensitivity"):
        opened.prune(sparsity=0.7, budget=budget, method="magnitude")
        assert opened.summary().zeros == round(0.7 * opened.summary().elements)
        drifts.append(drift(dense, opened.model, opened.data.held_out).relative_l2)
        opened.undo()
    assert drifts[1] < drifts[0]


def test_as_sparse_as_the_cosine_allows(opened):
    dense = opened.model
    opened.prune(min_cosine=0.98, method="wanda", bias="correct")
    found = drift(dense, opened.model, opened.data.held_out)
    assert found.cosine >= 0.98
    level = opened.summary().sparsity
    opened.undo()
    opened.prune(sparsity=level + 0.02, method="wanda", bias="correct")
    assert drift(dense, opened.model, opened.data.held_out).cosine < 0.98


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT16, TensorProto.INT8])
def test_other_types_get_values_that_they_can_hold(tmp_path, dtype):
    w = normal(16, 32)
    scale = np.float32(0.02)
    if dtype == TensorProto.FLOAT16:
        stored = w.astype(np.float16)
        nodes = [helper.make_node("Cast", ["w"], ["v"], to=TensorProto.FLOAT)]
        extra = []
    else:
        stored = np.clip(np.rint(w / 0.02), -128, 127).astype(np.int8)
        nodes = [helper.make_node("DequantizeLinear", ["w", "s"], ["v"])]
        extra = [numpy_helper.from_array(scale, "s")]
    nodes.append(helper.make_node("Gemm", ["x", "v"], ["y"], "fc", transB=1))
    graph = helper.make_graph(
        nodes,
        "typed",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 16])],
        [numpy_helper.from_array(stored, "w"), *extra],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = sv.open(saved(proto, tmp_path))
    x = normal(200, 32) @ normal(32, 32)
    np.savez(tmp_path / "x.npz", x=x)
    session.use_data(tmp_path / "x.npz")
    factor = scale if extra else 1.0
    dense = x @ (stored.astype(np.float32) * factor).T

    def error() -> float:
        now = tensors.read(session.model, session.model.constant("main/w"))
        assert now.dtype == stored.dtype and (now == 0).sum() == max((stored == 0).sum(), 256)
        return float(np.linalg.norm(x @ (now.astype(np.float32) * factor).T - dense))

    session.prune(method="wanda", sparsity=0.5)
    plain = error()
    session.undo()
    session.prune(sparsity=0.5)
    assert error() < 0.7 * plain


def test_a_layer_that_no_data_reach_is_left_and_told(tmp_path):
    """The branch of an If that is never taken."""
    f = TensorProto.FLOAT

    def branch(name: str):
        node = helper.make_node("MatMul", ["x", f"{name}_w"], [f"{name}_y"], f"{name}_matmul")
        tensor = numpy_helper.from_array(normal(8, 8), f"{name}_w")
        out = helper.make_tensor_value_info(f"{name}_y", f, ["n", 8])
        return helper.make_graph([node], name, [], [out], [tensor])

    nodes = [
        helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True))),
        helper.make_node("If", ["c"], ["y"], then_branch=branch("a"), else_branch=branch("b")),
    ]
    graph = helper.make_graph(
        nodes, "branches",
        [helper.make_tensor_value_info("x", f, ["n", 8])],
        [helper.make_tensor_value_info("y", f, ["n", 8])],
    )  # fmt: skip
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = sv.open(saved(proto, tmp_path))
    np.savez(tmp_path / "x.npz", x=normal(30, 8))
    session.use_data(tmp_path / "x.npz")
    edit = session.prune(sparsity=0.5)
    assert edit.step["layers"] == ["a_matmul"]
    assert [left["layer"] for left in edit.step["skipped"]] == ["b_matmul"]
    assert "data cannot reach it" in edit.step["skipped"][0]["reason"]


def test_the_shortcut_takes_data(tmp_path):
    source = saved(network(), tmp_path)
    np.savez(tmp_path / "data.npz", x=normal(20, 3, 6, 6))
    sv.prune(source, tmp_path / "out.onnx", "third", data=tmp_path / "data.npz", format="2:4")
    made = sv.open(tmp_path / "out.onnx")
    assert made.select("format:2:4") == (2,)
    session = sv.open(source)
    session.use_data(tmp_path / "data.npz")
    session.prune("third", format="2:4")
    session.save(tmp_path / "same.onnx")
    same, kept = sv.open(tmp_path / "same.onnx"), sv.open(source)
    values = [
        tensors.read(each.model, each.model.weights[2].constant) for each in (made, same, kept)
    ]
    assert np.array_equal(values[0], values[1])
    left = values[0] != 0
    assert not np.array_equal(values[0][left], values[2][left])  # reconstructed, by the data


def test_the_shortcut_reads_data_as_told(tmp_path):
    source = saved(network(), tmp_path)
    np.savez(tmp_path / "data.npz", x=normal(20, 3, 6, 6))
    reading = {"calibration": 5}
    sv.prune(source, tmp_path / "o.onnx", data=tmp_path / "data.npz", reading=reading, sparsity=0.5)
    (step,) = load(tmp_path / "o.onnx").steps
    assert step["data"]["calibration"] == 5


def test_a_request_is_plain_data():
    wish = PruneRequest(weights=(0,), method="wanda", sparsity=0.5, order="one-pass")
    assert msgspec.json.decode(msgspec.json.encode(wish), type=PruneRequest) == wish
