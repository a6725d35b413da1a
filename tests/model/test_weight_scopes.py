"""Weights in subgraphs and functions: which constant a name means, and whose weight it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, ModelProto, TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.model.declarations import weight_key
from sparseview.model.document import Model
from tests import builders
from tests.weight_models import model, opened

OPSET = [helper.make_opsetid("", 21)]


def tensor(name: str, *shape: int) -> TensorProto:
    return nh.from_array(np.ones(shape, np.float32), name)


def rows(file: Model) -> list[tuple[str, str, int, str, tuple[int, ...]]]:
    """(layer, operator, input, constant's key, dims of `in`) of every weight."""
    return [
        (
            file.nodes[w.node].path,
            file.nodes[w.node].proto.op_type,
            w.input,
            w.constant.key,
            w.view.axes.in_,
        )
        for w in file.weights
    ]


def branch(name: str, nodes: list[onnx.NodeProto], *tensors: TensorProto) -> onnx.GraphProto:
    output = onnx.ValueInfoProto(name=nodes[-1].output[0])
    return helper.make_graph(nodes, name, [], [output], tensors)


def test_outer_constants_are_seen_and_inner_ones_shadow_them(tmp_path: Path) -> None:
    inner = branch("inner", [helper.make_node("MatMul", ["x", "w"], ["deep"])])
    then = branch(
        "then",
        [
            helper.make_node("MatMul", ["x", "w"], ["a"]),
            helper.make_node("If", ["c"], ["b"], then_branch=inner, else_branch=inner),
        ],
        tensor("w", 4, 4),
    )
    other = branch(
        "else",
        [
            helper.make_node("Transpose", ["outer"], ["t"]),
            helper.make_node("Gemm", ["x", "t"], ["d"]),
        ],
    )
    nodes = [
        helper.make_node("Identity", ["w"], ["outer"]),
        helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=other),
    ]
    file = opened(model(nodes, [tensor("w", 4, 4), tensor("c")], (4, 4)), tmp_path)
    local = "main#1.then_branch/w"
    assert sorted(rows(file), reverse=True) == [
        ("main#1.then_branch#1.then_branch#0", "MatMul", 1, local, (0,)),
        ("main#1.then_branch#1.else_branch#0", "MatMul", 1, local, (0,)),
        ("main#1.then_branch#0", "MatMul", 1, local, (0,)),
        ("main#1.else_branch#1", "Gemm", 1, "main/w", (1,)),
    ]


def test_a_subgraphs_input_hides_an_outer_constant(tmp_path: Path) -> None:
    body = helper.make_graph(
        [helper.make_node("MatMul", ["w", "v"], ["z"])],
        "body",
        [onnx.ValueInfoProto(name=name) for name in ("i", "go", "w")],
        [onnx.ValueInfoProto(name=name) for name in ("go", "z")],
        [tensor("v", 4, 4)],
    )
    node = helper.make_node("Loop", ["n", "c", "x"], ["y"], body=body)
    file = opened(model([node], [tensor("w", 4, 4), tensor("v", 2, 2)], (4, 4)), tmp_path)
    assert rows(file) == [("main#0.body#0", "MatMul", 1, "main#0.body/v", (0,))]


def test_a_computed_tensor_hides_an_outer_constant(tmp_path: Path) -> None:
    then = branch(
        "then",
        [
            helper.make_node("Add", ["x", "x"], ["w"]),
            helper.make_node("MatMul", ["x", "w"], ["a"]),
        ],
    )
    other = branch("else", [helper.make_node("MatMul", ["x", "w"], ["b"])])
    node = helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=other)
    file = opened(model([node], [tensor("w", 4, 4), tensor("c")], (4, 4)), tmp_path)
    assert rows(file) == [("main#0.else_branch#0", "MatMul", 1, "main/w", (0,))]


def function(name: str, inputs: list[str], nodes: list[Any], **more: Any) -> onnx.FunctionProto:
    imports = [*OPSET, helper.make_opsetid("my", 1)]
    return helper.make_function("my", name, inputs, ["r"], nodes, imports, **more)


def calling(nodes: list[Any], functions: list[Any], *tensors: TensorProto) -> ModelProto:
    return model(nodes, tensors, (4, 4), functions=functions, domains=["my"])


def test_constants_in_a_body_belong_to_it_and_arguments_to_the_calls(tmp_path: Path) -> None:
    file = opened(builders.function(), tmp_path)
    assert rows(file) == [
        ("main#0", "F", 1, "main/w1", (0,)),
        ("main#1", "F", 1, "main/w2", (0,)),
        ("my.domain::F#1", "MatMul", 1, "my.domain::F#0:value", (0,)),
    ]


