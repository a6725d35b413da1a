"""Graph columns: what the page draws, held against edges extracted by onnx alone."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import builders
import numpy as np
import onnx
import pytest
import shared_models
from drawn import decode
from onnx import TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.app.server import labels
from sparseview.app.server.briefs import Row, brief
from sparseview.app.server.names import attribute_notes, shape_text, short_name
from sparseview.app.server.noderows import MOST_ROWS, Wanted
from sparseview.app.server.pictures import graph_columns
from sparseview.model.document import Model


def columns(proto: onnx.ModelProto, folder: Path, path: str = "main") -> dict[str, Any]:
    file = folder / "m.onnx"
    onnx.save(proto, file)
    return decode(graph_columns(Model.open(file), path))


def folded(graph: onnx.GraphProto) -> set[str]:
    """Constants of a graph that are not drawn."""
    names = {t.name for t in graph.initializer} | {t.values.name for t in graph.sparse_initializer}
    outputs = {v.name for v in graph.output}
    for node in graph.node:
        if node.op_type == "Constant" and not outputs & set(node.output):
            names |= set(node.output)
    return names


def needs(graph: onnx.GraphProto) -> set[str]:
    """Outer tensors that a subgraph uses, deeper ones included."""
    made = {v.name for v in graph.input} | {t.name for t in graph.initializer}
    made |= {t.values.name for t in graph.sparse_initializer}
    made |= {name for node in graph.node for name in node.output}
    used = {name for node in graph.node for name in node.input}
    used |= {v.name for v in graph.output}
    for node in graph.node:
        for inner in subgraphs(node):
            used |= needs(inner)
    return {name for name in used if name and name not in made}


def subgraphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    return [g for a in node.attribute for g in ([a.g] if a.HasField("g") else list(a.graphs))]


def expected_edges(graph: onnx.GraphProto) -> set[tuple[str, str, str]]:
    """(producer, tensor, consumer) of a main graph; ends named by place: `#3`, `in`, `out`."""
    hidden = folded(graph)
    ends = {v.name: "in" for v in graph.input if v.name not in hidden}
    for i, node in enumerate(graph.node):
        for name in node.output:
            if name and name not in hidden:
                ends[name] = f"#{i}"
    edges = set()
    for i, node in enumerate(graph.node):
        if node.op_type == "Constant" and set(node.output) <= hidden:
            continue
        used = set(node.input).union(*(needs(g) for g in subgraphs(node)))
        edges |= {(ends[name], name, f"#{i}") for name in used if name in ends}
    return edges | {(ends[v.name], v.name, "out") for v in graph.output if v.name in ends}


def drawn_edges(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    def end(at: int) -> str:
        number = found["nodeId"][at]
        return {-1: "in", -2: "out"}.get(number, f"#{number}")

    return {
        (end(s), tensor, end(t))
        for s, tensor, t in zip(
            found["edgeSource"], found["edgeTensor"], found["edgeTarget"], strict=True
        )
    }


@pytest.mark.parametrize("build", builders.ALL, ids=lambda build: build.__name__)
def test_edges_of_every_kind_of_model(build: Any, tmp_path: Path) -> None:
    proto = build()
    # Ids of the main graph's nodes are their places there, as long as it comes first.
    assert drawn_edges(columns(proto, tmp_path)) == expected_edges(proto.graph)


@pytest.mark.parametrize("path", shared_models.ALL_MODELS)
def test_edges_of_real_models(path: Path) -> None:
    try:
        model = Model.open(path)
        graph = onnx.load(path, load_external_data=False).graph
    except Exception as error:  # noqa: BLE001 - whether it opens is another test's matter
        pytest.skip(f"does not open: {error}")
    assert drawn_edges(decode(graph_columns(model, "main"))) == expected_edges(graph)
    for inner in model.graphs:
        found = decode(graph_columns(model, inner.path))
        own = [n.id for n in model.nodes if n.graph == inner.id]
        assert set(found["nodeId"]) - {-1, -2} <= set(own)
        count = len(found["nodeId"])
        assert all(at < count for at in found["edgeSource"] + found["edgeTarget"])


def test_what_a_layer_shows(tmp_path: Path) -> None:
    found = columns(builders.network(), tmp_path)
    assert found["nodeOp"] == ["", "Conv", "Relu", "Conv", "Flatten", "Gemm", ""]
    assert found["nodeKind"] == [1, 0, 0, 0, 0, 0, 2]
    assert found["nodeId"] == [-1, 0, 1, 2, 3, 4, -2]
    assert found["nodeLayer"] == [0, 1, 0, 1, 0, 1, 0]
    assert found["nodeNote"][1] == "16×8×3×3 · pads 1"
    assert found["nodeNote"][2] == ""
    assert found["nodeCategory"][1:3] == ["layer", "activation"]
    assert found["edgePort"] == [0] * 6
    assert found["edgeLabel"][0] == "N×8×8×8"
    assert found["header"]["edges"] == 6


def test_a_subgraph_takes_outer_tensors_as_inputs(tmp_path: Path) -> None:
    file = tmp_path / "if.onnx"
    onnx.save(builders.subgraph_if(), file)
    model = Model.open(file)
    inner = next(g for g in model.graphs if g.kind == "subgraph")
    holder = model.nodes[inner.parent or 0]
    outer = decode(graph_columns(model, model.graphs[holder.graph].path))
    assert outer["nodeSubgraph"][outer["nodeId"].index(holder.id)] == inner.path
    found = decode(graph_columns(model, inner.path))
    inputs = {
        name for name, kind in zip(found["nodeName"], found["nodeKind"], strict=True) if kind == 1
    }
    free = needs(inner.proto)
    stored = {t.name for t in model.proto.graph.initializer}
    assert inputs == free - stored


def test_a_function_call_names_the_body(tmp_path: Path) -> None:
    file = tmp_path / "function.onnx"
    onnx.save(builders.function(), file)
    model = Model.open(file)
    body = next(g for g in model.graphs if g.kind == "function")
    found = decode(graph_columns(model, "main"))
    assert found["nodeSubgraph"].count(body.path) == 2
    inner = decode(graph_columns(model, body.path))
    assert [inner["nodeName"][i] for i, k in enumerate(inner["nodeKind"]) if k == 1] == list(
        body.proto.input
    )


def test_a_node_with_layers_inside_is_drawn_as_one_that_says_how_many(tmp_path: Path) -> None:
    def told(proto: onnx.ModelProto, path: str = "main") -> dict[str, tuple[int, str]]:
        file = tmp_path / "model.onnx"
        onnx.save(proto, file)
        found = decode(graph_columns(Model.open(file), path))
        return dict(
            zip(
                found["nodeOp"],
                zip(found["nodeLayer"], found["nodeNote"], strict=True),
                strict=True,
            )
        )

    nested = builders.subgraph_if()
    assert told(nested)["If"] == (1, "4 layers inside · 5 nodes")
    then = next(g.path for g in Model.open(tmp_path / "model.onnx").graphs if "then" in g.path)
    assert told(nested, then)["If"] == (1, "2 layers inside · 2 nodes")
    for branch in nested.graph.node[1].attribute:  # none of them a layer
        for node in branch.g.node:
            if node.op_type == "MatMul":
                node.op_type = "Add"
    assert told(nested)["If"] == (1, "2 layers inside · 5 nodes")
    called = builders.function()
    for call in called.graph.node:
        call.input[1] = "x"
    assert told(called)["F"] == (1, "1 layer inside · 3 nodes")


def test_constants_that_are_outputs_are_drawn(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info
    constant = nh.from_array(np.ones(2, np.float32))
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["c"], value=constant),
            helper.make_node("Constant", [], ["hidden"], value=constant),
            helper.make_node("Add", ["c", "hidden"], ["y"]),
        ],
        "g",
        [],
        [value(n, TensorProto.FLOAT, [2]) for n in ("c", "y", "stored")],
        [nh.from_array(np.ones(2, np.float32), "stored")],
    )
    found = columns(helper.make_model(graph), tmp_path)
    assert found["nodeOp"].count("Constant") == 1
    ends = [
        (found["nodeName"][s] or found["nodeOp"][s], found["nodeName"][t])
        for s, t in zip(found["edgeSource"], found["edgeTarget"], strict=True)
    ]
    assert ("stored", "stored") in ends


def test_one_tensor_in_two_ports_is_two_edges(tmp_path: Path) -> None:
    made = builders.model([helper.make_node("Add", ["x", "x"], ["y"])], [], x=(2,), y=(2,))
    found = columns(made, tmp_path)
    assert found["edgePort"] == [0, 1, 0]


@pytest.mark.parametrize(
    ("layer", "op", "short"),
    [
        ("/layer1/layer1.0/conv1/Conv", "Conv", "layer1.0/conv1"),
        ("/conv1/Conv", "Conv", "conv1"),
        ("Conv_0", "Conv", "Conv_0"),
        ("/Conv", "Conv", "Conv"),
        ("main#12", "Relu", "main#12"),
        ("model/a/b/MatMul", "MatMul", "model/a/b"),
        ("/", "Relu", "/"),
    ],
)
def test_short_names(layer: str, op: str, short: str) -> None:
    assert short_name(layer, op) == short


def test_shape_texts() -> None:
    assert shape_text((1, "N", None, 3)) == "1×N×?×3"
    assert shape_text(()) == "scalar"
    assert shape_text(None) == ""


def test_made_up_sizes_are_unknown_and_names_are_kept() -> None:
    assert shape_text(("batch", "unk__19", "seq", "unk__x")) == "batch×?×seq×unk__x"


def test_inference_shows_no_made_up_name(tmp_path: Path) -> None:
    make = helper.make_node
    nodes = [make("NonZero", ["x"], ["found"]), make("Relu", ["x"], ["y"])]
    made = builders.model(nodes, [], x=("batch", 4), y=("batch", 4))
    made.graph.value_info.append(
        helper.make_tensor_value_info("found", TensorProto.INT64, [2, "unk__0"])
    )
    assert labels.declared(Model.open(saved(made, tmp_path)).graphs[0])["found"] == "2×?"


def saved(proto: onnx.ModelProto, folder: Path) -> Path:
    file = folder / "m.onnx"
    onnx.save(proto, file)
    return file


def rows_of(proto: onnx.ModelProto, folder: Path, **kinds: bool) -> list[list[tuple[str, ...]]]:
    """Rows of each box: name, text, and "w" with the weight's id where one stands there."""
    data = graph_columns(Model.open(saved(proto, folder)), "main", Wanted(**kinds))
    found = decode(data)
    if "nodeRowStart" not in found:
        return []
    strings = found["header"]["strings"]
    rows = [
        (strings[name], strings[text], *([f"w{weight}"] if weight >= 0 else []))
        for name, text, weight in zip(
            found["rowName"], found["rowText"], found["rowWeight"], strict=True
        )
    ]
    start = found["nodeRowStart"]
    assert len(start) == len(found["nodeId"]) + 1
    return [rows[a:b] for a, b in itertools.pairwise(start)]


