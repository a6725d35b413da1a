"""The weights inside nodes with bodies: what the page is told of, against sums over the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import shared_models
from builders import model, value, weights
from drawn import decode
from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, helper
from onnx import numpy_helper as nh

import sparseview as sv
from sparseview.app.server.pictures import graph_columns
from sparseview.model.document import Model

Array = np.ndarray[Any, Any]
Found = dict[str, Array]  # by where it is stored, so that a tensor counts once
B = onnx.TensorProto.BOOL
YES = np.array(1 > 0)


def node(op: str, inputs: str, output: str, **attributes: Any) -> NodeProto:
    return helper.make_node(op, inputs.split(), [output], output, **attributes)


def body(
    nodes: list[NodeProto], output: str, tensors: Mapping[str, Array] | None = None
) -> GraphProto:
    stored = [nh.from_array(array, name) for name, array in (tensors or {}).items()]
    return helper.make_graph(nodes, "body", [], [value(output, "N", 32)], stored)


def matrix(sparsity: float, seed: int) -> Array:
    return weights(32, 32, sparsity=sparsity, seed=seed)


def branches(output: str, then: GraphProto, other: GraphProto) -> NodeProto:
    return node("If", "yes", output, then_branch=then, else_branch=other)


def nested() -> ModelProto:
    """A Loop that holds an If whose branch holds an If; one tensor read at all three depths."""
    innermost = branches(
        "i",
        body([node("MatMul", "v all", "i1")], "i1"),
        body([node("MatMul", "v deep", "i2")], "i2", {"deep": matrix(0.9, 1)}),
    )
    chosen = branches(
        "c",
        body([innermost, node("MatMul", "i all", "c1")], "c1"),
        body([node("Relu", "v", "c2")], "c2"),
    )
    loop = helper.make_graph(
        [
            node("MatMul", "s all", "v"),
            chosen,
            node("MatMul", "c own", "o"),
            node("Identity", "on", "on2"),
        ],
        "loop",
        [value("i_", dtype=onnx.TensorProto.INT64), value("on", dtype=B), value("s", "N", 32)],
        [value("on2", dtype=B), value("o", "N", 32)],
        [nh.from_array(matrix(0.2, 2), "own")],
    )
    nodes = [node("MatMul", "x all", "h"), node("Loop", "n yes h", "l", body=loop),
             node("MatMul", "l last", "y")]  # fmt: skip
    tensors = {
        "all": matrix(0.5, 3),
        "last": matrix(0.7, 4),
        "n": np.array(3),
        "yes": YES,
    }
    return model(nodes, [nh.from_array(a, name) for name, a in tensors.items()])


BLOCK = [
    node("Constant", "", "k", value=nh.from_array(matrix(0.8, 5))),
    node("MatMul", "p k", "m"),
    node("MatMul", "m given", "q"),
]


def functions() -> ModelProto:
    """A function with a weight of its own, called twice with one given, and once in a branch."""
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("toy", 1)]
    block = helper.make_function("toy", "Block", ["p", "given"], ["q"], BLOCK, opsets[:1])
    outer = helper.make_function(
        "toy", "Outer", ["p", "g"], ["r"], [node("Block", "p g", "r", domain="toy")], opsets
    )
    held = body([node("Block", "b w2", "t", domain="toy")], "t")
    nodes = [
        node("Block", "x w1", "a", domain="toy"),
        node("Outer", "a w1", "b", domain="toy"),
        branches("y", held, body([node("Relu", "b", "e")], "e")),
    ]
    tensors = {"w1": matrix(0.3, 6), "w2": matrix(0.6, 7), "yes": YES}
    stored = [nh.from_array(a, name) for name, a in tensors.items()]
    return model(nodes, stored, functions=[block, outer], domains=["toy"])


def tables() -> ModelProto:
    """An embedding beside a weight, an embedding alone, and bodies without any weight."""
    look = node("Gather", "table at", "g")
    plain = body([node("Relu", "x", "n")], "n")
    table = {"table": weights(9, 32, sparsity=0.4, seed=8)}
    both = body(
        [look, node("MatMul", "x w", "mm"), node("Add", "mm g", "r")],
        "r",
        {**table, "w": matrix(0.1, 9)},
    )
    nodes = [
        branches("a", both, plain),
        branches("b", body([look], "g", table), plain),
        branches("c", plain, plain),
        node("Sum", "a b c", "y"),
    ]
    tensors = [nh.from_array(YES, "yes"), nh.from_array(np.array([3]), "at")]
    return model(nodes, tensors)


def inside(
    held: NodeProto, scope: Mapping[str, Found], functions: Mapping[str, FunctionProto]
) -> dict[str, Found]:
    """Arrays that operators in the bodies of a node read, by kind; found by names alone."""
    found: dict[str, Found] = {"weight": {}, "embedding": {}}

    def walk(place: str, nodes: Any, tensors: Any, names: Mapping[str, Found]) -> None:
        here = {**names, **stored(place, tensors)}
        for at, one in enumerate(nodes):
            if one.op_type == "Constant":
                here[one.output[0]] = {f"{place} {one.output[0]}": nh.to_array(one.attribute[0].t)}
            for op, kind, read in (("MatMul", "weight", 1), ("Gather", "embedding", 0)):
                if one.op_type == op:
                    found[kind].update(here.get(one.input[read], {}))
            enter(f"{place} {at}", one, here)

    def enter(place: str, one: NodeProto, here: Mapping[str, Found]) -> None:
        for attribute in one.attribute:
            if attribute.type == AttributeProto.GRAPH:
                inner = attribute.g
                walk(f"{place} {attribute.name}", inner.node, inner.initializer, here)
        function = functions.get(one.op_type)
        if function is not None:
            given = zip(function.input, one.input, strict=True)
            names = {parameter: here[name] for parameter, name in given if name in here}
            walk(function.name, function.node, [], names)

    enter(held.name or held.output[0], held, scope)
    return found


def stored(place: str, tensors: Any) -> dict[str, Found]:
    """Initializers by name, each with the one place it is stored in."""
    return {t.name: {f"{place} {t.name}": nh.to_array(t)} for t in tensors}


@pytest.mark.parametrize("build", [nested, functions, tables], ids=lambda build: build.__name__)
def test_shares_of_zeros_of_nodes_with_bodies(build: Any, tmp_path: Path) -> None:
    file = tmp_path / "m.onnx"
    onnx.save(build(), file)
    proto = onnx.load(file)
    session = sv.open(file)
    session.measure()
    drawn = decode(graph_columns(session.model, "main"))
    scope = stored("main", proto.graph.initializer)
    local = {function.name: function for function in proto.functions}
    own = {row.node for row in session.weights}
    for at, number in enumerate(drawn["nodeId"]):
        if number < 0:
            continue
        found = inside(proto.graph.node[number], scope, local)
        wanted = found["weight"] or found["embedding"]
        ids = told(drawn, at)
        assert drawn["nodeLayer"][at] == (number in own or bool(wanted))
        rows = {session.weights[i].key: session.weights[i] for i in ids}
        assert sum(row.elements for row in rows.values()) == sum(a.size for a in wanted.values())
        zeros = sum(np.count_nonzero(a == 0) for a in wanted.values())
        assert sum(row.zeros or 0 for row in rows.values()) == zeros


def told(drawn: dict[str, Any], at: int) -> list[int]:
    """Ids of the weights that the columns give a box."""
    if "withinWeight" not in drawn:
        return []
    ids: list[int] = drawn["withinWeight"][
        drawn["nodeWithinStart"][at] : drawn["nodeWithinEnd"][at]
    ]
    return ids


def notes(build: Any, folder: Path) -> list[str]:
    onnx.save(build(), folder / "m.onnx")
    found = decode(graph_columns(Model.open(folder / "m.onnx"), "main"))
    return [
        note for note, kind in zip(found["nodeNote"], found["nodeKind"], strict=True) if kind == 0
    ]


def test_second_line_counts_what_lies_inside(tmp_path: Path) -> None:
    assert notes(nested, tmp_path)[1] == "5 layers inside · 9 nodes"
    # A layer is an operator: one in a function that is called twice is one layer.
    assert notes(functions, tmp_path)[2] == "2 layers inside · 5 nodes"
    assert notes(functions, tmp_path)[0] == "32×32 · 1 layer inside · 3 nodes"
    assert notes(tables, tmp_path)[:3] == [
        "1 layer inside · 4 nodes",
        "1 embedding inside · 2 nodes",
        "cond = True",
    ]


def test_calls_of_one_function_share_what_is_told_of_it(tmp_path: Path) -> None:
    dense = node("Constant", "", "k", value=nh.from_array(matrix(0, 1)))
    opsets = [helper.make_opsetid("", 21)]
    block = helper.make_function(
        "toy", "Block", ["p"], ["q"], [dense, node("MatMul", "p k", "q")], opsets
    )
    calls = [node("Block", "x", "a", domain="toy"), node("Block", "a", "y", domain="toy")]
    onnx.save(model(calls, functions=[block], domains=["toy"]), tmp_path / "m.onnx")
    found = decode(graph_columns(Model.open(tmp_path / "m.onnx"), "main"))
    assert len(found["withinWeight"]) == 1
    assert [told(found, at) for at in range(4)] == [[], [0], [0], []]


def test_a_function_that_calls_itself_is_looked_into_once(tmp_path: Path) -> None:
    again = [*BLOCK[:2], node("Round", "m", "q", domain="toy")]
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("toy", 1)]
    proto = model(
        [node("Round", "x", "y", domain="toy")],
        functions=[helper.make_function("toy", "Round", ["p"], ["q"], again, opsets)],
        domains=["toy"],
    )
    onnx.save(proto, tmp_path / "m.onnx")
    found = decode(graph_columns(Model.open(tmp_path / "m.onnx"), "main"))
    assert found["nodeNote"][1] == "1 layer inside · 3 nodes"


@pytest.mark.parametrize("path", shared_models.ALL_MODELS)
def test_nodes_that_hold_weights_in_real_models(path: Path) -> None:
    try:
        opened = Model.open(path)
    except Exception as error:  # noqa: BLE001 - whether it opens is another test's matter
        pytest.skip(f"does not open: {error}")
    for graph in opened.graphs:
        found = decode(graph_columns(opened, graph.path))
        ids = [told(found, at) for at in range(len(found["nodeId"]))]
        holders = {at for at, inner in enumerate(ids) if inner}
        assert all(found["nodeSubgraph"][at] for at in holders)
        assert all(found["nodeLayer"][at] for at in holders)
        assert len(opened.graphs) > 1 or "withinWeight" not in found
