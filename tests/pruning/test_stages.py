"""Stages of a sequential prune: what lies behind a layer comes after it, whatever is in between."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from layers import model_of, saved
from onnx import TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.model.document import Model
from sparseview.pruning.stages import stages
from sparseview.pruning.tensor import select

F = TensorProto.FLOAT
KINDS = ["matmul", "call", "if", "call inside", "relu"]


def function(name: str, nodes, domains=()):
    imports = [helper.make_opsetid("", 17), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_function("my", name, ["i"], ["o"], nodes, imports)


def network(kinds: list[tuple[str, int, int]]):
    """Nodes that read two earlier tensors each; calls share the functions' weights."""
    w = nh.from_array(np.eye(4, dtype=np.float32), "w")
    inner = function(
        "Inner",
        [
            helper.make_node("Constant", [], ["w"], value=w),
            helper.make_node("MatMul", ["i", "w"], ["o"], "inner"),
        ],
    )
    outer = function("Outer", [helper.make_node("Inner", ["i"], ["o"], domain="my")], ["my"])
    nodes, tensors = [], [nh.from_array(np.array(True), "yes")]
    for at, (kind, one, other) in enumerate(kinds):
        a, b = (f"t{which % at}" if at else "x" for which in (one, other))
        nodes.append(helper.make_node("Add", [a, b], [f"s{at}"]))
        if kind == "relu":
            nodes.append(helper.make_node("Relu", [f"s{at}"], [f"t{at}"]))
        elif kind == "call":
            nodes.append(helper.make_node("Inner", [f"s{at}"], [f"t{at}"], domain="my"))
        elif kind == "call inside":
            nodes.append(helper.make_node("Outer", [f"s{at}"], [f"t{at}"], domain="my"))
        else:
            tensors.append(nh.from_array(np.eye(4, dtype=np.float32) + at, f"w{at}"))
            product = helper.make_node("MatMul", [f"s{at}", f"w{at}"], [f"t{at}"], f"m{at}")
            if kind == "if":
                product.output[0] = f"p{at}"
                branches = {
                    f"{side}_branch": helper.make_graph(
                        [product] if side == "then" else [
                            helper.make_node("Neg", [b], [f"p{at}"])
                        ],
                        side,
                        [],
                        [helper.make_tensor_value_info(f"p{at}", F, None)],
                    )
                    for side in ("then", "else")
                }  # fmt: skip
                product = helper.make_node("If", ["yes"], [f"t{at}"], **branches)
            nodes.append(product)
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", F, [4, 4])],
        [helper.make_tensor_value_info(f"t{len(kinds) - 1}", F, None)],
        tensors,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("my", 1)]
    return helper.make_model(graph, functions=[inner, outer], opset_imports=opsets, ir_version=8)


def behind(kinds: list[tuple[str, int, int]], at: int) -> set[int]:
    """The places of all nodes that the one at `at` depends on."""
    waiting, found = [at], set()
    while waiting:
        now = waiting.pop()
        if now:
            before = {which % now for which in kinds[now][1:]} - found
            found |= before
            waiting += before
    return found


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=12,
    )
)
def test_each_layer_comes_after_all_that_its_input_depends_on(tmp_path_factory, kinds) -> None:
    model = Model.open(saved(network(kinds), tmp_path_factory.mktemp("m")))
    targets = select(model, model.weights)
    turn = {t.key: n for n, group in enumerate(stages(model, targets)) for t in group}
    assert sorted(turn) == sorted(t.key for t in targets)
    calls = [at for at, (kind, _, _) in enumerate(kinds) if "call" in kind]
    inner = turn["my::Inner#0:value"]
    own = {
        at: turn[f"main/w{at}"] for at, (kind, _, _) in enumerate(kinds) if kind in ("matmul", "if")
    }
    for at, mine in own.items():
        before = behind(kinds, at)
        assert all(own[b] < mine for b in before if b in own)
        assert inner < mine or before.isdisjoint(calls)
    if calls:  # before its first call nothing is left to do
        assert any(all(own[b] < inner for b in behind(kinds, c) if b in own) for c in calls)


def test_layers_side_by_side_go_together_whatever_else_lies_before_them(tmp_path) -> None:
    """Each stage runs the data again: there are no more than layers behind each other."""
    nodes = [
        helper.make_node("MatMul", ["x", "a"], ["one"], "first"),
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Neg", ["r"], ["n"]),
        helper.make_node("MatMul", ["n", "b"], ["two"], "second"),
        helper.make_node("Add", ["one", "two"], ["s"]),
        helper.make_node("MatMul", ["s", "c"], ["y"], "third"),
    ]
    constants = {name: np.eye(4, dtype=np.float32) * 2 for name in "abc"}
    model = Model.open(saved(model_of(nodes, constants, {"x": ["n", 4]}), tmp_path))
    found = stages(model, select(model, model.weights))
    names = [[model.nodes[t.lead.node].layer for t in group] for group in found]
    assert names == [["first", "second"], ["third"]]