def test_no_rows_unless_asked_for(tmp_path: Path) -> None:
    assert rows_of(builders.network(), tmp_path) == []


def test_rows_of_names_attributes_and_constants(tmp_path: Path) -> None:
    declared = {"conv1": (0.5, "2:4")}
    network = builders.network(declared=declared)
    assert rows_of(network, tmp_path, names=True) == [
        [], [("", "conv1")], [("", "relu")], [("", "conv2")], [("", "flatten")], [("", "fc")], [],
    ]  # fmt: skip
    attributes = rows_of(network, tmp_path, attributes=True)
    # The annotation is no attribute of the operator's own.
    assert attributes[1] == [("pads", "1, 1, 1, 1")]
    assert attributes[5] == [("transB", "1")]
    constants = rows_of(network, tmp_path, constants=True)
    assert constants[1] == [("W", "16×8×3×3", "w0")]
    assert constants[2] == []
    assert constants[5] == [("B", "10×512", "w2")]
    everything = rows_of(network, tmp_path, names=True, attributes=True, constants=True)
    assert everything[1] == [("", "conv1"), ("pads", "1, 1, 1, 1"), ("W", "16×8×3×3", "w0")]


def test_an_operator_tells_its_constants_on_one_line(tmp_path: Path) -> None:
    tensors = [
        nh.from_array(np.array([2**63 - 1], np.int64), "end"),
        nh.from_array(np.array([0], np.int64), "zero"),
        nh.from_array(np.ones(64, np.float32), "bias"),
        nh.from_array(np.array(0.5, np.float32), "half"),
    ]
    nodes = [
        helper.make_node("Slice", ["x", "zero", "end", "zero"], ["a"]),
        helper.make_node("Add", ["a", "bias"], ["b"]),
        helper.make_node("Mul", ["half", "b"], ["c"]),
        helper.make_node("Concat", ["zero", "end"], ["d"], axis=0),
        helper.make_node("Relu", ["c"], ["y"]),
    ]
    made = builders.model(nodes, tensors, x=(64,), y=(64,))
    found = decode(graph_columns(Model.open(saved(made, tmp_path)), "main"))
    notes = dict(zip(found["nodeOp"], found["nodeNote"], strict=True))
    assert notes["Slice"] == "axis 0 [:]"
    assert notes["Add"] == "B 64"
    assert notes["Mul"] == "A = 0.5"
    assert notes["Concat"] == "[0] · [max]"
    assert notes["Relu"] == ""
    # Rows tell it at length already.
    rows = graph_columns(Model.open(saved(made, tmp_path)), "main", Wanted(constants=True))
    assert set(decode(rows)["nodeNote"]) <= {"", "64"}


