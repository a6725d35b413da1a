"""Layer errors of a prune: of each layer by its own input, and none where there is no number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from layers import model_of, saved
from onnx import TensorProto, helper, numpy_helper

import sparseview as sv
from sparseview.model import tensors
from sparseview.review.evaluation import Evaluations, measured
from sparseview.session import Session

RNG = np.random.default_rng(12)
W = RNG.standard_normal((8, 8)).astype(np.float32)
X = (RNG.standard_normal((40, 8)) * np.geomspace(0.1, 4, 8)).astype(np.float32)


def opened(folder: Path, w: np.ndarray) -> Session:
    """y = relu(x W) W, one tensor in two layers."""
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["h"], "one"),
            helper.make_node("Relu", ["h"], ["r"]),
            helper.make_node("MatMul", ["r", "w"], ["y"], "two"),
        ],
        "shared",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 8])],
        [numpy_helper.from_array(w, "w")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(proto, folder / "shared.onnx")
    np.savez(folder / "x.npz", x=X)
    session = sv.open(folder / "shared.onnx")
    session.use_data(folder / "x.npz")
    return session


@pytest.mark.parametrize("method", ["wanda", "reconstruction"])
def test_each_use_of_a_tensor_has_its_own_error(tmp_path: Path, method: str) -> None:
    session = opened(tmp_path, W)
    wish: dict[str, Any] = {"sparsity": 0.5, "method": method}
    rows = session.preview(None, **wish).rows
    session.prune(None, **wish)
    after = tensors.read(session.model, session.model.constant("main/w")).astype(float)
    x = X[session.data.held_out.chosen].astype(float)
    found = {}
    for layer, seen in (("one", x), ("two", np.maximum(x @ W, 0))):
        found[layer] = np.linalg.norm(seen @ after - seen @ W) / np.linalg.norm(seen @ W)
    assert abs(found["one"] - found["two"]) > 0.01
    assert {row.layer: row.layer_error for row in rows} == pytest.approx(found, rel=1e-3)


def test_what_a_tensor_is_pruned_by_is_the_input_of_all_its_uses(tmp_path: Path) -> None:
    session = opened(tmp_path, W)
    session.prune(None, sparsity=0.5, method="wanda", order="one-pass")
    x = X[session.data.calibration.chosen].astype(float)
    rows = np.concatenate([x, np.maximum(x @ W, 0)])
    scores = np.abs(W) * np.sqrt((rows**2).sum(0))[:, None]
    expected = np.ones(W.shape, bool)
    np.put_along_axis(expected, np.argsort(scores, axis=0)[:4], False, axis=0)
    after = tensors.read(session.model, session.model.constant("main/w"))
    assert np.array_equal(after != 0, expected)


def test_accuracy_is_told_of_the_file_and_of_the_model_as_edited(tmp_path: Path) -> None:
    session = opened(tmp_path, W)
    labels = (np.maximum(X @ W, 0) @ W).argmax(axis=1)
    np.savez(tmp_path / "x.npz", x=X, y=labels)
    session.use_data(tmp_path / "x.npz")
    session.prune(None, sparsity=0.8, method="magnitude")
    found = Evaluations(session.data).of(session.model, layers=False)
    v = tensors.read(session.model, session.model.constant("main/w"))
    at = session.data.held_out.chosen
    right = (np.maximum(X[at] @ v, 0) @ v).argmax(axis=1) == labels[at]
    assert found.accuracy_before is not None and found.accuracy_after is not None
    assert (found.accuracy_before.top1, found.accuracy_after.top1) == (1, right.mean())
    assert right.mean() < 1


def test_a_weight_that_is_no_number_has_no_error(tmp_path: Path) -> None:
    """|X W^T| is none: the error is not 0, it is unknown."""
    broken = W.copy()
    broken[2, 3] = np.nan
    session = opened(tmp_path, broken)
    # The second layer's input is NaN as well: only the first one can be calibrated for.
    (row,) = session.preview("one", sparsity=0.5, method="wanda").rows
    assert row.skipped is None and row.layer_error is None
    session.prune("one", sparsity=0.5, method="wanda")
    (effect,) = measured(session.model, session.data, [session.model.weights[0]]).values()
    assert effect.error is None and effect.reason and "NaN" in effect.reason


def test_what_is_measured_is_of_the_values_that_are_there_bias_and_all(tmp_path: Path) -> None:
    """y = 2 x W + c / 2, pruned twice, and back."""
    node = helper.make_node("Gemm", ["x", "w", "c"], ["y"], "one", alpha=2.0, beta=0.5)
    proto = model_of([node], {"w": W, "c": W[0]}, {"x": ["n", 8]})
    np.savez(tmp_path / "x.npz", x=X + 1)
    session = sv.open(saved(proto, tmp_path))
    session.use_data(tmp_path / "x.npz")
    x = (X + 1)[session.data.held_out.chosen].astype(float)
    known = Evaluations(session.data)

    def told() -> float:
        (effect,) = known.of(session.model, layers=True).layers
        assert effect.error is not None
        return effect.error

    def by_hand() -> float:
        v, d = (tensors.read(session.model, session.model.constant(f"main/{n}")) for n in "wc")
        moved = 2 * (x @ (v - W)) + (d - W[0]) / 2
        return float(np.linalg.norm(moved) / np.linalg.norm(2 * x @ W))

    found = []
    for sparsity in (0.3, 0.7):
        session.prune(None, sparsity=sparsity, method="wanda", bias="correct")
        assert not np.array_equal(
            tensors.read(session.model, session.model.constant("main/c")), W[0]
        )
        found.append(told())
        assert found[-1] == pytest.approx(by_hand(), rel=1e-4)
    assert found[0] < found[1]
    session.undo()
    assert told() == found[0]


def test_a_bias_beside_a_shared_weight_stays(tmp_path: Path) -> None:
    """What one layer loses in the mean is not what the other does."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "one"),
        helper.make_node("Add", ["h", "b"], ["r"]),
        helper.make_node("MatMul", ["r", "w"], ["y"], "two"),
    ]
    np.savez(tmp_path / "x.npz", x=X + 1)
    session = sv.open(saved(model_of(nodes, {"w": W, "b": W[0]}, {"x": ["n", 8]}), tmp_path))
    session.use_data(tmp_path / "x.npz", calibration=36)
    wish: dict[str, Any] = {"sparsity": 0.5, "method": "wanda", "bias": "correct"}
    rows = session.preview(None, **wish).rows
    edit = session.prune(None, **wish)
    assert list(edit.after) == ["main/w"]
    assert all("several layers share" in str(row.remark) for row in rows)
