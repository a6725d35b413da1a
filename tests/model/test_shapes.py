"""Shapes of tensors: ONNX's own inference where it works, what the model says where it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx import numpy_helper as nh

from sparseview.model.document import Model
from sparseview.model.dtypes import dtype_name
from sparseview.model.shapes import infer, tensor_type
from tests import builders
from tests.shared_models import shared_model
from tests.weight_models import model, opened


def test_a_chain_by_hand(tmp_path: Path) -> None:
    """MatMul, transpose, argmax: shapes and types worked out by hand."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("Transpose", ["a"], ["b"], perm=[1, 0]),
        helper.make_node("ArgMax", ["b"], ["c"], axis=0, keepdims=0),
        helper.make_node("Cast", ["c"], ["y"], to=TensorProto.FLOAT),
    ]
    file = opened(model(nodes, [nh.from_array(np.ones((4, 8), np.float32), "w")], (3, 4)), tmp_path)
    types = infer(file)[0]
    assert types["x"] == ("float32", (3, 4))
    assert types["w"] == ("float32", (4, 8))
    assert types["a"] == ("float32", (3, 8))
    assert types["b"] == ("float32", (8, 3))
    assert types["c"] == ("int64", (3,))


def test_large_weights_are_known_without_being_read(tmp_path: Path) -> None:
    """Over the skeleton's threshold: the payload is not there, the dims are."""
    file = opened(builders.matmul(), tmp_path)
    types = infer(file)[0]
    assert types["large"] == ("float32", (32, 24))
    assert types["h"] == ("float32", ("N", 24))


def test_subgraphs_and_functions_by_their_graph_ids(tmp_path: Path) -> None:
    file = opened(builders.subgraph_if(), tmp_path)
    types = infer(file)
    paths = {graph.path: types[graph.id] for graph in file.graphs}
    assert paths["main#1.then_branch"]["then_y"] == ("float32", ("N", 16))
    assert paths["main#1.else_branch"]["else_w"] == ("float32", (32, 16))
    assert paths["main#1.then_branch#1.then_branch"]["deep_then_y"] == ("float32", ("N", 16))
    file = opened(builders.function(), tmp_path)
    types = infer(file)
    assert types[file.graphs[-1].id]["own"] == ("float32", (32, 32))


def test_a_contradiction_leaves_what_the_model_says(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Nonsense", ["h"], ["i"], domain="nobody"),
        helper.make_node("Reshape", ["i"], ["y"]),
    ]
    proto = model(nodes, [nh.from_array(np.ones((7, 8), np.float32), "w")], (3, 4))
    proto.graph.value_info.append(helper.make_tensor_value_info("h", TensorProto.FLOAT16, [1]))
    types = infer(opened(proto, tmp_path))[0]
    assert types["x"] == ("float32", (3, 4)) and types["w"] == ("float32", (7, 8))
    assert types["h"] == ("float16", (1,))


def test_unknown_and_named_dims_and_unknown_ranks() -> None:
    named = helper.make_tensor_type_proto(TensorProto.FLOAT, ["batch", None, 3, -1])
    assert tensor_type(named) == ("float32", ("batch", None, 3, None))
    assert tensor_type(helper.make_tensor_type_proto(TensorProto.BFLOAT16, [])) == ("bfloat16", ())
    assert tensor_type(helper.make_tensor_type_proto(TensorProto.INT4, None)) == ("int4", None)
    assert tensor_type(onnx.TypeProto()) is None
    sequence = helper.make_sequence_type_proto(named)
    assert tensor_type(sequence) == ("sequence(float32)", None)
    assert tensor_type(helper.make_optional_type_proto(sequence)) == (
        "optional(sequence(float32))",
        None,
    )
    numbers = helper.make_map_type_proto(TensorProto.STRING, named)
    assert tensor_type(numbers) == ("map(string, float32)", None)


def test_of_the_models_that_builders_make(tmp_path: Path) -> None:
    for make in builders.ALL:
        file = opened(make(), tmp_path)
        types = infer(file)
        assert set(types) == {graph.id for graph in file.graphs}
        assert types[0]["x"][0] in ("float32", "float16", "bfloat16")


@pytest.mark.parametrize("name", ["resnet20_cifar10.onnx", "silero_vad_v6.onnx"])
def test_as_on_the_whole_model(name: str) -> None:
    """Inference on the skeleton tells what it tells on the model with its weights."""
    path = shared_model(name)
    whole = onnx.shape_inference.infer_shapes(onnx.load(path))
    types = infer(Model.open(path))[0]
    assert len(whole.graph.value_info) > 1
    for info in whole.graph.value_info:
        tensor = info.type.tensor_type
        assert types[info.name][0] == dtype_name(tensor.elem_type)
        if tensor.HasField("shape"):
            assert types[info.name][1] == tuple(
                dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None
                for dim in tensor.shape.dim
            )