def test_a_long_list_of_constants_says_how_many_more() -> None:
    assert brief("Concat", [Row("inputs", "4×4")] * 300, ()) == "4×4 · 4×4 · 4×4 · 4×4 · 296 more"
    assert brief("Concat", [Row("inputs", "4×4")] * 4, ()) == "4×4 · 4×4 · 4×4 · 4×4"


def told(op: str, entering: tuple[str, ...] = (), **parts: str) -> str:
    return brief(op, [Row(name, text) for name, text in parts.items()], entering)


def test_a_slice_is_told_as_python_writes_it() -> None:
    def cut(*entering: str, **parts: str) -> str:
        return told("Slice", entering, **parts)

    end = f"= [{2**63 - 1}]"
    assert cut(starts="= [1]", ends=end, axes="= [2]", steps="= [2]") == "axis 2 [1::2]"
    assert cut(starts="= [0]", ends="= [-1]", axes="= [3]") == "axis 3 [:-1]"
    assert cut(starts="= [10]", ends="= [20]", axes="= [-1]", steps="= [1]") == "axis -1 [10:20]"
    assert cut(starts="= [0]", ends="= [1]") == "axis 0 [:1]"
    assert cut(data="3×4", starts="= [0]", ends="= [1]", axes="= [0]") == "data 3×4 · axis 0 [:1]"
    # Several axes; those that stay whole are not told.
    whole = f"= [1, 2, {2**31 - 1}]"
    assert (
        cut(starts="= [0, -309, 0]", ends=whole, axes="= [0, 1, 2]")
        == "axis 0 [:1] · axis 1 [-309:2]"
    )
    # A bound that another operator makes is not known; axes that it makes say nothing at all.
    assert cut("data", "ends", starts="= [0]", axes="= [1]") == "axis 1 [:?]"
    assert cut("axes", starts="= [0]", ends="= [1]") == "starts = [0] · ends = [1]"
    assert cut(starts="= [0, 0]", ends="= [1]").startswith("starts = [0, 0]")
    assert cut(starts="= [0]", ends="= [1]", axes="7").startswith("starts = [0]")


