"""Tiny ONNX models of every kind, made in code.

Each function returns a ModelProto that the checker accepts, but for `invalid`; weights come from a
fixed seed, so that a failure repeats.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto, helper
from onnx import numpy_helper as nh

F = TensorProto.FLOAT


def weights(*shape: int, sparsity: float = 0.5, seed: int = 0) -> np.ndarray:
    """Random float32 with about that fraction of zeros, one of them -0.0."""
    random = np.random.default_rng(seed)
    array = random.standard_normal(shape).astype(np.float32)
    array[random.random(shape) < sparsity] = 0
    array.reshape(-1)[0] = -0.0
    return array


def value(name: str, *shape: int | str, dtype: int = F) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, list(shape))


def model(
    nodes: Sequence[NodeProto],
    tensors: Sequence[TensorProto] = (),
    *,
    x: Sequence[int | str] = ("N", 32),
    y: Sequence[int | str] = ("N", "M"),
    sparse: Sequence[SparseTensorProto] = (),
    functions: Sequence[onnx.FunctionProto] = (),
    domains: Sequence[str] = (),
    opset: int = 21,
) -> ModelProto:
    """A model with one input `x` and one output `y`."""
    graph = helper.make_graph(
        nodes, "tiny", [value("x", *x)], [value("y", *y)], tensors, sparse_initializer=sparse
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=10)


def conv() -> ModelProto:
    """One Conv with a bias."""
    node = helper.make_node("Conv", ["x", "w", "b"], ["y"], "conv", pads=[1, 1, 1, 1])
    tensors = [nh.from_array(weights(16, 8, 3, 3), "w"), nh.from_array(weights(16), "b")]
    return model([node], tensors, x=("N", 8, 9, 9), y=("N", 16, 9, 9))


def gemm() -> ModelProto:
    """One Gemm whose weight is stored [out, in]."""
    node = helper.make_node("Gemm", ["x", "w", "b"], ["y"], "gemm", transB=1)
    tensors = [nh.from_array(weights(16, 32), "w"), nh.from_array(weights(16), "b")]
    return model([node], tensors)


def matmul() -> ModelProto:
    """Two MatMuls, one weight over and one under the skeleton's threshold of 1024 bytes."""
    nodes = [
        helper.make_node("MatMul", ["x", "large"], ["h"], "first"),
        helper.make_node("MatMul", ["h", "small"], ["y"], "second"),
    ]
    tensors = [nh.from_array(weights(32, 24), "large"), nh.from_array(weights(24, 4), "small")]
    return model(nodes, tensors)


def packed_floats() -> ModelProto:
    """A MatMul whose weight is stored in float_data, and an explicit data_location = DEFAULT."""
    tensor = helper.make_tensor("w", F, [32, 24], weights(32, 24).ravel())
    tensor.data_location = TensorProto.DEFAULT
    return model([helper.make_node("MatMul", ["x", "w"], ["y"], "m")], [tensor])


def subgraph_if() -> ModelProto:
    """An If whose branches hold their own weights; a nested If inside the first."""

    def branch(name: str, seed: int, extra: Sequence[NodeProto] = ()) -> GraphProto:
        nodes = [helper.make_node("MatMul", ["x", f"{name}_w"], [f"{name}_y"], f"{name}_matmul")]
        tensor = nh.from_array(weights(32, 16, seed=seed), f"{name}_w")
        output = value(f"{name}_y", "N", 16)
        return helper.make_graph([*nodes, *extra], name, [], [output], [tensor])

    inner = helper.make_node(
        "If",
        ["condition"],
        ["inner_y"],
        "inner",
        then_branch=branch("deep_then", 3),
        else_branch=branch("deep_else", 4),
    )
    nodes = [
        helper.make_node("Constant", [], ["condition"], value=nh.from_array(np.array(True))),
        helper.make_node(
            "If",
            ["condition"],
            ["y"],
            "choose",
            then_branch=branch("then", 1, [inner]),
            else_branch=branch("else", 2),
        ),
    ]
    return model(nodes, y=("N", 16))


