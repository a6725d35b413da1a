"""Model: ids, paths and layers, constants, functions, notices, and bad files."""

from __future__ import annotations

import contextlib
import random
import shutil
from pathlib import Path

import builders
import numpy as np
import onnx
import pytest
from onnx import GraphProto, ModelProto, helper
from onnx import numpy_helper as nh
from shared_models import ALL_MODELS, shared_model

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model


def opened(proto: ModelProto, folder: Path) -> Model:
    (folder / "m.onnx").write_bytes(proto.SerializeToString())
    return Model.open(folder / "m.onnx")


def expected(path: str, graph: object) -> list[tuple[str, str]]:
    """(node path, op) of a graph, then of its subgraphs: what ids stand for, told recursively."""
    rows = [(f"{path}#{i}", n.op_type) for i, n in enumerate(graph.node)]  # type: ignore[attr-defined]
    for i, node in enumerate(graph.node):  # type: ignore[attr-defined]
        for attribute in node.attribute:
            if attribute.HasField("g"):
                rows += expected(f"{path}#{i}.{attribute.name}", attribute.g)
            for k, inner in enumerate(attribute.graphs):
                rows += expected(f"{path}#{i}.{attribute.name}[{k}]", inner)
    return rows


def check_structure(model: Model, proto: ModelProto) -> None:
    rows = expected("main", proto.graph)
    for function in proto.functions:
        rows += expected(f"{function.domain}::{function.name}", function)
    assert [(n.path, n.proto.op_type) for n in model.nodes] == rows
    assert [n.id for n in model.nodes] == list(range(len(rows)))
    assert [g.id for g in model.graphs] == list(range(len(model.graphs)))
    assert len({g.path for g in model.graphs}) == len(model.graphs)
    names = [n.proto.name for n in model.nodes]
    for node in model.nodes:
        graph = model.graphs[node.graph]
        assert node.path == f"{graph.path}#{node.index}"
        assert graph.proto.node[node.index] == node.proto
        unique = node.proto.name and names.count(node.proto.name) == 1
        assert node.layer == (node.proto.name if unique else node.path)
    for graph in model.graphs:
        assert (graph.parent is not None) == (graph.kind == "subgraph")
        if graph.parent is not None:
            assert graph.path.startswith(f"{model.nodes[graph.parent].path}.")
        assert (graph.kind == "main") == (graph.id == 0)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_real_models_open_with_their_structure(path: Path) -> None:
    check_structure(Model.open(path), onnx.load(path, load_external_data=False))


@pytest.mark.parametrize("build", builders.ALL, ids=lambda b: b.__name__)
def test_made_models_open_with_their_structure(build: object, tmp_path: Path) -> None:
    made: ModelProto = build()  # type: ignore[operator]
    check_structure(opened(made, tmp_path), made)


def test_lists_of_graphs_and_shared_names(tmp_path: Path) -> None:
    def graph(name: str) -> GraphProto:
        return helper.make_graph([helper.make_node("Relu", ["x"], [name], "same")], name, [], [])

    nodes = [
        helper.make_node(
            "Choose", ["x"], ["h"], "own", domain="d", branches=[graph("a"), graph("b")]
        ),
        helper.make_node("Relu", ["h"], ["y"], ""),
    ]
    model = opened(builders.model(nodes, domains=["d"]), tmp_path)
    assert [g.path for g in model.graphs] == ["main", "main#0.branches[0]", "main#0.branches[1]"]
    layers = ["own", "main#1", "main#0.branches[0]#0", "main#0.branches[1]#0"]
    assert [n.layer for n in model.nodes] == layers
    assert [g.parent for g in model.graphs] == [None, 0, 0]


def test_a_name_that_is_another_node_s_path_is_not_its_layer(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["h"], "main#1"),
        helper.make_node("Relu", ["h"], ["y"], ""),
    ]
    model = opened(builders.model(nodes), tmp_path)
    assert [n.layer for n in model.nodes] == ["main#0", "main#1"]


