"""The weights of the real models, against counts made by hand and a second, simple scan."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import sparseview as sv
from sparseview.model.document import Model
from tests.shared_models import ALL_MODELS, shared_model

# Weights by operator, told from MANIFEST.tsv and the models' operators.
COUNTS: dict[str, dict[str, int]] = {
    "candy_style.onnx": {"Conv": 14, "ConvTranspose": 2},
    "conv_int4_qdq.onnx": {"Conv": 1},
    "digit_extdata/model.onnx": {"Conv": 3, "Gemm": 2},
    "digits_mlp.onnx": {"MatMul": 3},
    "gtcrn_simple.onnx": {"Conv": 11, "ConvTranspose": 11, "GRU": 28, "MatMul": 12},
    "light_densenet121.onnx": {"Conv": 121},  # ConstantOfShape makes its weights
    "local_functions_gh18338.onnx": {},
    "matmul_bf16_i32data.onnx": {"MatMul": 1},
    "minilm_l6_v2_fp32.onnx": {"MatMul": 36, "Gather": 3},  # 6 layers of 6; 3 tables
    "mnist_cnn_pruned88_sparseinit.onnx": {"Conv": 2, "Gemm": 1},
    "mobilenetv2_int8_qdq.onnx": {"Conv": 52, "Gemm": 1},
    "ppocr_en_number_rec.onnx": {"Conv": 53, "MatMul": 1, "LSTM": 8},  # W, R of 2 x 2 directions
    "resnet20_cifar10.onnx": {"Conv": 21, "Gemm": 1},
    "resnet56_cifar100_snip80.onnx": {"Conv": 57, "Gemm": 1},
    "kwsmlp_w3a3_brevitas.onnx": {"MatMul": 4},
    # Two LSTMs in each branch of an If, whose gates are put into ONNX's order on the way.
    "silero_vad_v6.onnx": {"Conv": 12, "LSTM": 8},
    "sklearn_randomforest.onnx": {},
    "squeezenet_fp16_imagenet.onnx": {"Conv": 26},
    "sst2_bilstm.onnx": {"Gather": 1, "LSTM": 2, "Gemm": 2},
    "stories260K.onnx": {"MatMul": 36, "Gather": 1},  # 5 layers of 7, and the head
    "stories260K_int4_matmulnbits.onnx": {"MatMulNBits": 35, "MatMul": 1, "Gather": 1},
    "ten_vad.onnx": {"Conv": 6, "LSTM": 4, "MatMul": 2},
    "yolox_nano.onnx": {"Conv": 113},
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    file = Model.open(shared_model(name))
    assert Counter(file.nodes[w.node].proto.op_type for w in file.weights) == COUNTS[name]


HANDS_ON = {"Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten",
            "QuantizeLinear", "DequantizeLinear", "Quant"}  # fmt: skip
INPUTS = {"Conv": [1], "Gemm": [0, 1], "MatMul": [0, 1], "Gather": [0], "ConvTranspose": [1],
          "LSTM": [1, 2], "GRU": [1, 2], "MatMulNBits": [1], "Attention": [1],
          "EmbedLayerNormalization": [2, 3, 4]}  # fmt: skip
TABLES = {onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.INT8}


def simple_scan(graph: Any, outer: dict[str, Any], path: str) -> list[tuple[str, int, str]]:
    """(node path, input, constant) by one recursive walk over the whole parsed model.

    Names map to (names, type, rank) of a constant, of several that are joined, or to the name that
    a node hands on.
    """
    known = dict(outer)
    for node in graph.node:
        for output in node.output:
            known[output] = None
    for tensor in graph.initializer:
        known[tensor.name] = ((tensor.name,), tensor.data_type, len(tensor.dims))
    for sparse in graph.sparse_initializer:
        known[sparse.values.name] = ((sparse.values.name,), 1, len(sparse.dims))
    found = []
    sliced: dict[str, Any] = {}
    for index, node in enumerate(graph.node):
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensor = node.attribute[0].t
            known[node.output[0]] = ((node.output[0],), tensor.data_type, len(tensor.dims))
        elif node.op_type in HANDS_ON and node.input[0] in known:
            known[node.output[0]] = known[node.input[0]]
        elif node.op_type == "Slice":  # of which a Concat may put all together again
            sliced[node.output[0]] = known.get(node.input[0])
        elif node.op_type == "Concat" and len({sliced.get(name) for name in node.input}) == 1:
            known[node.output[0]] = sliced.get(node.input[0])
            if sliced.get(node.input[0]) is None and all(known.get(name) for name in node.input):
                parts = [known[name] for name in node.input]  # each a part of what is read
                names = tuple(name for part in parts for name in part[0])
                known[node.output[0]] = (names, *parts[0][1:])
        if node.op_type == "ConstantOfShape" and known.get(node.input[0]) is not None:
            known[node.output[0]] = ((node.output[0],), onnx.TensorProto.FLOAT, 4)
        place = f"{path}#{index}"
        for position in INPUTS.get(node.op_type, ()):
            if position >= len(node.input):
                continue
            constant = known.get(node.input[position])
            if constant is None or constant[2] < (1 if node.op_type == "MatMul" else 2):
                continue
            if node.op_type == "Gather" and constant[1] not in TABLES:
                continue
            found += [(place, position, name) for name in constant[0]]
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                found += simple_scan(attribute.g, known, f"{place}.{attribute.name}")
    return found


@pytest.mark.parametrize("path", ALL_MODELS)
def test_as_many_as_a_simple_scan(path: Path) -> None:
    wanted = simple_scan(onnx.load(path, load_external_data=False).graph, {}, "main")
    file = Model.open(path)
    found = [(file.nodes[w.node].path, w.input, w.constant.name) for w in file.weights]
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("path", ALL_MODELS)
def test_what_is_printed_is_the_stored_shape(path: Path) -> None:
    for weight in Model.open(path).weights:
        assert weight.problem is None
        assert weight.view.shape == weight.constant.shape


def codes_of(packed: Any, k: int) -> Any:
    """4-bit codes of [N, blocks, bytes], low half first, without what fills the last block."""
    low, high = packed & 15, packed >> 4
    return np.stack([low, high], -1).reshape(len(packed), -1)[:, :k]


def test_zeros_of_packed_codes_by_hand() -> None:
    """stories260K in 4 bits: symmetric, so that 8 is zero; the padding of K = 172 is nobody's."""
    path = shared_model("stories260K_int4_matmulnbits.onnx")
    proto = onnx.load(path)
    stored = {t.name: numpy_helper.to_array(t) for t in proto.graph.initializer}
    wanted = {}
    for node in proto.graph.node:
        if node.op_type == "MatMulNBits":
            given = {a.name: a.i for a in node.attribute}
            assert given["bits"] == 4 and len(node.input) == 3
            codes = codes_of(stored[node.input[1]], given["K"])
            assert codes.shape == (given["N"], given["K"])
            wanted[node.input[1]] = (codes.size, int((codes == 8).sum()))
    session = sv.open(path)
    session.measure()
    found = {r.tensor: (r.elements, r.zeros) for r in session.weights if r.op == "MatMulNBits"}
    assert len(found) == 35 and found == wanted


@pytest.mark.parametrize("name", ["sst2_bilstm", "ten_vad", "gtcrn_simple", "candy_style",
                                  "silero_vad_v6", "tiny_gpt2_beamsearch",
                                  "ppocr_en_number_rec"])  # fmt: skip
def test_zeros_of_floats_by_hand(name: str) -> None:
    """Each weight has as many zeros as the tensor of that name, read by onnx alone."""
    path = shared_model(f"{name}.onnx")
    arrays: dict[str, Any] = {}

    def collect(graph: Any) -> None:
        arrays.update({t.name: numpy_helper.to_array(t) for t in graph.initializer})
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    collect(attribute.g)
                if node.op_type == "Constant" and attribute.name == "value":
                    arrays[node.output[0]] = numpy_helper.to_array(attribute.t)

    collect(onnx.load(path).graph)
    session = sv.open(path)
    session.measure()
    for row in session.weights:
        array = arrays[row.tensor]
        assert (row.elements, row.zeros) == (array.size, int((array == 0).sum()))
