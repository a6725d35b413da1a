"""The type and shape of every tensor, as far as the model tells or ONNX can infer them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import onnx
from google.protobuf.message import DecodeError, EncodeError
from onnx import FunctionProto, GraphProto, ModelProto, NodeProto, TypeProto, ValueInfoProto

from sparseview.model.dtypes import dtype_name

if TYPE_CHECKING:
    from sparseview.model.document import Graph, Model

Dim = int | str | None
# (type's name, dims): a dim is a size, a named size, or None where unknown. Dims are None where
# the rank is unknown, and for what is no tensor.
TensorType = tuple[str, tuple[Dim, ...] | None]
# What onnx's inference raises on models that are invalid or too large to hand over.
FAILURES = (
    onnx.shape_inference.InferenceError,
    onnx.checker.ValidationError,
    RuntimeError,
    ValueError,
    TypeError,
    DecodeError,
    EncodeError,
)


def infer(model: Model) -> dict[int, dict[str, TensorType]]:
    """Per graph id, the type and shape of each tensor by name; without tensors of unknown type.

    Takes about as long as a parse of the graph, on the skeleton: no weight is read. Where onnx's
    inference fails, what the model declares (inputs, outputs, value_info, initializers) is the
    answer.
    """
    try:
        inferred = onnx.shape_inference.infer_shapes(model.proto)
    except FAILURES:
        inferred = model.proto
    graphs: dict[int, GraphProto | FunctionProto] = {}
    result: dict[int, dict[str, TensorType]] = {}
    functions = iter(inferred.functions)
    for graph in model.graphs:
        proto = _same_graph(model, graph, inferred, graphs, functions)
        graphs[graph.id] = proto
        result[graph.id] = _types(proto)
        for name, constant in model.constants(graph.id).items():
            result[graph.id].setdefault(name, (dtype_name(constant.dtype), constant.shape))
    return result


def _same_graph(
    model: Model,
    graph: Graph,
    inferred: ModelProto,
    graphs: dict[int, GraphProto | FunctionProto],
    functions: Iterator[FunctionProto],
) -> GraphProto | FunctionProto:
    """The graph in the inferred model that stands where `graph` stands in the model.

    Inference keeps the order of nodes and attributes, so places correspond.
    """
    if graph.kind == "main":
        return inferred.graph
    if graph.parent is None:
        return next(functions)
    parent = model.nodes[graph.parent]
    node: NodeProto = graphs[parent.graph].node[parent.index]
    for attribute, original in zip(node.attribute, parent.proto.attribute, strict=True):
        found: list[GraphProto] = [attribute.g, *attribute.graphs]
        for inner, same in zip([original.g, *original.graphs], found, strict=True):
            if inner is graph.proto:
                return same
    return graph.proto


def _types(graph: GraphProto | FunctionProto) -> dict[str, TensorType]:
    groups: list[Iterable[ValueInfoProto]] = [graph.value_info]
    if isinstance(graph, GraphProto):
        groups = [graph.value_info, graph.output, graph.input]  # the later one counts
    return {
        value.name: found
        for group in groups
        for value in group
        if (found := tensor_type(value.type)) is not None
    }


def tensor_type(kind: TypeProto) -> TensorType | None:
    """The name and dims of a declared type; None where nothing is declared.

    Sequences, optionals and maps read like `sequence(float32)`.
    """
    which = kind.WhichOneof("value")
    if which in ("tensor_type", "sparse_tensor_type"):
        tensor = kind.tensor_type if which == "tensor_type" else kind.sparse_tensor_type
        if not tensor.elem_type:
            return None
        if not tensor.HasField("shape"):
            return dtype_name(tensor.elem_type), None
        dims: list[Dim] = []
        for dim in tensor.shape.dim:
            told = dim.WhichOneof("value")
            if told == "dim_value" and dim.dim_value >= 0:
                dims.append(dim.dim_value)
            else:
                dims.append(dim.dim_param or None)
        return dtype_name(tensor.elem_type), tuple(dims)
    if which == "map_type":
        inner = tensor_type(kind.map_type.value_type)
        key = dtype_name(kind.map_type.key_type)
        return f"map({key}, {inner[0] if inner else '?'})", None
    if which in ("sequence_type", "optional_type"):
        element = kind.sequence_type if which == "sequence_type" else kind.optional_type
        inner = tensor_type(element.elem_type)
        return f"{which.removesuffix('_type')}({inner[0] if inner else '?'})", None
    return None
