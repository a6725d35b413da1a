"""Models in which an operator reads a weight, and the ways that a weight can come to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import ModelProto, NodeProto, TensorProto, helper
from onnx import numpy_helper as nh
from onnx.reference import ReferenceEvaluator

from sparseview.model.document import Model
from sparseview.model.weights import Weight

Array = np.ndarray[Any, Any]


def opened(model: ModelProto, folder: Path) -> Model:
    """The model as Sparseview opens it from a file."""
    path = folder / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return Model.open(path)


@dataclass(frozen=True)
class Reading:
    """An operator that reads `shape` at `input`; x is its other input.

    roles : brute-force view, array as read -> [stack, out, kernel, in].
    y_of, x_of : slices of output and other input that belong to an output (input) channel
        (stack, unit); None where the operator has none.
    """

    name: str
    op: str
    input: int
    shape: tuple[int, ...]
    x: tuple[int, ...]
    axes: dict[str, list[int]]
    roles: Callable[[Array], Array]
    y_of: Callable[[Array, int, int], Array] | None
    x_of: Callable[[Array, int, int], Array]
    attributes: dict[str, Any] = field(default_factory=dict)

    def model(self, way: Way | None = None, array: Array | None = None) -> ModelProto:
        """A model x -> y in which the weight (zeros, or `array`) comes to the operator by `way`."""
        array = np.zeros(self.shape, np.float32) if array is None else array
        stored, nodes, tensors = (way or DIRECT).store(array)
        names = ["x", "read"] if self.input == 1 else ["read", "x"]
        op = helper.make_node(self.op, names, ["y"], "op", **self.attributes)
        return model([*nodes, op], [*tensors, stored], self.x)


def axes(stack: Sequence[int] = (), out: Sequence[int] = (), kernel: Sequence[int] = (),
         in_: Sequence[int] = ()) -> dict[str, list[int]]:  # fmt: skip
    return {"stack": list(stack), "out": list(out), "kernel": list(kernel), "in": list(in_)}


def model(
    nodes: Sequence[NodeProto], tensors: Sequence[TensorProto], x: Sequence[int], **more: Any
) -> ModelProto:
    """Float input x, float output y of any shape."""
    y = helper.make_value_info("y", helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    info = helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x))
    graph = helper.make_graph(nodes, "g", [info], [y], tensors)
    imports = [
        helper.make_opsetid("", 21),
        *(helper.make_opsetid(d, 1) for d in more.pop("domains", ())),
    ]
    return helper.make_model(graph, opset_imports=imports, ir_version=10, **more)


def _conv(name: str, groups: int, out: int, in_: int, kernel: tuple[int, ...]) -> Reading:
    """Conv by its definition: output channel g*O + o reads input channels g*I ... g*I + I."""
    per = out // groups

    def roles(w: Array) -> Array:
        logical = np.empty((groups, per, int(np.prod(kernel)), in_), w.dtype)
        for m, c in np.ndindex(out, in_):
            logical[m // per, m % per, :, c] = w[m, c].ravel()
        return logical

    dims = range(2, 2 + len(kernel))
    return Reading(
        name, "Conv", 1, (out, in_, *kernel), (2, groups * in_, *(k + 2 for k in kernel)),
        axes([0] if groups > 1 else [], [0], dims, [1]), roles,
        lambda y, s, o: y[:, s * per + o], lambda x, s, i: x[:, s * in_ + i],
        {"group": groups} if groups > 1 else {},
    )  # fmt: skip


def _transposed_conv(
    name: str, groups: int, out: int, in_: int, kernel: tuple[int, ...]
) -> Reading:
    """ConvTranspose by its definition: input channel g*I + i feeds output channels g*O ... + O.

    out, in_ : of one group.
    """

    def roles(w: Array) -> Array:
        logical = np.empty((groups, out, int(np.prod(kernel)), in_), w.dtype)
        for c, m in np.ndindex(groups * in_, out):
            logical[c // in_, m, :, c % in_] = w[c, m].ravel()
        return logical

    dims = range(2, 2 + len(kernel))
    return Reading(
        name, "ConvTranspose", 1, (groups * in_, out, *kernel), (2, groups * in_, *[3] * len(dims)),
        axes([0] if groups > 1 else [], [1], dims, [0]), roles,
        lambda y, s, o: y[:, s * out + o], lambda x, s, i: x[:, s * in_ + i],
        {"group": groups} if groups > 1 else {},
    )  # fmt: skip


READINGS: tuple[Reading, ...] = (
    _transposed_conv("transposed conv1d", 1, 6, 4, (3,)),
    _transposed_conv("transposed conv2d", 1, 6, 4, (3, 2)),
    _transposed_conv("transposed conv3d", 1, 3, 2, (2, 3, 2)),
    _transposed_conv("transposed conv grouped", 2, 3, 4, (3, 3)),
    _transposed_conv("transposed conv depthwise", 5, 2, 1, (3, 3)),
    Reading("einsum", "Einsum", 1, (5, 7), (2, 3, 5), axes(out=[1], in_=[0]),
            lambda w: w.T[None, :, None], lambda y, s, o: y[..., o], lambda x, s, i: x[..., i],
            {"equation": "bij, jk -> bik"}),
    Reading("einsum left", "Einsum", 0, (7, 5), (2, 5, 3), axes(out=[0], in_=[1]),
            lambda w: w[None, :, None], lambda y, s, o: y[:, o], lambda x, s, i: x[:, i],
            {"equation": "kj,bji->bki"}),
    Reading("einsum heads", "Einsum", 1, (4, 5, 2, 3), (2, 4, 5), axes(out=[2, 3], in_=[0, 1]),
            lambda w: w.reshape(20, 6).T[None, :, None],
            lambda y, s, o: y.reshape(2, 6)[:, o], lambda x, s, i: x.reshape(2, 20)[:, i],
            {"equation": "bqd,qdhe->bhe"}),
    Reading("einsum batched", "Einsum", 1, (5, 3, 7), (3, 2, 5), axes([1], [2], [], [0]),
            lambda w: np.stack([w[:, s].T for s in range(3)])[:, :, None],
            lambda y, s, o: y[s, :, o], lambda x, s, i: x[s, :, i],
            {"equation": "sbi,iso->sbo"}),
    Reading("einsum implicit", "Einsum", 1, (5, 7), (3, 5), axes(out=[1], in_=[0]),
            lambda w: w.T[None, :, None], lambda y, s, o: y[:, o], lambda x, s, i: x[:, i],
            {"equation": "ab,bc"}),
    Reading("einsum ellipsis", "Einsum", 1, (2, 5, 7), (2, 3, 5), axes([0], [2], [], [1]),
            lambda w: np.stack([w[s].T for s in range(2)])[:, :, None],
            lambda y, s, o: y[s, :, o], lambda x, s, i: x[s, :, i],
            {"equation": "...ij,...jk->...ik"}),
    _conv("conv1d", 1, 6, 4, (3,)),
    _conv("conv2d", 1, 6, 4, (3, 2)),
    _conv("conv3d", 1, 4, 3, (2, 3, 2)),
    _conv("conv grouped", 2, 6, 4, (3, 3)),
    _conv("conv depthwise", 5, 5, 1, (3, 3)),
    _conv("conv depthwise x2", 3, 6, 1, (3, 3)),
    Reading("gemm b", "Gemm", 1, (5, 7), (3, 5), axes(out=[1], in_=[0]),
            lambda w: w.T[None, :, None], lambda y, s, o: y[:, o], lambda x, s, i: x[:, i]),
    Reading("gemm b transposed", "Gemm", 1, (7, 5), (3, 5), axes(out=[0], in_=[1]),
            lambda w: w[None, :, None], lambda y, s, o: y[:, o], lambda x, s, i: x[:, i],
            {"transB": 1}),
    Reading("gemm a", "Gemm", 0, (7, 5), (5, 3), axes(out=[0], in_=[1]),
            lambda w: w[None, :, None], lambda y, s, o: y[o], lambda x, s, i: x[i]),
    Reading("gemm a transposed", "Gemm", 0, (5, 7), (5, 3), axes(out=[1], in_=[0]),
            lambda w: w.T[None, :, None], lambda y, s, o: y[o], lambda x, s, i: x[i],
            {"transA": 1}),
    Reading("matmul right", "MatMul", 1, (5, 7), (2, 3, 5), axes(out=[1], in_=[0]),
            lambda w: w.T[None, :, None], lambda y, s, o: y[..., o], lambda x, s, i: x[..., i]),
    Reading("matmul left", "MatMul", 0, (7, 5), (2, 5, 3), axes(out=[0], in_=[1]),
            lambda w: w[None, :, None], lambda y, s, o: y[:, o], lambda x, s, i: x[:, i]),
    Reading("matmul batched", "MatMul", 1, (2, 3, 5, 7), (2, 3, 4, 5),
            axes([0, 1], [3], [], [2]),
            lambda w: np.stack([w[a, b].T for a in range(2) for b in range(3)])[:, :, None],
            lambda y, s, o: y[s // 3, s % 3, :, o], lambda x, s, i: x[s // 3, s % 3, :, i]),
    Reading("matmul batched left", "MatMul", 0, (2, 7, 5), (2, 5, 4),
            axes([0], [1], [], [2]),
            lambda w: w[:, :, None], lambda y, s, o: y[s, o], lambda x, s, i: x[s, i]),
    Reading("matmul vector", "MatMul", 1, (5,), (3, 5), axes(in_=[0]),
            lambda w: w[None, None, None], lambda y, s, o: y, lambda x, s, i: x[..., i]),
    Reading("gather", "Gather", 0, (9, 4), (), axes(out=[0], in_=[1]),
            lambda w: w[None, :, None], None, lambda x, s, i: x),
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a tensor that the operator reads is stored.

    store : what is to be read (float32) -> (stored tensor `w`, nodes that make `read`, others).
    """

    name: str
    store: Callable[[Array], tuple[TensorProto, list[NodeProto], list[TensorProto]]]
    ranks: range = range(1, 9)
    keeps_dims: bool = True


