"""Weights that calls of functions give as tensor attributes, and those a function defaults to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, TensorProto, helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator

import sparseview as sv

RANDOM = np.random.default_rng(3)
A, B = (RANDOM.standard_normal((8, 8)).astype(np.float32) for _ in range(2))
LARGE = RANDOM.standard_normal((8, 64)).astype(np.float32)
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]


def referring(name: str, attribute: str, to: str) -> onnx.NodeProto:
    made = helper.make_node("Constant", [], [name])
    made.attribute.add(name=attribute, ref_attr_name=to, type=AttributeProto.TENSOR)
    return made


def dense(default: np.ndarray | None = None) -> onnx.FunctionProto:
    """x -> x @ w, where `w` is an attribute."""
    body = [referring("t", "value", "w"), helper.make_node("MatMul", ["x", "t"], ["y"])]
    given = {"attributes": ["w"]}
    if default is not None:
        given = {"attribute_protos": [helper.make_attribute("w", nh.from_array(default, "d"))]}
    return helper.make_function("my", "Dense", ["x"], ["y"], body, OPSETS, **given)


def call(x: str, y: str, name: str, w: np.ndarray | None, op: str = "Dense") -> onnx.NodeProto:
    given = {} if w is None else {"w": nh.from_array(w, f"{name}_w")}
    return helper.make_node(op, [x], [y], name, domain="my", **given)


def saved(nodes: list[onnx.NodeProto], functions: list[onnx.FunctionProto], path: Path) -> Path:
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8])],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)],
    )
    onnx.save(helper.make_model(graph, opset_imports=OPSETS, functions=functions), path)
    return path


def test_each_call_has_its_own(tmp_path: Path) -> None:
    calls = [call("x", "h", "one", A), call("h", "y", "two", LARGE)]
    path = saved(calls, [dense()], tmp_path / "m.onnx")
    session = sv.open(path)
    rows = session.measure() or session.weights
    told = [(row.layer, row.input, row.tensor, row.shape) for row in rows]
    assert told == [("one", 1, "one_w", (8, 8)), ("two", 1, "two_w", (8, 64))]
    assert (rows[1].axes.in_, rows[1].axes.out) == ((0,), (1,))
    session.prune("two", format="2:4")
    out = tmp_path / "out.onnx"
    session.save(out)
    before, after = onnx.load(path), onnx.load(out)
    one, two = (nh.to_array(node.attribute[0].t) for node in after.graph.node)
    assert np.array_equal(one, A)
    kept = np.sort(np.abs(LARGE.reshape(2, 4, 64)), axis=1)[:, 2]
    wanted = np.where(np.abs(LARGE.reshape(2, 4, 64)) >= kept[:, None], LARGE.reshape(2, 4, 64), 0)
    assert np.array_equal(two, wanted.reshape(8, 64))
    assert after.functions == before.functions
    assert [row.agrees for row in sv.open(out).weights] == [None, None]
    x = RANDOM.standard_normal((3, 8)).astype(np.float32)
    (found,) = ReferenceEvaluator(after).run(None, {"x": x})
    assert np.allclose(found, x @ A @ two, atol=1e-5)


def test_through_a_function_that_hands_it_on(tmp_path: Path) -> None:
    inner = helper.make_node("Dense", ["x"], ["y"], domain="my")
    inner.attribute.add(name="w", ref_attr_name="w", type=AttributeProto.TENSOR)
    outer = helper.make_function("my", "Outer", ["x"], ["y"], [inner], OPSETS, ["w"])
    calls = [call("x", "h", "one", A, "Outer"), call("h", "y", "two", B, "Outer")]
    session = sv.open(saved(calls, [dense(), outer], tmp_path / "m.onnx"))
    assert [(row.layer, row.tensor) for row in session.weights] == [
        ("one", "one_w"),
        ("two", "two_w"),
    ]


@pytest.mark.parametrize("calls", [1, 3])
def test_a_default_is_one_weight_that_stays(calls: int, tmp_path: Path) -> None:
    zeros = np.where(RANDOM.random((8, 8)) < 0.5, 0, A).astype(np.float32)
    nodes = [call(f"h{k}" if k else "x", f"h{k + 1}", f"c{k}", None) for k in range(calls)]
    nodes.append(call(f"h{calls}", "y", "own", B))
    session = sv.open(saved(nodes, [dense(zeros)], tmp_path / "m.onnx"))
    report = session.report()
    assert (report.summary.weights, len(report.weights)) == (2, calls + 1)
    assert report.weights[0].zeros == int((zeros == 0).sum())
    preview = session.preview(sparsity=0.9)
    assert {left.layer for left in preview.skipped} == {f"c{k}" for k in range(calls)}


def test_a_sparse_one(tmp_path: Path) -> None:
    values, places = nh.from_array(np.float32([1, 2]), "s"), nh.from_array(np.array([0, 9]))
    tensor = helper.make_sparse_tensor(values, places, [8, 8])
    node = helper.make_node("Dense", ["x"], ["y"], "one", domain="my", w=tensor)
    body = [referring("t", "sparse_value", "w"), helper.make_node("MatMul", ["x", "t"], ["y"])]
    made = helper.make_function("my", "Dense", ["x"], ["y"], body, OPSETS, ["w"])
    session = sv.open(saved([node], [made], tmp_path / "m.onnx"))
    session.measure()
    assert [(row.zeros, row.stored_as) for row in session.weights] == [(62, "coo")]