def test_a_slice_of_the_first_opsets_is_told_by_its_attributes(tmp_path: Path) -> None:
    node = helper.make_node("Slice", ["x"], ["y"], starts=[1], ends=[3], axes=[0])
    made = builders.model([node], [], x=(4,), y=(2,))
    made.opset_import[0].version = 9
    found = decode(graph_columns(Model.open(saved(made, tmp_path)), "main"))
    assert dict(zip(found["nodeOp"], found["nodeNote"], strict=True))["Slice"] == "axis 0 [1:3]"


def test_scales_are_told_without_their_side() -> None:
    quantize = told("QuantizeLinear", ("x",), y_scale="= 0.5", y_zero_point="= 3")
    assert quantize == "scale = 0.5 · zero_point = 3"


def test_constants_of_one_shape_are_told_together() -> None:
    norm = dict.fromkeys(["scale", "B", "mean", "var"], "16")
    assert told("BatchNormalization", ("X",), **norm) == "scale … var 16"
    assert told("LayerNormalization", ("X",), Scale="8", B="8") == "Scale, B 8"
    assert told("Clip", ("input",), min="= 0", max="= 0") == "min = 0 · max = 0"
    assert told("ConstantOfShape", input="= [1, 2]") == "[1, 2]"
    assert told("Identity", input="12×4") == "input 12×4"