def function() -> ModelProto:
    """A function with a weight of its own, called twice, once with a weight passed in."""
    body = [
        helper.make_node("Constant", [], ["own"], value=nh.from_array(weights(32, 32), "own")),
        helper.make_node("MatMul", ["a", "own"], ["h"], "inside"),
        helper.make_node("MatMul", ["h", "given"], ["r"], "passed"),
    ]
    made = helper.make_function(
        "my.domain", "F", ["a", "given"], ["r"], body, [helper.make_opsetid("", 21)]
    )
    nodes = [
        helper.make_node("F", ["x", "w1"], ["h"], "call1", domain="my.domain"),
        helper.make_node("F", ["h", "w2"], ["y"], "call2", domain="my.domain"),
    ]
    tensors = [
        nh.from_array(weights(32, 32, seed=1), "w1"),
        nh.from_array(weights(32, 32, seed=2), "w2"),
    ]
    return model(nodes, tensors, functions=[made], domains=["my.domain"])


def constant_node() -> ModelProto:
    """Weights in Constant nodes: a tensor, a sparse tensor, a list of floats."""
    sparse = sparse_tensor(weights(32, 16, sparsity=0.9), "unused")
    nodes = [
        helper.make_node("Constant", [], ["dense"], value=nh.from_array(weights(32, 32), "t")),
        helper.make_node("MatMul", ["x", "dense"], ["h"], "first"),
        helper.make_node("Constant", [], ["coo"], sparse_value=sparse),
        helper.make_node("MatMul", ["h", "coo"], ["g"], "second"),
        helper.make_node("Constant", [], ["list"], value_floats=[0.5, 0.0, -1.5, 2.0] * 4),
        helper.make_node("Mul", ["g", "list"], ["k"], "scale"),
        helper.make_node("Constant", [], ["axis"], value_int=1),
        helper.make_node("Unsqueeze", ["k", "axis"], ["y"], "unsqueeze"),
    ]
    return model(nodes, y=("N", 1, 16))


def sparse_tensor(array: np.ndarray, name: str, *, linear: bool = True) -> SparseTensorProto:
    """The array in COO form, indices linear [nnz] or by axis [nnz, rank]."""
    places = np.flatnonzero(array)
    indices = places if linear else np.stack(np.unravel_index(places, array.shape), axis=1)
    return helper.make_sparse_tensor(
        nh.from_array(array.reshape(-1)[places], name),
        nh.from_array(np.ascontiguousarray(indices, np.int64), f"{name}_indices"),
        list(array.shape),
    )


def sparse_initializer(*, linear: bool = True) -> ModelProto:
    """A MatMul whose weight is a sparse initializer."""
    sparse = sparse_tensor(weights(32, 48, sparsity=0.8), "w", linear=linear)
    return model([helper.make_node("MatMul", ["x", "w"], ["y"], "m")], sparse=[sparse])


def bfloat16_numbers() -> ModelProto:
    """A MatMul in bfloat16 whose weight's bit patterns lie in int32_data."""
    bits = weights(32, 16).view(np.uint32) >> 16
    tensor = TensorProto(name="w", data_type=TensorProto.BFLOAT16, dims=[32, 16])
    tensor.int32_data.extend(int(b) for b in bits.ravel())
    made = model([helper.make_node("MatMul", ["x", "w"], ["y"], "m")], [tensor])
    for info in (*made.graph.input, *made.graph.output):
        info.type.tensor_type.elem_type = TensorProto.BFLOAT16
    return made


def float16() -> ModelProto:
    """A MatMul in float16."""
    tensor = nh.from_array(weights(32, 32).astype(np.float16), "w")
    made = model([helper.make_node("MatMul", ["x", "w"], ["y"], "m")], [tensor])
    for info in (*made.graph.input, *made.graph.output):
        info.type.tensor_type.elem_type = TensorProto.FLOAT16
    return made


def int4() -> ModelProto:
    """A MatMul behind a DequantizeLinear of an int4 weight with an odd number of elements."""
    codes = np.random.default_rng(0).integers(-8, 8, 33 * 77)
    tensor = helper.make_tensor("q", TensorProto.INT4, [33, 77], codes)
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "scale"], ["w"], "dq"),
        helper.make_node("MatMul", ["x", "w"], ["y"], "m"),
    ]
    return model(nodes, [tensor, nh.from_array(np.float32(0.1), "scale")], x=("N", 33))


