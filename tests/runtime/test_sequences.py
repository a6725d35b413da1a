"""Sequences whose first axis is time: samples are counted by the second, in data of every form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import weights
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator
from probing import opened, samples
from test_taps import random

from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.overlay import Overlay
from sparseview.runtime.calibration import Statistics, calibrate
from sparseview.runtime.data import Samples, read
from sparseview.runtime.drift import drift
from sparseview.runtime.signature import inputs

H, COLUMNS = 4, 6
W, R = weights(1, 4 * H, COLUMNS, sparsity=0, seed=1), weights(1, 4 * H, H, sparsity=0, seed=2)
X = random(9, 5, COLUMNS, seed=3)  # 9 steps of 5 sequences


def recurrent(
    x: list[int | str], state: list[int | str] | None = None, table: Any = None
) -> ModelProto:
    """An LSTM on x, or on the rows of a table that x names."""
    start = ["h", "c"] if state else []
    nodes = [
        helper.make_node("Identity", ["x"], ["i"]),
        helper.make_node(
            "LSTM", ["s", "w", "r", *(["", "", *start] if start else [])], ["y"], "l", hidden_size=H
        ),
    ]
    first = ("Gather", ["table", "i"]) if table is not None else ("Identity", ["i"])
    nodes.insert(1, helper.make_node(*first, ["s"]))
    constants = {"w": W, "r": R, **({} if table is None else {"table": table})}
    kind = TensorProto.FLOAT if table is None else TensorProto.INT64
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info("x", kind, x),
            *(helper.make_tensor_value_info(n, TensorProto.FLOAT, state) for n in start),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [nh.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def hidden(proto: ModelProto, **feeds: np.ndarray) -> np.ndarray:
    """What R is multiplied with: the state before each step, [time * batch, H]."""
    (y,) = ReferenceEvaluator(proto).run(None, feeds)
    start = feeds.get("h", np.zeros((1, *y.shape[2:]), np.float32))
    before = np.concatenate([start, y[:-1, 0]])
    return before.reshape(-1, H).astype(np.float64)


def is_seen(model: Model, data: Samples, rows: np.ndarray) -> None:
    (weight,) = [w for w in model.weights if w.constant.name == "r"]
    found = calibrate(model, [weight], data, gram=True)[weight.id]
    assert isinstance(found, Statistics) and found.gram is not None
    assert found.rows == len(rows)
    np.testing.assert_allclose(found.gram[0], rows.T @ rows, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dims", [["t", "b", COLUMNS], [9, 5, COLUMNS], [9, "b", COLUMNS]])
def test_sequences_side_by_side_are_samples(dims: list[int | str], tmp_path: Path) -> None:
    proto = recurrent(dims)
    model = opened(proto, tmp_path)
    assert [each.axis for each in inputs(model)] == [1]
    data = samples(model, x=X, y=np.arange(5))
    assert data.count == 5 and data.labels is not None
    is_seen(model, data, hidden(proto, x=X))


@pytest.mark.parametrize("dims", [["t", 1, COLUMNS], ["t", "b", COLUMNS]])
@pytest.mark.parametrize("axis", [False, True])
def test_one_sequence_is_one_sample(axis: bool, dims: list[int | str], tmp_path: Path) -> None:
    """With an axis for samples before time, or without."""
    proto = recurrent(dims)
    model = opened(proto, tmp_path)
    data = samples(model, x=X[None, :, :1] if axis else X[:, :1])
    assert data.count == 1
    is_seen(model, data, hidden(proto, x=X[:, :1]))


def test_a_state_is_one_for_all_or_one_for_each(tmp_path: Path) -> None:
    proto = recurrent(["t", "b", COLUMNS], [1, "b", H])
    model = opened(proto, tmp_path)
    one, each = random(1, 1, H, seed=7), random(1, 5, H, seed=8)
    repeated = np.repeat(one, 5, axis=1)
    data = samples(model, x=X, h=one, c=each)
    assert data.count == 5
    assert data.batch([3, 1])["h"].shape == (1, 2, H)
    is_seen(model, data, hidden(proto, x=X, h=repeated, c=each))


def test_files_of_sequences_are_joined_where_they_are_as_long(tmp_path: Path) -> None:
    proto = recurrent(["t", "b", COLUMNS], [1, "b", H])
    model = opened(proto, tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    state = random(1, 1, H, seed=7)
    parts = [X[:, :3], X[:6, 3:4], X[:, 4:]]
    for number, part in enumerate(parts):
        np.savez(folder / f"{number}.npz", x=part, h=state, c=state)
    data = read(model, folder)
    assert data.count == 5 and sorted(len(at) for at in data.batches(9)) == [1, 4]
    rows = [
        hidden(proto, x=p, **dict.fromkeys("hc", np.repeat(state, p.shape[1], 1))) for p in parts
    ]
    is_seen(model, data, np.concatenate(rows))


def test_tokens_of_a_table_are_sequences_too(tmp_path: Path) -> None:
    table = random(11, COLUMNS, seed=9)
    proto = recurrent(["t", "b"], table=table)
    model = opened(proto, tmp_path)
    x = np.random.default_rng(0).integers(0, 11, (7, 3))
    data = samples(model, x=x)
    assert data.count == 3
    is_seen(model, data, hidden(proto, x=x))


def test_made_up_sequences_are_longer_than_a_step(tmp_path: Path) -> None:
    proto = recurrent(["t", "b", COLUMNS])
    model = opened(proto, tmp_path)
    data = read(model, "synthetic:6")
    x = data.batch(range(6))["x"]
    assert x.shape[1:] == (6, COLUMNS) and x.shape[0] > 1
    is_seen(model, data, hidden(proto, x=x))


def test_drift_is_that_of_each_sequence(tmp_path: Path) -> None:
    proto = recurrent(["t", "b", COLUMNS])
    before = opened(proto, tmp_path)
    (weight,) = [w for w in before.weights if w.constant.name == "r"]
    array = np.array(tensors.read(before, weight.constant))
    array.reshape(-1)[::2] = 0
    after = before.with_overlay(Overlay({weight.constant.key: array}))
    other = recurrent(["t", "b", COLUMNS])
    other.graph.initializer[1].CopyFrom(nh.from_array(array, "r"))
    found = drift(before, after, samples(before, x=X))
    (a,), (b,) = (ReferenceEvaluator(each).run(None, {"x": X}) for each in (proto, other))
    a, b = (each.transpose(2, 0, 1, 3).reshape(5, -1).astype(np.float64) for each in (a, b))
    apart = np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1)
    assert found.relative_l2 == pytest.approx(apart.mean(), rel=1e-5)


def test_a_batch_in_front_stays_there(tmp_path: Path) -> None:
    """Turned round on the way, as exporters do where the batch comes first."""
    proto = recurrent(["b", "t", COLUMNS])
    proto.graph.node[0].CopyFrom(helper.make_node("Transpose", ["x"], ["i"], perm=[1, 0, 2]))
    model = opened(proto, tmp_path)
    assert [each.axis for each in inputs(model)] == [0]
    x = X.transpose(1, 0, 2)
    data = samples(model, x=x)
    assert data.count == 5
    is_seen(model, data, hidden(proto, x=x))