def _node(op: str, *inputs: str, **attributes: Any) -> list[NodeProto]:
    return [helper.make_node(op, list(inputs), ["read"], **attributes)]


def _ints(name: str, values: Sequence[int]) -> TensorProto:
    return nh.from_array(np.array(values, np.int64), name)


def _transposed(a: Array) -> tuple[TensorProto, list[NodeProto], list[TensorProto]]:
    """Stored with its dims rolled by one: w[i...] = read[..., i]."""
    perm = [*range(1, a.ndim), 0]
    inverse = [int(i) for i in np.argsort(perm)]
    return nh.from_array(a.transpose(inverse).copy(), "w"), _node("Transpose", "w", perm=perm), []


def _reversed(a: Array) -> tuple[TensorProto, list[NodeProto], list[TensorProto]]:
    return nh.from_array(a.T.copy(), "w"), _node("Transpose", "w"), []


def _quantized(a: Array, axis: int | None, block: int = 0) -> Any:
    """uint8 codes whose zero point is 7 times its index along the axis (or of its block)."""
    if axis is None:
        zeros: Array = np.array(113, np.uint8)
        whole: Any = zeros
        more: dict[str, int] = {}
    elif not block:
        zeros = (7 * np.arange(a.shape[axis])).astype(np.uint8)
        whole = zeros.reshape([-1 if d == axis else 1 for d in range(a.ndim)])
        more = {"axis": axis}
    else:
        shape = list(a.shape)
        shape[axis] = -(-shape[axis] // block)
        zeros = (7 * np.arange(np.prod(shape)) % 200).astype(np.uint8).reshape(shape)
        whole = np.repeat(zeros, block, axis)[tuple(slice(n) for n in a.shape)]
        more = {"axis": axis, "block_size": block}
    codes = (a + whole).astype(np.uint8)
    tensors = [nh.from_array(np.ones(zeros.shape, np.float32), "scale"), nh.from_array(zeros, "z")]
    return nh.from_array(codes, "w"), _node("DequantizeLinear", "w", "scale", "z", **more), tensors


def _reshaped(a: Array, shape: Sequence[int], given: Sequence[int]) -> Any:
    return (
        nh.from_array(a.reshape(shape), "w"),
        _node("Reshape", "w", "to"),
        [_ints("to", given)],
    )


def _long(a: Array) -> Any:
    """Identity, Cast from float16, Transpose and back, a unit dim on and off."""
    nodes = [
        helper.make_node("Identity", ["w"], ["c1"]),
        helper.make_node("Cast", ["c1"], ["c2"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["c2"], ["c3"], perm=[*range(1, a.ndim), 0]),
        helper.make_node("Unsqueeze", ["c3", "axes"], ["c4"]),
        helper.make_node("Squeeze", ["c4", "axes"], ["c5"]),
        helper.make_node("Identity", ["c5"], ["read"]),
    ]
    stored = a.transpose([a.ndim - 1, *range(a.ndim - 1)]).astype(np.float16)
    return nh.from_array(stored.copy(), "w"), nodes, [_ints("axes", [1])]


def _fake_quantized(a: Array) -> Any:
    nodes = [
        helper.make_node("QuantizeLinear", ["w", "scale", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "z"], ["read"]),
    ]
    tensors = [nh.from_array(np.float32(1), "scale"), nh.from_array(np.uint8(9), "z")]
    return nh.from_array(a, "w"), nodes, tensors


def _late_quantized(a: Array) -> Any:
    """Codes stored reversed, transposed before they are dequantized per last axis."""
    last = a.ndim - 1
    zeros = (3 * np.arange(a.shape[last])).astype(np.uint8)
    codes = (a + zeros).astype(np.uint8).T.copy()
    nodes = [
        helper.make_node("Transpose", ["w"], ["t"]),
        helper.make_node("Identity", ["z0"], ["z1"]),
        helper.make_node("Cast", ["z1"], ["z"], to=TensorProto.UINT8),
        helper.make_node("DequantizeLinear", ["t", "scale", "z"], ["read"], axis=last),
    ]
    tensors = [
        nh.from_array(np.ones(zeros.shape, np.float32), "scale"),
        nh.from_array(zeros.astype(np.int32), "z0"),
    ]
    return nh.from_array(codes, "w"), nodes, tensors


def _two_casts(a: Array) -> Any:
    nodes = [
        helper.make_node("Cast", ["w"], ["half"], to=TensorProto.FLOAT16),
        helper.make_node("Cast", ["half"], ["read"], to=TensorProto.FLOAT),
    ]
    return nh.from_array(a, "w"), nodes, []


def _split(a: Array) -> Any:
    """Stored with the halves of its first dim swapped."""
    half = a.shape[0] // 2
    nodes = [
        helper.make_node("Split", ["w", "sizes"], ["front", "back"], axis=0),
        helper.make_node("Concat", ["back", "front"], ["read"], axis=0),
    ]
    stored = np.concatenate([a[half:], a[:half]])
    return nh.from_array(stored, "w"), nodes, [_ints("sizes", [len(a) - half, half])]


DIRECT = Way("direct", lambda a: (nh.from_array(a, "w"), _node("Identity", "w"), []))
WAYS: tuple[Way, ...] = (
    DIRECT,
    Way("casts", _two_casts),
    Way("transposed", _transposed),
    Way("reversed", _reversed),
    Way("long", _long),
    Way("reshape -1", lambda a: _reshaped(a, (1, *a.shape), (*a.shape[:-1], -1))),
    Way("reshape 0", lambda a: _reshaped(a, (*a.shape, 1), (0,) * a.ndim)),
    Way("flat", lambda a: _reshaped(a, (a.size,), a.shape), range(2, 9), keeps_dims=False),
    Way("flatten", lambda a: (nh.from_array(a[..., None], "w"), _node("Flatten", "w"), []),
        range(2, 3)),
    Way("squeeze", lambda a: (nh.from_array(a[None], "w"), _node("Squeeze", "w", "a"),
                              [_ints("a", [0])])),
    Way("unsqueeze", lambda a: (nh.from_array(a[0], "w"), _node("Unsqueeze", "w", "a"),
                                [_ints("a", [-a.ndim])]), range(2, 9)),
    Way("zero point", lambda a: _quantized(a, None)),
    Way("zero points", lambda a: _quantized(a, 0)),
    Way("zero point blocks", lambda a: _quantized(a, 1, 2), range(2, 9)),
    Way("late zero points", _late_quantized),
    Way("fake quantized", _fake_quantized),
    Way("split", _split),
)  # fmt: skip


def stored_tensor(model: ModelProto) -> TensorProto:
    (tensor,) = (t for t in model.graph.initializer if t.name == "w")
    assert isinstance(tensor, TensorProto)
    return tensor


def replaced(model: ModelProto, array: Array) -> ModelProto:
    """The model with other elements in its stored tensor."""
    other = ModelProto()
    other.CopyFrom(model)
    stored_tensor(other).CopyFrom(nh.from_array(np.ascontiguousarray(array), "w"))
    return other


def evaluated(model: ModelProto, x: Array) -> Array:
    """What ONNX's reference evaluator computes; ONNX Runtime, where that one ignores groups."""
    if any(node.op_type == "ConvTranspose" for node in model.graph.node):
        session = onnxruntime.InferenceSession(model.SerializeToString())
        return np.asarray(session.run(None, {"x": x})[0])
    (result,) = ReferenceEvaluator(model).run(None, {"x": x})
    return np.asarray(result)


def what_is_read(made: ModelProto) -> Array:
    """The weight as it reaches the last node, by ONNX's reference evaluator."""
    alone = ModelProto()
    alone.CopyFrom(made)
    del alone.graph.node[-1], alone.graph.input[:]
    alone.graph.output[0].CopyFrom(onnx.ValueInfoProto(name="read"))
    (result,) = ReferenceEvaluator(alone).run(None, {})
    return np.asarray(result)


def small_integers(shape: tuple[int, ...], seed: int = 1) -> Any:
    """Values -3..3: exact in every type here; a third of them zero, the second one always."""
    random = np.random.default_rng(seed)
    array = (random.integers(1, 4, shape) * random.integers(-1, 2, shape)).astype(np.float32)
    array.reshape(-1)[1:2] = 0
    return array


def only_weight(found: tuple[Weight, ...]) -> Weight:
    (weight,) = found
    return weight
