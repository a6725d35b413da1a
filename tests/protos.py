"""Reads saved models with onnx alone: every tensor by place, and models without our annotations.

Never imports the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

OURS = ("__sparsity", "__sparsity_format")


def nodes(model: ModelProto) -> Iterator[NodeProto]:
    """Every node of the main graph, of subgraphs and of functions."""
    waiting: list[Any] = [model.graph, *model.functions]
    while waiting:
        for node in waiting.pop().node:
            yield node
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    waiting.append(attribute.g)
                waiting += attribute.graphs


def without_annotations(model: ModelProto) -> bytes:
    """Everything else that the model holds, unknown fields too, in one order."""
    stripped = ModelProto()
    stripped.CopyFrom(model)
    for node in nodes(stripped):
        for k in reversed(range(len(node.attribute))):
            if node.attribute[k].name in OURS:
                del node.attribute[k]
        _drop(node.metadata_props)
    _drop(stripped.metadata_props)
    return stripped.SerializeToString(deterministic=True)


def _drop(entries: Any) -> None:
    for k in reversed(range(len(entries))):
        if entries[k].key.startswith("pkg.sparseview"):
            del entries[k]


def tensors(model: ModelProto) -> dict[str, Any]:
    """Every stored tensor by its place: TensorProto, SparseTensorProto, or a number attribute."""
    found: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = [("main", model.graph)]
    waiting += [(f"function {k}", f) for k, f in enumerate(model.functions)]
    while waiting:
        path, graph = waiting.pop()
        if isinstance(graph, GraphProto):
            for k, tensor in enumerate(graph.initializer):
                found[f"{path} initializer {k}"] = tensor
            for k, sparse in enumerate(graph.sparse_initializer):
                found[f"{path} sparse_initializer {k}"] = sparse
        for k, node in enumerate(graph.node):
            for attribute in node.attribute:
                place = f"{path} node {k} {attribute.name}"
                if attribute.HasField("g"):
                    waiting.append((place, attribute.g))
                for n, inner in enumerate(attribute.graphs):
                    waiting.append((f"{place} {n}", inner))
                if attribute.HasField("t"):
                    found[place] = attribute.t
                elif attribute.HasField("sparse_tensor"):
                    found[place] = attribute.sparse_tensor
                elif node.op_type == "Constant" and attribute.name.startswith("value_"):
                    found[place] = attribute
    return found


def dense(value: Any, folder: str = "") -> np.ndarray[Any, Any]:
    """The numbers of what `tensors` gives, dense; external data are looked up in `folder`."""
    if isinstance(value, TensorProto):
        return numpy_helper.to_array(value, folder)
    if isinstance(value, AttributeProto):
        numbers = onnx.helper.get_attribute_value(value)
        return np.array(numbers, np.float32 if "float" in value.name else np.int64)
    values = numpy_helper.to_array(value.values, folder)
    indices = numpy_helper.to_array(value.indices, folder)
    if indices.ndim == 2:
        indices = np.ravel_multi_index(tuple(indices.T), tuple(value.dims))
    assert (np.diff(indices) > 0).all(), "ONNX wants ascending indices"
    full = np.zeros(int(np.prod(value.dims)), values.dtype)
    full[indices] = values
    return full.reshape(tuple(value.dims))


def bits(array: np.ndarray[Any, Any]) -> bytes:
    """The array's bytes: equal only where every element is, NaN and the sign of zero included."""
    return np.ascontiguousarray(array).tobytes()


def clear(value: Any) -> None:
    """Take the numbers out of what `tensors` gives, and leave everything else."""
    if isinstance(value, TensorProto):
        for name in (
            "raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data",
            "external_data",
        ):  # fmt: skip
            value.ClearField(name)
    elif isinstance(value, AttributeProto):
        for name in ("f", "i", "floats", "ints"):
            value.ClearField(name)
    else:
        for tensor in (value.values, value.indices):
            clear(tensor)
            tensor.ClearField("dims")
