"""What ONNX Runtime gets: the skeleton with its payloads by reference, replaced tensors in memory.

The Runtime maps what stays in the files. Nothing is written to disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import AttributeProto, GraphProto, ModelProto, SparseTensorProto, TensorProto

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.constants import Constant
from sparseview.model.declarations import FOREIGN
from sparseview.model.document import Model
from sparseview.model.dtypes import byte_count, pack
from sparseview.model.external import reference, resolve
from sparseview.model.graphs import nested
from sparseview.model.stored import element_count, stored_range
from sparseview.runtime.bodies import Point, graph_in, keep_needed, surface

# Shapes, which the Runtime needs while it loads, are small whole numbers.
SHAPES = frozenset({TensorProto.INT32, TensorProto.INT64})
MOST_INLINE = 64 << 10  # bytes of a shape
LEAST_OUTSIDE = 1024  # bytes of a replaced tensor that is handed over beside the model
CLAIMS = frozenset(FOREIGN)
LARGEST = (1 << 31) - 1  # bytes of a serialized model


@dataclass(frozen=True, slots=True, eq=False)
class Replaced:
    """A tensor to hand over: storage dtype and stored shape, as `tensors.read` gives them."""

    values: np.ndarray[Any, np.dtype[Any]]
    dtype: int


@dataclass(frozen=True)
class Feed:
    """model : serialized.  folder : what its references are relative to.  tensors : replaced
    ones, by name.  outputs : where each wanted point comes out.
    """

    model: bytes
    folder: str
    tensors: dict[str, Replaced] = field(repr=False)
    outputs: dict[Point, str]


def feed(model: Model, points: Sequence[Point] = (), only: bool = False) -> Feed:
    """The model as the Runtime is to load it, with `points` as extra outputs.

    only : leave out the model's own outputs, and all that the points do not need.
    """
    proto = ModelProto()
    proto.CopyFrom(model.proto)
    # While every node still stands where the model says.
    graphs = {graph.id: graph_in(model, proto, graph) for graph in model.graphs}
    if only:
        del proto.graph.output[:]
    outputs: dict[Point, str] = {}
    made: set[str] = set()
    taken = {value.name for value in proto.graph.output}
    for point in points:
        outputs[point] = name = surface(model, graphs, point, made)
        if name not in taken:
            proto.graph.output.add().name = name
            taken.add(name)
    given = _replace(model, graphs)
    if only:
        keep_needed(proto.graph)
        left = {tensor.name for tensor in proto.graph.initializer}
        given = {name: tensor for name, tensor in given.items() if name in left}
    folder = _refer(model, proto)
    _strip(proto)
    content = proto.SerializeToString() if proto.ByteSize() <= LARGEST else b""
    if not content:
        raise SparseviewError(
            f"{model.path.name} does not fit into what ONNX Runtime can be handed over.",
            "Store its weights as raw_data, or as external data.",
            "too-large",
        )
    return Feed(content, folder, given, outputs)


def _replace(model: Model, graphs: dict[int, Any]) -> dict[str, Replaced]:
    """Put replaced tensors in place of the stored ones; gives those to be handed over apart."""
    given: dict[str, Replaced] = {}
    gone: list[tuple[int, int]] = []
    for constant in _replaced(model):
        graph = graphs[constant.graph]
        array = tensors.present(model, constant)
        stub = TensorProto(name=constant.name, data_type=constant.dtype, dims=array.shape)
        main = model.graphs[constant.graph].kind == "main"
        if main and array.nbytes > LEAST_OUTSIDE and constant.dtype not in SHAPES:
            stub.data_location = TensorProto.EXTERNAL
            given[constant.name] = Replaced(array, constant.dtype)
        else:
            stub.raw_data = pack(array, constant.dtype)
        if constant.place == "initializer":
            graph.initializer[constant.index].CopyFrom(stub)
        elif constant.place == "sparse_initializer":
            graph.initializer.append(stub)
            # Emptied, not deleted: the others' places count. `_strip` takes it away.
            graph.sparse_initializer[constant.index].Clear()
        elif main:
            graph.initializer.append(stub)
            gone.append((constant.graph, constant.index))
        else:
            node = graph.node[constant.index]
            del node.attribute[:]
            node.attribute.add(name="value", type=AttributeProto.TENSOR, t=stub)
    for graph_id, index in sorted(gone, reverse=True):
        del graphs[graph_id].node[index]
    return given


def _replaced(model: Model) -> list[Constant]:
    """The constants whose values are not to be taken from the files."""
    keys = list(model.overlay)
    if model.skeleton.source.replaced():
        # Saved over since it was opened: the path leads to other bytes than the skeleton tells of.
        for graph in model.graphs:
            for constant in model.constants(graph.id).values():
                if any(_is_cut(model, t) for t in _parts(constant.proto)):
                    keys.append(constant.key)
    return [model.constant(key) for key in dict.fromkeys(keys)]


def _refer(model: Model, proto: ModelProto) -> str:
    """Make every reference lead to a real file, relative to one folder, which is the answer."""
    own = os.path.realpath(model.path)
    outside: list[tuple[TensorProto, str, int, int | None]] = []
    for tensor, sparse in _tensors(proto):
        if tensor.data_location != TensorProto.EXTERNAL or not tensor.external_data:
            continue
        size = byte_count(tensor.data_type, element_count(tensor))
        if sparse or (tensor.data_type in SHAPES and size <= MOST_INLINE):
            payload = stored_range(model, tensor)
            assert payload is not None
            raw = payload[0].read(payload[1], size)
            del tensor.external_data[:]
            tensor.ClearField("data_location")
            tensor.raw_data = raw
            continue
        cut = model.skeleton.cut(tensor)
        if cut is not None:
            outside.append((tensor, own, cut.offset, cut.length))
        else:
            told = reference(tensor)
            path = str(resolve(model.path, told.location))
            outside.append((tensor, path, told.offset, told.length))
    folders = {os.path.dirname(path) for _, path, _, _ in outside}
    folder = os.path.commonpath(folders) if folders else os.path.dirname(own)
    for tensor, path, offset, length in outside:
        del tensor.external_data[:]
        entries = {"location": os.path.relpath(path, folder), "offset": str(offset)}
        if length is not None:
            entries["length"] = str(length)
        for key, text in entries.items():
            tensor.external_data.add(key=key, value=text)
    return folder


def _strip(proto: ModelProto) -> None:
    """Take away what the Runtime refuses: plain claims of sparsity, and emptied sparse tensors."""
    field = proto.graph.sparse_initializer
    for index in range(len(field) - 1, -1, -1):
        if not field[index].HasField("values"):
            del field[index]
    own = {(function.domain, function.name) for function in proto.functions}
    for node in nested([*proto.graph.node, *(n for f in proto.functions for n in f.node)]):
        if (node.domain, node.op_type) in own:
            continue
        for index in range(len(node.attribute) - 1, -1, -1):
            attribute = node.attribute[index]
            if attribute.name in CLAIMS and not attribute.ref_attr_name:
                del node.attribute[index]


def _parts(proto: TensorProto | SparseTensorProto) -> tuple[TensorProto, ...]:
    return (proto.values, proto.indices) if isinstance(proto, SparseTensorProto) else (proto,)


def _is_cut(model: Model, tensor: TensorProto) -> bool:
    return model.skeleton.cut(tensor) is not None


def _tensors(proto: ModelProto) -> Iterator[tuple[TensorProto, bool]]:
    """Every stored tensor, and whether it is part of a sparse one that must be whole to load."""
    graphs: list[tuple[GraphProto, bool]] = [(proto.graph, True)]
    nodes = [node for function in proto.functions for node in function.node]
    for function in proto.functions:
        for attribute in function.attribute_proto:
            yield from _of(attribute, graphs)
    while graphs or nodes:
        if graphs:
            graph, main = graphs.pop()
            yield from ((tensor, False) for tensor in graph.initializer)
            for sparse in graph.sparse_initializer:
                yield from ((part, not main) for part in _parts(sparse))
            nodes += graph.node
        for node in nodes:
            for attribute in node.attribute:
                yield from _of(attribute, graphs)
        nodes = []


def _of(
    attribute: AttributeProto, graphs: list[tuple[GraphProto, bool]]
) -> Iterator[tuple[TensorProto, bool]]:
    """The tensors of an attribute; its graphs are added to the list."""
    if attribute.HasField("t"):
        yield attribute.t, False
    yield from ((tensor, False) for tensor in attribute.tensors)
    if attribute.HasField("sparse_tensor"):
        yield from ((part, True) for part in _parts(attribute.sparse_tensor))
    for sparse in attribute.sparse_tensors:
        yield from ((part, True) for part in _parts(sparse))
    if attribute.HasField("g"):
        graphs.append((attribute.g, False))
    graphs += [(graph, False) for graph in attribute.graphs]
