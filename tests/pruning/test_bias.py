"""Which constant takes up what a layer loses in the mean: in functions, beside bodies, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from layers import model_of, saved
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh

import sparseview as sv
from sparseview.model.document import Model
from sparseview.pruning.bias import Bias, find

RANDOM = np.random.default_rng(3)
W, B = (RANDOM.standard_normal(shape).astype(np.float32) for shape in ((8, 8), (8,)))
F = TensorProto.FLOAT


def made(nodes, outputs=("y",), functions=()) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", F, ["n", 8])],
        [helper.make_tensor_value_info(name, F, None) for name in outputs],
        [nh.from_array(W, "w"), nh.from_array(B, "b"), nh.from_array(np.array(True), "yes")],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]
    return helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=8)


def body(name: str, *nodes, out: str):
    return helper.make_graph(nodes, name, [], [helper.make_tensor_value_info(out, F, None)])


def choice(name: str, op: str, *read: str):
    """An If whose one branch reads these tensors, in an If of its own."""
    deep = helper.make_node(
        "If",
        ["yes"],
        [f"{name}_d"],
        then_branch=body("t", helper.make_node(op, list(read), [f"{name}_t"]), out=f"{name}_t"),
        else_branch=body("e", helper.make_node("Neg", ["x"], [f"{name}_e"]), out=f"{name}_e"),
    )
    other = helper.make_node("Neg", ["x"], [f"{name}_o"])
    return helper.make_node(
        "If",
        ["yes"],
        [name],
        then_branch=body("outer", deep, out=f"{name}_d"),
        else_branch=body("other", other, out=f"{name}_o"),
    )


MATMUL = helper.make_node("MatMul", ["x", "w"], ["m"], "layer")
ADD = helper.make_node("Add", ["m", "b"], ["a"])
RELU = helper.make_node("Relu", ["a"], ["y"])


@pytest.mark.parametrize(
    ("proto", "answer"),
    [
        (made([MATMUL, ADD, RELU]), "main/b"),
        (made([MATMUL, ADD, RELU, choice("z", "Neg", "m")], ("y", "z")), "no constant bias"),
        (made([MATMUL, ADD, RELU, choice("z", "Neg", "b")], ("y", "z")), "used elsewhere"),
        (made([MATMUL, ADD, RELU], ("y", "b")), "used elsewhere"),
        (made([MATMUL, ADD, RELU], ("y", "m")), "no constant bias"),
        (made([MATMUL, helper.make_node("Add", ["m", "m"], ["y"])]), "no constant bias"),
        (made([MATMUL, choice("y", "Add", "m", "b")]), "no constant bias"),
    ],
    ids=["plain", "body", "bias-in-body", "bias-out", "product-out", "twice", "add-in-body"],
)
def test_a_bias_is_one_that_nothing_else_sees(
    proto: ModelProto, answer: str, tmp_path: Path
) -> None:
    model = Model.open(saved(proto, tmp_path))
    (weight,) = [w for w in model.weights if w.constant.name == "w"]
    found = find(model, weight)
    assert answer in (found.constant.key if isinstance(found, Bias) else found)


def test_in_a_function_the_bias_keeps_the_mean_of_all_calls(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Constant", [], ["w"], value=nh.from_array(W, "w")),
        helper.make_node("Constant", [], ["b"], value=nh.from_array(B, "b")),
        helper.make_node("MatMul", ["i", "w"], ["m"], "inside"),
        helper.make_node("Add", ["m", "b"], ["o"]),
    ]
    function = helper.make_function("my", "F", ["i"], ["o"], nodes, [helper.make_opsetid("", 17)])
    calls = [
        helper.make_node("F", ["x"], ["h"], "first", domain="my"),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("F", ["r"], ["y"], "second", domain="my"),
    ]
    session = sv.open(saved(made(calls, ("h", "y"), [function]), tmp_path))
    x = RANDOM.standard_normal((60, 8)).astype(np.float32) + 1
    np.savez(tmp_path / "x.npz", x=x)
    session.use_data(tmp_path / "x.npz")
    edit = session.prune(method="wanda", sparsity=0.5, bias="correct", order="one-pass")
    assert sorted(edit.after) == ["my::F#0:value", "my::F#1:value"]
    session.save(tmp_path / "out.onnx")
    (w, b) = (
        nh.to_array(node.attribute[0].t)
        for node in onnx.load(tmp_path / "out.onnx").functions[0].node[:2]
    )
    assert (w == 0).sum() == 32 and not np.array_equal(b, B)
    mine = session.data.calibration.batch(range(session.data.calibration.count))["x"]
    later = np.maximum(mine @ W + B, 0)  # what the second call is given
    rows = np.concatenate([mine, later]).astype(np.float64)
    assert np.allclose((rows @ W + B).mean(axis=0), (rows @ w + b).mean(axis=0), atol=1e-5)
    session.close()


@pytest.mark.parametrize(("rows", "corrected"), [(31, False), (32, True)])
def test_the_mean_of_a_few_rows_corrects_nothing(tmp_path: Path, rows: int, corrected: bool):
    session = sv.open(saved(made([MATMUL, ADD, RELU]), tmp_path))
    np.savez(tmp_path / "data.npz", x=RANDOM.standard_normal((40, 8)).astype(np.float32) + 2)
    session.use_data(tmp_path / "data.npz", calibration=rows)
    session.prune(sparsity=0.5, method="wanda", bias="correct")
    (b,) = (c for c in session.model.constants(0).values() if c.name == "b")
    assert (b.key in session.model.overlay) == corrected


@pytest.mark.parametrize(
    ("outputs", "training", "corrected"),
    [("y", None, True), ("y", 0, True), ("y", 1, False), ("y m v", None, False)],
)
def test_the_mean_of_a_normalization_is_subtracted_unless_it_is_trained(
    outputs: str, training: int | None, corrected: bool, tmp_path: Path
) -> None:
    """One that gives its running mean is in training: it takes the mean of the batch."""
    attributes = {} if training is None else {"training_mode": training}
    inputs = ["c", "scale", "shift", "mean", "var"]
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["c"], "conv"),
        helper.make_node("BatchNormalization", inputs, outputs.split(), **attributes),
    ]
    four = {name: np.ones(4, np.float32) for name in inputs[1:]}
    proto = model_of(nodes, {"k": np.ones((4, 2, 3, 3), np.float32), **four},
                     {"x": ["n", 2, 8, 8]}, ["y"])  # fmt: skip
    model = Model.open(saved(proto, tmp_path))
    found = find(model, next(w for w in model.weights if w.constant.name == "k"))
    assert isinstance(found, Bias) == corrected
    if isinstance(found, Bias):
        assert (found.constant.name, found.factor) == ("mean", -1)


@pytest.mark.parametrize(
    ("shape", "corrected"), [((4, 1, 1), True), ((1, 4, 1, 1), True), ((4,), False)]
)
def test_a_bias_behind_a_conv_lies_along_its_channels(
    shape: tuple[int, ...], corrected: bool, tmp_path: Path
) -> None:
    """Four channels, and four columns."""
    nodes = [
        helper.make_node("Conv", ["x", "k"], ["c"], "conv"),
        helper.make_node("Add", ["c", "bias"], ["y"]),
    ]
    constants = {
        "k": np.ones((4, 2, 3, 3), np.float32),
        "bias": np.ones(4, np.float32).reshape(shape),
    }
    model = Model.open(saved(model_of(nodes, constants, {"x": ["n", 2, 6, 6]}), tmp_path))
    found = find(model, next(w for w in model.weights if w.constant.name == "k"))
    assert isinstance(found, Bias) == corrected