def test_constants_say_where_they_live(tmp_path: Path) -> None:
    model = opened(builders.constant_node(), tmp_path)
    found = model.constants(0)
    facts = {n: (c.key, c.place, c.index, c.attribute, c.stored_as) for n, c in found.items()}
    assert facts == {
        "dense": ("main#0:value", "attribute", 0, "value", "dense"),
        "coo": ("main#2:sparse_value", "attribute", 2, "sparse_value", "coo"),
        "list": ("main#4:value_floats", "attribute", 4, "value_floats", "dense"),
        "axis": ("main#6:value_int", "attribute", 6, "value_int", "dense"),
    }
    assert [c.shape for c in found.values()] == [(32, 32), (32, 16), (16,), ()]
    assert model.constants(0) is found
    assert model.constant("main#4:value_floats") is found["list"]
    with pytest.raises(KeyError):
        model.constant("main/none")


def test_initializers_of_every_graph(tmp_path: Path) -> None:
    model = opened(builders.subgraph_if(), tmp_path)
    by_graph = {g.path: list(model.constants(g.id)) for g in model.graphs}
    assert by_graph == {
        "main": ["condition"],
        "main#1.then_branch": ["then_w"],
        "main#1.then_branch#1.then_branch": ["deep_then_w"],
        "main#1.then_branch#1.else_branch": ["deep_else_w"],
        "main#1.else_branch": ["else_w"],
    }
    sparse = opened(builders.sparse_initializer(), tmp_path).constants(0)["w"]
    assert (sparse.place, sparse.stored_as, sparse.dtype) == ("sparse_initializer", "coo", 1)
    assert sparse.key == "main/w" and sparse.shape == (32, 48)


def test_of_two_constants_with_one_name_the_last_counts(tmp_path: Path) -> None:
    made = builders.matmul()
    made.graph.initializer.append(nh.from_array(np.ones((32, 24), np.float32), "large"))
    model = opened(made, tmp_path)
    assert model.constants(0)["large"].index == 2  # as ONNX Runtime takes it
    assert model.constants(0)["large"].key != "main/large"


def test_a_constant_whose_value_the_caller_gives_is_none(tmp_path: Path) -> None:
    body = helper.make_node("Constant", [], ["c"])
    body.attribute.append(
        onnx.AttributeProto(name="value", type=onnx.AttributeProto.TENSOR, ref_attr_name="given")
    )
    function = helper.make_function("d", "F", [], ["c"], [body], [], attributes=["given"])
    made = builders.model([helper.make_node("F", [], ["y"], domain="d")], functions=[function])
    model = opened(made, tmp_path)
    assert [model.constants(g.id) for g in model.graphs] == [{}, {}]


def test_functions_are_found_by_their_calls(tmp_path: Path) -> None:
    model = opened(builders.function(), tmp_path)
    call1, call2, *inside = model.nodes
    body = model.function_of(call1)
    assert body is not None and body is model.function_of(call2)
    assert (body.path, body.kind) == ("my.domain::F", "function")
    assert [n.layer for n in inside] == ["my.domain::F#0", "inside", "passed"]
    assert model.function_of(inside[1]) is None


def test_functions_of_one_name_have_paths_of_their_own(tmp_path: Path) -> None:
    made = builders.function()
    made.functions.append(made.functions[0])
    twin = made.functions.add()
    twin.CopyFrom(made.functions[0])
    twin.name = "F~2"
    model = opened(made, tmp_path)
    paths = [g.path for g in model.graphs]
    assert paths == ["main", "my.domain::F", "my.domain::F~2", "my.domain::F~2~2"]
    assert len({n.path for n in model.nodes}) == len(model.nodes)


def test_overlays_share_everything_else(tmp_path: Path) -> None:
    model = opened(builders.matmul(), tmp_path)
    zeros = model.overlay.with_({"main/small": np.zeros((24, 4), np.float32)})
    pruned = model.with_overlay(zeros)
    assert model.overlay == {} and set(pruned.overlay) == {"main/small"}
    assert pruned.nodes is model.nodes and pruned.constants(0) is model.constants(0)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_the_checker_s_opinion_is_that_on_the_whole_file(path: Path) -> None:
    try:
        onnx.checker.check_model(str(path))
        expected = None
    except onnx.checker.ValidationError as error:
        expected = str(error).splitlines()[0].rstrip(".")
    found = [n.message for n in Model.open(path).notices]
    if expected is None:
        assert found == []
    else:
        assert len(found) == 1 and expected in found[0]


def test_what_the_checker_refuses_opens_with_a_notice(tmp_path: Path) -> None:
    model = opened(builders.invalid(), tmp_path)
    (notice,) = model.notices
    assert "Unrecognized attribute: sparsity" in notice.message and notice.code == "checker"
    assert notice.hint and "\n" not in notice.message


