"""Layers inside If, Loop, Scan and functions: what comes into them is seen, or it says why not."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from builders import model, value, weights
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from probing import holds, opened, samples
from test_taps import random

from sparseview.errors import SparseviewError
from sparseview.runtime import passes
from sparseview.runtime.calibration import calibrate, foresee
from sparseview.runtime.statistics import Statistics, Unreachable

F = TensorProto.FLOAT


def by_name(proto: ModelProto, folder: Path, **arrays: np.ndarray) -> dict[str, list]:
    """What was found for every weight, by the name of its tensor, in the order of the weights."""
    opened_model = opened(proto, folder)
    found = calibrate(
        opened_model, opened_model.weights, samples(opened_model, **arrays), gram=True
    )
    named: dict[str, list] = {}
    for weight in opened_model.weights:
        named.setdefault(weight.constant.name, []).append(found[weight.id])
    return named


def branches() -> ModelProto:
    """If the first element is positive, x goes through one weight, else through another; both see
    relu(x), which is made in each branch."""

    def branch(name: str) -> onnx.GraphProto:
        nodes = [
            helper.make_node("Relu", ["x"], [f"{name}_r"]),
            helper.make_node("MatMul", [f"{name}_r", f"{name}_w"], [f"{name}_y"], name),
        ]
        tensor = nh.from_array(weights(6, 4, seed=len(name)), f"{name}_w")
        return helper.make_graph(nodes, name, [], [value(f"{name}_y", "N", 4)], [tensor])

    nodes = [
        helper.make_node("Gather", ["x", "zero"], ["first"], axis=1),
        helper.make_node("ReduceSum", ["first"], ["total"], keepdims=0),
        helper.make_node("Greater", ["total", "none"], ["condition"]),
        helper.make_node(
            "If", ["condition"], ["y"], "choose",
            then_branch=branch("then"), else_branch=branch("otherwise"),
        ),
    ]  # fmt: skip
    tensors = [
        nh.from_array(np.int64(0), "zero"),
        nh.from_array(np.float32(0), "none"),
    ]
    return model(nodes, tensors, x=(1, 6), y=(1, 4))


def test_each_branch_sees_the_samples_that_take_it(tmp_path: Path) -> None:
    x = random(20, 6)
    found = by_name(branches(), tmp_path, x=x)
    relu = np.maximum(x, 0)
    holds(found["then_w"][0], [relu[x[:, 0] > 0]])
    holds(found["otherwise_w"][0], [relu[x[:, 0] <= 0]])


def test_a_branch_that_no_sample_takes_is_told(tmp_path: Path) -> None:
    x = np.abs(random(5, 6)) + 1
    found = by_name(branches(), tmp_path, x=x)
    assert found["otherwise_w"] == [Unreachable("no sample reaches it")]
    assert found["then_w"][0].rows == 5


def test_a_nested_if(tmp_path: Path) -> None:
    x = random(3, 32)
    found = by_name(builders.subgraph_if(), tmp_path, x=x)
    holds(found["then_w"][0], [x])
    holds(found["deep_then_w"][0], [x])
    assert found["else_w"] == [Unreachable("no sample reaches it")]


def loop(grows: bool = False) -> ModelProto:
    """Three turns of h = tanh(h w); `grows`: the rows double each time."""
    nodes = [
        helper.make_node("MatMul", ["h", "w"], ["p"], "inside"),
        helper.make_node("Tanh", ["p"], ["t"]),
        helper.make_node("Concat", ["t", "t"], ["n"], axis=0)
        if grows
        else helper.make_node("Identity", ["t"], ["n"]),
        helper.make_node("Identity", ["go"], ["on"]),
    ]
    rows = None if grows else 2
    body = helper.make_graph(
        nodes,
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("h", F, [rows, 5]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("n", F, [rows, 5]),
        ],
        [nh.from_array(weights(5, 5, seed=3), "w")],
    )
    nodes = [
        helper.make_node("MatMul", ["x", "before"], ["start"], "outside"),
        helper.make_node("Loop", ["trips", "yes", "start"], ["y"], "turns", body=body),
    ]
    tensors = [
        nh.from_array(weights(4, 5, seed=2), "before"),
        nh.from_array(np.int64(3), "trips"),
        nh.from_array(np.bool_(True), "yes"),
    ]
    proto = model(nodes, tensors, x=(2, 4), y=(2, 5))
    if grows:
        proto.graph.output[0].type.tensor_type.ClearField("shape")
    return proto


def test_a_loop_shows_every_turn(tmp_path: Path) -> None:
    proto = loop()
    x = random(6, 4)
    found = by_name(proto, tmp_path, x=x)
    before = nh.to_array(proto.graph.initializer[0])
    w = nh.to_array(proto.graph.node[1].attribute[0].g.initializer[0])
    seen = []
    h = x @ before
    for _ in range(3):
        seen.append(h)
        h = np.tanh(h @ w)
    holds(found["w"][0], [np.concatenate(seen)])
    holds(found["before"][0], [x])


def test_a_loop_whose_tensors_grow_lets_nothing_out_and_the_rest_is_seen(tmp_path: Path) -> None:
    x = random(4, 4)
    found = by_name(loop(grows=True), tmp_path, x=x)
    assert isinstance(found["w"][0], Unreachable)
    assert found["w"][0].reason.startswith("the body that it lies in does not show it")
    holds(found["before"][0], [x])


def test_a_scan_shows_every_step(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["s", "w"], ["p"], "inside"),
        helper.make_node("Add", ["h", "p"], ["n"]),
        helper.make_node("Identity", ["n"], ["out"]),
    ]
    body = helper.make_graph(
        nodes,
        "body",
        [helper.make_tensor_value_info("h", F, [3]), helper.make_tensor_value_info("s", F, [4])],
        [helper.make_tensor_value_info("n", F, [3]), helper.make_tensor_value_info("out", F, [3])],
        [nh.from_array(weights(4, 3, seed=5), "w")],
    )
    # The steps themselves are named only once a node has handed them on.
    nodes = [
        helper.make_node("Identity", ["x"], ["rows"]),
        helper.make_node(
            "Scan", ["zero", "rows"], ["last", "y"], "scan", body=body, num_scan_inputs=1
        ),
    ]
    proto = model(nodes, [nh.from_array(np.zeros(3, np.float32), "zero")], x=(6, 4), y=(6, 3))
    x = random(12, 4)
    holds(by_name(proto, tmp_path, x=x)["w"][0], [x])


def test_weights_of_functions_are_seen_in_every_call(tmp_path: Path) -> None:
    proto = builders.function()
    x = random(7, 32)
    found = by_name(proto, tmp_path, x=x)
    own = nh.to_array(proto.functions[0].node[0].attribute[0].t)
    w1, w2 = (nh.to_array(t) for t in proto.graph.initializer)
    first, second = x @ own, (x @ own) @ w1 @ own
    holds(found["w1"][0], [first])
    holds(found["w2"][0], [second])
    # The function's own weight meets what comes into both calls.
    holds(found["own"][0], [np.concatenate([x, first @ w1])])
    assert len(w2) == 32


def test_a_function_for_another_opset_is_left_alone_and_told(tmp_path: Path) -> None:
    proto = builders.function()
    proto.functions[0].opset_import[0].version = 18
    found = by_name(proto, tmp_path, x=random(3, 32))
    for name in ("own", "w1", "w2"):
        (told,) = found[name]
        assert isinstance(told, Unreachable), name
    assert "another opset" in found["own"][0].reason


def test_an_operator_whose_body_hands_nothing_out_is_told(tmp_path: Path) -> None:
    body = helper.make_graph(
        [helper.make_node("MatMul", ["e", "w"], ["r"], "inside")],
        "body",
        [helper.make_tensor_value_info("e", F, ["n", 4])],
        [helper.make_tensor_value_info("r", F, ["n", 3])],
        [nh.from_array(weights(4, 3), "w")],
    )
    nodes = [
        helper.make_node("SplitToSequence", ["x"], ["parts"], axis=0),
        helper.make_node("SequenceMap", ["parts"], ["mapped"], "map", body=body),
        helper.make_node("ConcatFromSequence", ["mapped"], ["h"], axis=0),
        helper.make_node("MatMul", ["h", "v"], ["y"], "after"),
    ]
    proto = model(nodes, [nh.from_array(weights(3, 2), "v")], x=("N", 4))
    found = by_name(proto, tmp_path, x=random(3, 4))
    assert found["w"] == [
        Unreachable("it lies in the body of a SequenceMap, which hands nothing out")
    ]
    assert isinstance(found["v"][0], Statistics)


@pytest.mark.parametrize("kind", ["Loop", "If"])
def test_statistics_follow_the_overlay_inside(kind: str, tmp_path: Path) -> None:
    from sparseview.model import tensors
    from sparseview.model.overlay import Overlay

    proto = loop() if kind == "Loop" else branches()
    before = opened(proto, tmp_path)
    inside = [w for w in before.weights if before.nodes[w.node].graph != 0]
    pruned = before.with_overlay(
        Overlay({w.constant.key: 0 * tensors.read(before, w.constant) for w in inside})
    )
    data = samples(before, x=random(8, 4 if kind == "Loop" else 6))
    found = calibrate(pruned, inside, data, gram=True)
    if kind == "If":
        assert all(isinstance(each, Statistics) for each in found.values())
        return
    (statistics,) = found.values()
    # Only the first turn sees anything: then h = tanh(0).
    reference = calibrate(before, inside, data, gram=True)[inside[0].id]
    assert isinstance(statistics, Statistics) and isinstance(reference, Statistics)
    assert statistics.rows == reference.rows
    assert (statistics.norm2 < reference.norm2).all()


def scanned() -> ModelProto:
    """A Scan of two steps over x whose body chooses by a constant between a Loop and a weight: what
    it gives has a shape that only folding the choice away tells."""

    def info(name: str, kind: int = F) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, None)

    turns = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Tanh", ["v"], ["u"])],
        "turns",
        [info("turn", TensorProto.INT64), info("go", TensorProto.BOOL), info("v")],
        [info("on", TensorProto.BOOL), info("u")],
    )
    then = helper.make_graph(
        [helper.make_node("Loop", ["twice", "yes", "sum"], ["looped"], body=turns)],
        "then", [], [info("looped")],
    )  # fmt: skip
    other = helper.make_graph(
        [helper.make_node("MatMul", ["sum", "inner"], ["product"], "inside")],
        "other", [], [info("product")],
    )  # fmt: skip
    body = helper.make_graph(
        [
            helper.make_node("Add", ["state", "step"], ["sum"]),
            helper.make_node("Constant", [], ["no"], value=nh.from_array(np.array(False))),
            helper.make_node("If", ["no"], ["chosen"], then_branch=then, else_branch=other),
        ],
        "body",
        [info("state"), info("step")],
        [info("chosen")],
    )
    nodes = [
        helper.make_node("Unsqueeze", ["x", "front"], ["one"]),
        helper.make_node("Concat", ["one", "one"], ["two"], axis=0),
        helper.make_node("Scan", ["x", "two"], ["last"], body=body, num_scan_inputs=1),
        helper.make_node("MatMul", ["last", "outer"], ["y"], "outside"),
    ]
    constants = {
        "front": np.array([0]), "twice": np.int64(2), "yes": np.array(True),
        "inner": weights(6, 6, sparsity=0, seed=1), "outer": weights(6, 4, sparsity=0, seed=2),
    }  # fmt: skip
    tensors = [nh.from_array(array, name) for name, array in constants.items()]
    return model(nodes, tensors, x=("N", 6), y=("N", 4))


def test_what_runs_only_where_constants_are_folded_is_calibrated(tmp_path: Path) -> None:
    x = random(20, 6)
    found = by_name(scanned(), tmp_path, x=x)
    inner = weights(6, 6, sparsity=0, seed=1)
    holds(found["outer"][0], [((2 * x) @ inner + x) @ inner])


def test_what_goes_wrong_outside_of_the_runtime_is_no_reason_of_a_body(tmp_path: Path) -> None:
    """Only what ONNX Runtime refuses to show is told as such; an error of our own stays one."""

    class Failing:
        def add(self, rows: np.ndarray) -> None:
            raise SparseviewError("no room", "", "memory")

    inside = opened(branches(), tmp_path)
    data = samples(inside, x=random(3, 6))
    foreseen = foresee(inside, inside.weights, data, gram=False)
    assert foreseen.sites.sites
    with pytest.raises(SparseviewError, match="no room"):
        list(passes.run(foreseen, data, lambda _: Failing()))