def qdq() -> ModelProto:
    """A Gemm behind a DequantizeLinear of a uint8 weight whose zero is 128."""
    codes = np.random.default_rng(0).integers(126, 131, (48, 32)).astype(np.uint8)
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["w"], "dq"),
        helper.make_node("Gemm", ["x", "w"], ["y"], "gemm", transB=1),
    ]
    tensors = [
        nh.from_array(codes, "q"),
        nh.from_array(np.float32(0.1), "scale"),
        nh.from_array(np.uint8(128), "zero"),
    ]
    return model(nodes, tensors)


def invalid() -> ModelProto:
    """Parses, but the checker refuses it: a Relu with an attribute that Relu does not have."""
    return model([helper.make_node("Relu", ["x"], ["y"], "relu", sparsity=0.5)])


def external(folder: Path, **entries: str) -> Path:
    """Save a MatMul with external data in `folder`; `entries` replace the weight's own.

    Returns the model's path; the data file is weights.bin, 64 bytes into which the weight begins.
    """
    array = weights(32, 24)
    (folder / "weights.bin").write_bytes(b"\xaa" * 64 + array.tobytes())
    tensor = TensorProto(name="w", data_type=F, dims=array.shape)
    tensor.data_location = TensorProto.EXTERNAL
    stored = {"location": "weights.bin", "offset": "64", "length": str(array.nbytes), **entries}
    for key, text in stored.items():
        tensor.external_data.add(key=key, value=text)
    made = model([helper.make_node("MatMul", ["x", "w"], ["y"], "m")], [tensor])
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field, encoded by hand: an independent witness for tests."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(n: int) -> bytes:
    low = [n >> 7 * i & 0x7F for i in range(max(1, -(-n.bit_length() // 7)))]
    return struct.pack(f"{len(low)}B", *(b | 0x80 for b in low[:-1]), low[-1])


# Everything that is one file; `external` needs a folder.
ALL: tuple[Callable[[], ModelProto], ...] = (
    conv,
    gemm,
    matmul,
    packed_floats,
    subgraph_if,
    function,
    constant_node,
    sparse_initializer,
    bfloat16_numbers,
    float16,
    int4,
    qdq,
    invalid,
)


def network(
    *, declared: dict[str, tuple[float, str]] | None = None, ir_version: int = 10
) -> ModelProto:
    """Two Convs and a Gemm with dense weights; `declared`: layer -> (sparsity, format)."""
    shapes = {"conv1": (16, 8, 3, 3), "conv2": (8, 16, 1, 1), "fc": (10, 512)}
    make = helper.make_node
    nodes = [
        make("Conv", ["x", "conv1.weight"], ["a"], "conv1", pads=[1, 1, 1, 1]),
        make("Relu", ["a"], ["b"], "relu"),
        make("Conv", ["b", "conv2.weight"], ["c"], "conv2"),
        make("Flatten", ["c"], ["d"], "flatten"),
        make("Gemm", ["d", "fc.weight"], ["y"], "fc", transB=1),
    ]
    for node in nodes:
        if declared and node.name in declared:
            sparsity, name = declared[node.name]
            node.attribute.append(helper.make_attribute("__sparsity", float(sparsity)))
            node.attribute.append(helper.make_attribute("__sparsity_format", name))
    tensors = [
        nh.from_array(np.random.default_rng(i).standard_normal(s).astype(np.float32), f"{n}.weight")
        for i, (n, s) in enumerate(shapes.items())
    ]
    made = model(nodes, tensors, x=("N", 8, 8, 8), y=("N", 10))
    made.ir_version = ir_version
    return made


def shared() -> ModelProto:
    """One weight that two MatMuls share, and an embedding table that a Gather reads."""
    make = helper.make_node
    nodes = [
        make("Gather", ["table", "x"], ["e"], "embed"),
        make("MatMul", ["e", "w"], ["h"], "first"),
        make("MatMul", ["h", "w"], ["y"], "second"),
    ]
    tensors = [
        nh.from_array(weights(50, 32, sparsity=0.2, seed=1), "table"),
        nh.from_array(weights(32, 32, sparsity=0.3, seed=2), "w"),
    ]
    made = model(nodes, tensors, x=("N",), y=("N", 32))
    made.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
    return made