def test_the_checker_is_asked_once_and_pauses_between_its_steps(tmp_path: Path) -> None:
    model = opened(builders.invalid(), tmp_path)
    pauses: list[int] = []
    first = model.check(lambda: pauses.append(1))
    assert len(first) == 1 and len(pauses) > 1
    pauses.clear()
    assert model.check(lambda: pauses.append(1)) == first == model.notices
    assert pauses == []


@pytest.mark.parametrize("dims", [[32, 25], [32, 0], [1 << 40, 1 << 20]])
def test_a_payload_that_does_not_fit_its_shape_is_noticed(dims: list[int], tmp_path: Path) -> None:
    made = builders.matmul()
    made.graph.initializer[0].dims[:] = dims
    with pytest.raises(onnx.checker.ValidationError):
        onnx.checker.check_model(made)
    (notice,) = opened(made, tmp_path).notices
    assert "'large'" in notice.message


def test_the_checker_looks_into_sparse_tensors(tmp_path: Path) -> None:
    made = builders.sparse_initializer()
    indices = made.graph.sparse_initializer[0].indices
    wrong = nh.to_array(indices)[::-1].copy()
    indices.raw_data = wrong.tobytes()
    with pytest.raises(onnx.checker.ValidationError):
        onnx.checker.check_model(made)
    assert len(indices.raw_data) > 1024  # cut from the skeleton
    (notice,) = opened(made, tmp_path).notices
    assert "not in sorted order" in notice.message


def test_the_checker_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It would warn of experimental operators on standard output, in the middle of a report."""
    node = helper.make_node("ImageScaler", ["x"], ["y"], scale=1.0)
    assert opened(builders.model([node], opset=7), tmp_path).notices == []
    assert capfd.readouterr() == ("", "")


def test_text_that_is_not_utf8_opens(tmp_path: Path) -> None:
    data = builders.matmul().SerializeToString().replace(b"first", b"fi\xffst")
    (tmp_path / "m.onnx").write_bytes(data)
    model = Model.open(tmp_path / "m.onnx")
    assert [n.layer for n in model.nodes] == ["fi\\xffst", "second"]
    assert [n.code for n in model.notices] == ["text"]


def test_all_text_becomes_utf8_and_names_still_meet(tmp_path: Path) -> None:
    data = builders.matmul().SerializeToString().replace(b"large", b"l\xffrge")
    (tmp_path / "m.onnx").write_bytes(data)
    model = Model.open(tmp_path / "m.onnx")
    assert model.nodes[0].proto.input[1] in model.constants(0)
    assert "2 names" in model.notices[0].message


def test_external_data_is_counted_and_found(tmp_path: Path) -> None:
    model = Model.open(builders.external(tmp_path))
    assert model.external_bytes == 32 * 24 * 4 and model.notices == []
    assert opened(builders.matmul(), tmp_path).external_bytes == 0


def test_a_real_model_with_external_data(tmp_path: Path) -> None:
    source = shared_model("digit_extdata/model.onnx")
    proto = onnx.load(source, load_external_data=False)
    stored = [t for t in proto.graph.initializer if t.external_data]
    lengths = [int({e.key: e.value for e in t.external_data}["length"]) for t in stored]
    assert Model.open(source).external_bytes == sum(lengths) > 0
    shutil.copy(source, tmp_path / "alone.onnx")
    (notice,) = Model.open(tmp_path / "alone.onnx").notices
    assert "model.onnx.data" in notice.message and f"{len(stored)} tensors" in notice.message
    assert notice.code == "missing" and str(tmp_path) in notice.hint


@pytest.mark.parametrize("seed", range(60))
def test_damaged_models_give_no_error_but_ours(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    data = bytearray(chance.choice(builders.ALL)().SerializeToString())
    for _ in range(chance.randrange(1, 5)):
        place = int(chance.random() ** 2 * len(data))  # headers lie in front more often
        data[place] ^= 1 << chance.randrange(8)
    (tmp_path / "m.onnx").write_bytes(bytes(data))
    with contextlib.suppress(SparseviewError):
        model = Model.open(tmp_path / "m.onnx")
        assert all(notice.message for notice in model.notices)
        for graph in model.graphs:
            for constant in model.constants(graph.id).values():
                with contextlib.suppress(SparseviewError):
                    tensors.read(model, constant)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(SparseviewError, match="is a folder"):
        Model.open(tmp_path)