def test_arguments_through_nested_calls_and_chains_on_the_way(tmp_path: Path) -> None:
    inner = function(
        "Inner",
        ["a", "m"],
        [
            helper.make_node("Transpose", ["m"], ["t"]),
            helper.make_node("MatMul", ["a", "t"], ["r"]),
        ],
    )
    middle = function(
        "Middle",
        ["m", "a"],
        [
            helper.make_node("Reshape", ["m", "to"], ["s"]),
            helper.make_node("Inner", ["a", "s"], ["r"], domain="my"),
        ],
    )
    middle.node.insert(0, helper.make_node("Constant", [], ["to"], value_ints=[6, -1]))
    nodes = [
        helper.make_node("Squeeze", ["w"], ["flat"]),
        helper.make_node("Middle", ["flat", "x"], ["y"], domain="my"),
    ]
    file = opened(calling(nodes, [middle, inner], tensor("w", 1, 24)), tmp_path)
    assert rows(file) == [("main#1", "Middle", 0, "main/w", (0,))]
    (weight,) = file.weights
    assert weight.view.shape == (4, 6)  # [24] has no dim for each role: as the MatMul reads it
    assert weight.view.logical(np.arange(24).reshape(1, 24))[0, 1, 0].tolist() == [4, 5, 6, 7]


def test_a_constant_that_a_function_hands_back(tmp_path: Path) -> None:
    """As exporters write `aten_t`: the function only transposes, the call's result is used."""
    turn = function("T", ["a"], [helper.make_node("Transpose", ["a"], ["r"], perm=[1, 0])])
    own = function("Own", [], [helper.make_node("Constant", [], ["r"], value=tensor("v", 4, 3))])
    nodes = [
        helper.make_node("T", ["w"], ["t"], domain="my"),
        helper.make_node("MatMul", ["x", "t"], ["h"]),
        helper.make_node("Own", [], ["o"], domain="my"),
        helper.make_node("MatMul", ["h", "o"], ["y"]),
    ]
    file = opened(calling(nodes, [turn, own], tensor("w", 4, 4)), tmp_path)
    assert rows(file) == [
        ("main#1", "MatMul", 1, "main/w", (1,)),
        ("main#3", "MatMul", 1, "my::Own#0:value", (0,)),
    ]


def test_attributes_that_the_call_gives(tmp_path: Path) -> None:
    refer = AttributeProto(name="transB", type=AttributeProto.INT, ref_attr_name="turned")
    gemm = helper.make_node("Gemm", ["a", "m"], ["r"])
    gemm.attribute.append(refer)
    plain = function("G", ["a", "m"], [gemm], attributes=["turned"])
    usual = function("H", ["a", "m"], [gemm], attribute_protos=[helper.make_attribute("turned", 1)])
    nodes = [
        helper.make_node("G", ["x", "w"], ["a"], domain="my", turned=1),
        helper.make_node("G", ["a", "w"], ["b"], domain="my", turned=0),
        helper.make_node("H", ["b", "w"], ["c"], domain="my"),
        helper.make_node("H", ["c", "w"], ["y"], domain="my", turned=0),
    ]
    file = opened(calling(nodes, [plain, usual], tensor("w", 4, 4)), tmp_path)
    assert [row[4] for row in rows(file)] == [(1,), (0,), (1,), (0,)]


def test_an_argument_is_a_row_for_each_way_in_which_it_is_read(tmp_path: Path) -> None:
    body = function(
        "Twice",
        ["a", "m"],
        [
            helper.make_node("MatMul", ["a", "m"], ["h"]),
            helper.make_node("Gather", ["m", "h"], ["g"], axis=5),
            helper.make_node("MatMul", ["m", "h"], ["k"]),
            helper.make_node("MatMul", ["h", "m"], ["r"]),
        ],
    )
    node = helper.make_node("Twice", ["x", "w"], ["y"], domain="my")
    file = opened(calling([node], [body], tensor("w", 4, 4)), tmp_path)
    assert rows(file) == [
        ("main#0", "Twice", 1, "main/w", (0,)),
        ("main#0", "Twice", 1, "main/w", (1,)),
    ]
    assert [weight_key(file, weight) for weight in file.weights] == ["main/0/1", "main/0/1.1"]


def test_readers_that_double_at_every_level(tmp_path: Path) -> None:
    """Forty functions, each of which calls the one before twice."""
    bodies = [function("F0", ["a", "m"], [helper.make_node("MatMul", ["a", "m"], ["r"])])]
    for level in range(1, 40):
        calls = [
            helper.make_node(f"F{level - 1}", ["a", "m"], ["h"], domain="my"),
            helper.make_node(f"F{level - 1}", ["h", "m"], ["r"], domain="my"),
        ]
        bodies.append(function(f"F{level}", ["a", "m"], calls))
    node = helper.make_node("F39", ["x", "w"], ["y"], domain="my")
    file = opened(calling([node], bodies, tensor("w", 4, 4)), tmp_path)
    assert rows(file) == [("main#0", "F39", 1, "main/w", (0,))]