def test_rows_show_small_values_and_large_shapes(tmp_path: Path) -> None:
    tensors = [
        nh.from_array(np.array([0, -1], np.int64), "shape"),
        nh.from_array(np.ones(64, np.float32), "bias"),
        nh.from_array(np.array([[0.1]], np.float32), "slope"),
    ]
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["a"]),
        helper.make_node("Add", ["a", "bias"], ["y"]),
        helper.make_node("Nobody", ["x", "bias"], ["z"], domain="my.domain"),
        helper.make_node("PRelu", ["x", "slope"], ["p"]),
    ]
    made = builders.model(nodes, tensors, x=(64,), y=(64,))
    rows = rows_of(made, tmp_path, constants=True)
    assert rows[1:5] == [
        [("shape", "= [0, -1]")], [("B", "64")], [("input 1", "64")], [("slope", "= [[0.1]]")],
    ]  # fmt: skip


def test_a_node_with_many_rows_counts_the_rest(tmp_path: Path) -> None:
    many = {f"a{i:02}": i for i in range(40)}
    node = helper.make_node("Many", ["x"], ["y"], domain="my.domain", **many)
    made = builders.model([node], [], x=(2,), y=(2,))
    rows = rows_of(made, tmp_path, attributes=True)[1]
    assert len(rows) == MOST_ROWS
    assert rows[-1] == ("", f"{40 - MOST_ROWS + 1} more")


def test_only_unusual_attributes_are_noted() -> None:
    conv = helper.make_node(
        "Conv", [], [], strides=[2, 2], pads=[0, 1, 0, 1], dilations=[1, 1], group=8,
        kernel_shape=[3, 3], auto_pad="SAME_UPPER",
    )  # fmt: skip
    assert attribute_notes(conv) == ["groups 8", "stride 2", "same upper", "pads 0×1"]
    # Only groups of one channel each, that make one each, have a name of their own.
    assert attribute_notes(conv, (8, 1, 3, 3))[0] == "depthwise"
    assert attribute_notes(conv, (8, 2, 3, 3))[0] == "groups 8"
    assert attribute_notes(conv, (16, 1, 3, 3))[0] == "groups 8"
    uneven = helper.make_node("Conv", [], [], pads=[0, 0, 1, 1], group=1)
    assert attribute_notes(uneven, (1, 1, 3, 3)) == ["pads 0×0×1×1"]
