"""Several samples in a run give what each gives alone: whatever the axes, whatever mixes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import weights
from fed_network import halved
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from probing import opened, samples
from test_taps import random

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.runtime.accuracy import accuracy
from sparseview.runtime.batching import distinct_part
from sparseview.runtime.calibration import Statistics, calibrate
from sparseview.runtime.drift import drift
from sparseview.runtime.engine import Engine

W = weights(8, 5, sparsity=0, seed=3)
X = random(21, 8, seed=5)
MATMUL = helper.make_node("MatMul", ["x", "w"], ["z"], "m")


def network(
    *nodes: Any,
    x: list[int | str] | None = None,
    outputs: dict[str, Any] | None = None,
    **more: Any,
) -> ModelProto:
    f = TensorProto.FLOAT
    constants = {"w": W, **more}
    graph = helper.make_graph(
        [MATMUL, *nodes],
        "g",
        [helper.make_tensor_value_info("x", f, x or ["n", 8])],
        [
            helper.make_tensor_value_info(name, f, dims)
            for name, dims in (outputs or {"y": None}).items()
        ],
        [nh.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def node(op: str, inputs: str, output: str = "y", **more: Any) -> Any:
    return helper.make_node(op, inputs.split(), [output], **more)


def alone(model: Model, each: list[np.ndarray]) -> list[dict[str, np.ndarray]]:
    with Engine(model) as engine:
        return [engine.run({"x": x}) for x in each]


TRANSPOSED = network(node("Transpose", "z", perm=[1, 0]))
MIXING = {
    "a softmax over all": network(
        node("Reshape", "z flat", "r"), node("Softmax", "r", axis=1), flat=[1, -1]
    ),
    "a mean over the batch": network(
        node("ReduceMean", "z", "mean", axes=[0]), node("Sub", "z mean", "d"), node("Add", "z d")
    ),
    "samples last": TRANSPOSED,
    "one number for all": network(node("ReduceMean", "z", keepdims=0)),
}


@pytest.mark.parametrize("name", MIXING)
def test_drift_is_that_of_each_sample_alone(name: str, tmp_path: Path) -> None:
    before = opened(MIXING[name], tmp_path)
    after = halved(before)
    found = drift(before, after, samples(before, x=X))
    apart, cosines = [], []
    each = [X[i : i + 1] for i in range(len(X))]
    for one, other in zip(alone(before, each), alone(after, each), strict=True):
        a, b = one["y"].astype(np.float64).ravel(), other["y"].astype(np.float64).ravel()
        apart.append(np.linalg.norm(a - b) / np.linalg.norm(a))
        cosines.append(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    assert found.relative_l2 == pytest.approx(np.mean(apart), rel=1e-6)
    assert found.cosine == pytest.approx(np.mean(cosines), rel=1e-6)


def test_classes_are_found_where_samples_come_last(tmp_path: Path) -> None:
    """Free batches, and one of 8 that the model has fixed, the last filled up."""
    for number, proto in enumerate([TRANSPOSED, network(*TRANSPOSED.graph.node[1:], x=[8, 8])]):
        folder = tmp_path / str(number)
        folder.mkdir()
        before = opened(proto, folder)
        after = halved(before)
        a, b = (X @ tensors.read(each, each.weights[0].constant) for each in (before, after))
        found = drift(before, after, samples(before, x=X))
        assert found.top1_agreement == (a.argmax(axis=1) == b.argmax(axis=1)).mean()
        apart = np.linalg.norm(a - b, axis=1) / np.linalg.norm(a, axis=1)
        assert found.relative_l2 == pytest.approx(apart.mean(), rel=1e-5)
        told = accuracy(before, samples(before, x=X, y=a.argmax(axis=1)))
        assert told is not None and told.top1 == 1


def test_samples_that_fill_a_batch_up_are_not_calibrated_on(tmp_path: Path) -> None:
    """Where their axis is the first, another one, or flattened with time."""
    shapes = {"flat": [-1, 5], "turned": [5, 4, 8]}
    nodes = [
        node("Reshape", "z flat", "f"), node("MatMul", "f v", "y"),
        node("Transpose", "z", "t", perm=[1, 0, 2]), node("MatMul", "t u", "o"),
    ]  # fmt: skip
    del shapes["turned"]
    v, u = weights(5, 3, sparsity=0, seed=8), weights(5, 2, sparsity=0, seed=9)
    proto = network(*nodes, x=[8, 4, 8], outputs={"y": None, "o": None}, v=v, u=u, **shapes)
    model = opened(proto, tmp_path)
    x = random(11, 4, 8, seed=6)
    found = calibrate(model, model.weights, samples(model, x=x), gram=True)
    names = {weight.constant.name: found[weight.id] for weight in model.weights}
    z = (x @ W).reshape(-1, 5).astype(np.float64)
    for name, rows in (("w", x.reshape(-1, 8).astype(np.float64)), ("v", z), ("u", z)):
        told = names[name]
        assert isinstance(told, Statistics) and told.gram is not None
        assert told.rows == 44
        np.testing.assert_allclose(told.gram[0], rows.T @ rows, rtol=1e-4, atol=1e-4)


def test_what_mixes_samples_is_calibrated_one_by_one(tmp_path: Path) -> None:
    nodes = [
        node("Reshape", "z flat", "r"), node("Softmax", "r", "s", axis=1),
        node("Reshape", "s back", "t"), node("MatMul", "t v"),
    ]  # fmt: skip
    v = weights(5, 3, sparsity=0, seed=8)
    model = opened(network(*nodes, flat=[1, -1], back=[-1, 5], v=v), tmp_path)
    (last,) = [weight for weight in model.weights if weight.constant.name == "v"]
    told = calibrate(model, [last], samples(model, x=X), gram=True)[last.id]
    assert isinstance(told, Statistics) and told.gram is not None
    e = np.exp((X @ W).astype(np.float64))
    rows = e / e.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(told.gram[0], rows.T @ rows, rtol=1e-4, atol=1e-6)


def test_outputs_whose_size_depends_on_the_data_are_compared(tmp_path: Path) -> None:
    """What only one model gives counts as 0 in the other."""
    nodes = [
        node("Greater", "z zero", "g"), node("Reshape", "g all", "gs"),
        node("Reshape", "z all", "zs"), node("Compress", "zs gs", axis=0),
    ]  # fmt: skip
    constants = {"zero": np.float32(0), "all": [-1]}
    before = opened(network(*nodes, outputs={"y": None, "z": ["n", 5]}, **constants), tmp_path)
    after = halved(before)
    found = drift(before, after, samples(before, x=X))
    a, b = (X @ tensors.read(each, each.weights[0].constant) for each in (before, after))
    apart = []
    for one, other in zip(a, b, strict=True):
        p, q = np.zeros(5), np.zeros(5)
        p[: (one > 0).sum()], q[: (other > 0).sum()] = one[one > 0], other[other > 0]
        size = np.linalg.norm(p)
        apart.append(np.linalg.norm(p - q) / size if size else float(q.any()))
    told = {each.output: each for each in found.outputs}
    assert told["y"].relative_l2 == pytest.approx(np.mean(apart), rel=1e-5)
    assert told["y"].top1_agreement is None
    assert told["z"].top1_agreement == (a.argmax(axis=1) == b.argmax(axis=1)).mean()


def test_models_that_give_other_shapes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "wide").mkdir()
    before = opened(network(node("Identity", "z"), outputs={"y": ["n", 5]}), tmp_path)
    wide = network(node("Concat", "z z", axis=1), outputs={"y": ["n", 10]})
    with pytest.raises(SparseviewError, match="Output 'y' is"):
        drift(before, opened(wide, tmp_path / "wide"), samples(before, x=X))


def test_a_reference_of_zeros_is_one_sample_among_others(tmp_path: Path) -> None:
    before = opened(network(node("Identity", "z")), tmp_path)
    x = X.copy()
    x[4] = 0
    bias = np.ones(5, np.float32)
    (tmp_path / "other").mkdir()
    other = opened(network(node("Add", "z b"), b=bias), tmp_path / "other")
    found = drift(before, other, samples(before, x=x))
    a = (x @ W).astype(np.float64)
    size = np.linalg.norm(a, axis=1)
    apart = np.where(size > 0, np.sqrt(5) / np.where(size > 0, size, 1), 1)
    assert found.relative_l2 == pytest.approx(apart.mean(), rel=1e-5)


def test_accuracy_goes_by_the_output_that_scores(tmp_path: Path) -> None:
    """Features come first, and have more columns than there are classes."""
    nodes = [node("Relu", "z", "features"), node("MatMul", "features v", "scores")]
    v = weights(5, 3, sparsity=0, seed=8)
    outputs = {"features": ["n", 5], "scores": ["n", 3]}
    model = opened(network(*nodes, outputs=outputs, v=v), tmp_path)
    labels = (np.maximum(X @ W, 0) @ v).argmax(axis=1)
    found = accuracy(model, samples(model, x=X, y=labels))
    assert found is not None and (found.output, found.top1) == ("scores", 1)


@pytest.mark.parametrize(
    ("last", "axis"),
    [
        (node("Softmax", "z", axis=1), 1),
        (node("Softmax", "z", axis=-1), 2),
        (node("LogSoftmax", "z", axis=1), 1),
    ],
    ids=["softmax 1", "softmax -1", "log 1"],
)
def test_a_distribution_is_along_the_axis_that_it_was_made_along(
    last: Any, axis: int, tmp_path: Path
) -> None:
    before = opened(network(last, x=["n", 4, 8]), tmp_path)
    after = halved(before)
    x = random(12, 4, 8, seed=2)
    a, b = (x @ tensors.read(each, each.weights[0].constant) for each in (before, after))
    a, b = (each.astype(np.float64) for each in (a, b))
    found = drift(before, after, samples(before, x=x))
    assert found.top1_agreement == (a.argmax(axis) == b.argmax(axis)).mean()
    p, q = (np.exp(each) / np.exp(each).sum(axis, keepdims=True) for each in (a, b))
    assert found.kl == pytest.approx((p * np.log(p / q)).sum(axis).mean(), rel=1e-4)


def test_a_conv_over_time_scores_classes_by_channel(tmp_path: Path) -> None:
    kernel = weights(3, 8, 1, sparsity=0, seed=4)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "k"], ["y"], "c")],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8, "t"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [nh.from_array(kernel, "k")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    before = opened(proto, tmp_path)
    after = halved(before)
    x = random(12, 8, 7, seed=2)
    a, b = (
        np.einsum("oik,nit->not", tensors.read(each, each.weights[0].constant), x)
        for each in (before, after)
    )
    found = drift(before, after, samples(before, x=x))
    assert found.top1_agreement == (a.argmax(1) == b.argmax(1)).mean()


def test_a_model_that_gives_no_tensor_is_told_of(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [MATMUL, helper.make_node("SequenceConstruct", ["z"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8])],
        [helper.make_tensor_sequence_value_info("y", TensorProto.FLOAT, None)],
        [nh.from_array(W, "w")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = opened(proto, tmp_path)
    with pytest.raises(SparseviewError, match="gives no numbers"):
        drift(model, halved(model), samples(model, x=X))
    assert accuracy(model, samples(model, x=X, y=np.arange(21))) is None


def test_classes_along_the_first_axis_where_samples_are_the_second(tmp_path: Path) -> None:
    last = [node("Transpose", "z", "t", perm=[1, 0]), node("Softmax", "t", axis=0)]
    before = opened(network(*last), tmp_path)
    after = halved(before)
    a, b = (
        (X @ tensors.read(each, each.weights[0].constant)).astype(np.float64)
        for each in (before, after)
    )
    found = drift(before, after, samples(before, x=X))
    assert found.top1_agreement == (a.argmax(1) == b.argmax(1)).mean()
    p, q = (np.exp(each) / np.exp(each).sum(1, keepdims=True) for each in (a, b))
    assert found.kl == pytest.approx((p * np.log(p / q)).sum(1).mean(), rel=1e-4)


def test_from_opset_13_on_a_softmax_is_along_the_last_axis(tmp_path: Path) -> None:
    proto = network(node("Softmax", "z"), x=["n", 4, 8])
    proto.opset_import[0].version = 13
    before = opened(proto, tmp_path)
    after = halved(before)
    x = random(12, 4, 8, seed=2)
    a, b = (x @ tensors.read(each, each.weights[0].constant) for each in (before, after))
    found = drift(before, after, samples(before, x=x))
    assert found.top1_agreement == (a.argmax(2) == b.argmax(2)).mean()


def test_a_sum_of_two_branches_tells_no_classes(tmp_path: Path) -> None:
    """As where an embedding leaves a residual block."""
    nodes = [node("MatMul", "x v", "u"), node("Add", "z u")]
    v = weights(8, 5, sparsity=0, seed=8)
    before = opened(network(*nodes, v=v), tmp_path)
    found = drift(before, halved(before), samples(before, x=X))
    assert found.relative_l2 and (found.top1_agreement, found.kl) == (None, None)


def test_one_sample_that_fills_a_batch_up_is_found_along_its_own_axis() -> None:
    """Both axes have as many places as the batch has samples."""
    values = random(8, 8, 3, seed=9)
    values[:, 7] = values[:, 6]
    np.testing.assert_array_equal(distinct_part(values, 8, 7), values[:, :7])
    turned = np.moveaxis(values, 1, 0)
    np.testing.assert_array_equal(distinct_part(turned, 8, 7), turned[:7])