def test_a_quantized_argument_whose_zero_point_is_an_argument_too(tmp_path: Path) -> None:
    body = function(
        "Q",
        ["a", "m", "s", "z"],
        [
            helper.make_node("DequantizeLinear", ["m", "s", "z"], ["d"], axis=0),
            helper.make_node("MatMul", ["a", "d"], ["r"]),
        ],
    )
    tensors = [
        nh.from_array(np.ones((4, 2), np.uint8), "w"),
        tensor("s", 4),
        nh.from_array(np.array([5, 6, 7, 8], np.uint8), "z"),
    ]
    node = helper.make_node("Q", ["x", "w", "s", "z"], ["y"], domain="my")
    (weight,) = opened(calling([node], [body], *tensors), tmp_path).weights
    assert weight.zero_point is not None
    assert weight.zero_point.tolist() == [[5], [6], [7], [8]]


@pytest.mark.parametrize("depth", [1, 2])
def test_functions_that_call_themselves_end(depth: int, tmp_path: Path) -> None:
    names = ["A", "B"][:depth]
    functions = [
        function(
            name,
            ["a", "m"],
            [
                helper.make_node(names[(i + 1) % depth], ["a", "m"], ["h"], domain="my"),
                helper.make_node("MatMul", ["h", "m"], ["r"]),
            ],
        )
        for i, name in enumerate(names)
    ]
    node = helper.make_node("A", ["x", "w"], ["y"], domain="my")
    file = opened(calling([node], functions, tensor("w", 4, 4)), tmp_path)
    assert rows(file) == [("main#0", "A", 1, "main/w", (0,))]


def test_calls_that_double_at_every_level_are_seen_once(tmp_path: Path) -> None:
    """30 functions, each calling the next twice: 2^30 paths, but one look at each body."""
    functions = [
        function(
            f"F{i}",
            ["a", "m"],
            [
                helper.make_node(f"F{i + 1}", ["a", "m"], ["h"], domain="my"),
                helper.make_node(f"F{i + 1}", ["h", "m"], ["r"], domain="my"),
            ],
        )
        for i in range(30)
    ]
    last = function("F30", ["a", "m"], [helper.make_node("MatMul", ["a", "m"], ["r"])])
    node = helper.make_node("F0", ["x", "w"], ["y"], domain="my")
    file = opened(calling([node], [*functions, last], tensor("w", 4, 4)), tmp_path)
    assert rows(file) == [("main#0", "F0", 1, "main/w", (0,))]


def test_endless_nesting_of_calls_does_not_fill_the_stack(tmp_path: Path) -> None:
    functions = [
        function(
            f"F{i}", ["a", "m"], [helper.make_node(f"F{i + 1}", ["a", "m"], ["r"], domain="my")]
        )
        for i in range(3000)
    ]
    node = helper.make_node("F0", ["x", "w"], ["h"], domain="my")
    last = function("F3000", ["a", "m"], [helper.make_node("MatMul", ["a", "m"], ["r"])])
    direct = helper.make_node("F2990", ["h", "w"], ["y"], domain="my")
    file = opened(calling([direct, node], [*functions, last], tensor("w", 4, 4)), tmp_path)
    assert ("main#0", "F2990", 1, "main/w", (0,)) in rows(file)


def test_a_subgraph_in_a_function(tmp_path: Path) -> None:
    then = branch("then", [helper.make_node("MatMul", ["a", "m"], ["p"])])
    other = branch("else", [helper.make_node("MatMul", ["a", "k"], ["q"])])
    body = function(
        "C",
        ["a", "m", "c"],
        [
            helper.make_node("Constant", [], ["k"], value=tensor("v", 4, 4)),
            helper.make_node("If", ["c"], ["r"], then_branch=then, else_branch=other),
        ],
    )
    node = helper.make_node("C", ["x", "w", "c"], ["y"], domain="my")
    file = opened(calling([node], [body], tensor("w", 4, 4), tensor("c")), tmp_path)
    assert rows(file) == [
        ("main#0", "C", 1, "main/w", (0,)),
        ("my::C#1.else_branch#0", "MatMul", 1, "my::C#0:value", (0,)),
    ]


def test_sparse_and_constant_node_weights(tmp_path: Path) -> None:
    assert [r[3] for r in rows(opened(builders.constant_node(), tmp_path))] == [
        "main#0:value",
        "main#2:sparse_value",
    ]
    (weight,) = opened(builders.sparse_initializer(), tmp_path).weights
    assert weight.constant.stored_as == "coo" and weight.view.shape == (32, 48)
