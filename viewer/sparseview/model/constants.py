"""The constant tensors that a graph stores: initializers, sparse ones, Constant nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from sparseview.model.graphs import Graph
from sparseview.model.layouts import Layout
from sparseview.model.proto import (
    AttributeProto,
    GraphProto,
    NodeProto,
    SparseTensorProto,
    TensorProto,
)


class Constant(msgspec.Struct, frozen=True, eq=False):
    """A stored constant tensor, wherever it lives.

    `key`: unique in the model, "main/conv1.weight" or "main#12:value".
    `place`: 'initializer', 'sparse_initializer', 'attribute' (of a Constant node, or of a call of a
    function) or 'default' (of a function's attribute).
    `index`: in graph.initializer or graph.sparse_initializer, or the node's in its graph.
    `dtype`: onnx's number; `shape`: of the dense tensor, as declared; `stored_as`: 'dense', 'coo'.
    `layout`: how the elements that `dtype` and `shape` tell of are made from what `proto` stores;
    None: they are what is stored.
    """

    key: str
    name: str
    graph: int
    place: str
    index: int
    attribute: str | None
    proto: TensorProto | SparseTensorProto
    dtype: int
    shape: tuple[int, ...]
    stored_as: str
    layout: Layout | None = None


def attribute_constant(
    path: str, graph: int, index: int, place: str, attributes: Iterable[AttributeProto], name: str
) -> Constant | None:
    """The tensor in an attribute of a call, or in a default of a function; None if it holds none.

    path : of the node, or of the function.
    """
    for attribute in attributes:
        if attribute.name != name:
            continue
        proto: TensorProto | SparseTensorProto
        if attribute.HasField("t"):
            proto, named, dtype = attribute.t, attribute.t.name, attribute.t.data_type
        elif attribute.HasField("sparse_tensor"):
            proto = attribute.sparse_tensor
            named, dtype = proto.values.name, proto.values.data_type
        else:
            return None
        how = "dense" if isinstance(proto, TensorProto) else "coo"
        shape = tuple(proto.dims)
        return Constant(
            f"{path}:{name}", named or name, graph, place, index, name, proto, dtype, shape, how
        )
    return None


def constants_of(graph: Graph) -> Iterator[Constant]:
    """The constants of one graph, in file order; of two with one name both, with different keys."""
    keys: set[str] = set()

    def make(
        key: str,
        name: str,
        place: str,
        index: int,
        attribute: str | None,
        proto: TensorProto | SparseTensorProto,
    ) -> Constant:
        unique, copies = key, 1
        while unique in keys:
            copies += 1
            unique = f"{key}~{copies}"
        keys.add(unique)
        sparse = isinstance(proto, SparseTensorProto)
        dtype = proto.values.data_type if isinstance(proto, SparseTensorProto) else proto.data_type
        return Constant(
            unique,
            name,
            graph.id,
            place,
            index,
            attribute,
            proto,
            dtype,
            tuple(proto.dims),
            "coo" if sparse else "dense",
        )

    body = graph.proto
    if isinstance(body, GraphProto):
        for index, tensor in enumerate(body.initializer):
            yield make(
                f"{graph.path}/{tensor.name}", tensor.name, "initializer", index, None, tensor
            )
        for index, sparse in enumerate(body.sparse_initializer):
            name = sparse.values.name
            yield make(f"{graph.path}/{name}", name, "sparse_initializer", index, None, sparse)
    for index, node in enumerate(body.node):
        if node.op_type != "Constant" or node.domain not in ("", "ai.onnx") or not node.output:
            continue
        value = _value(node)
        if value is not None:
            attribute, proto = value
            key = f"{graph.path}#{index}:{attribute}"
            yield make(key, node.output[0], "attribute", index, attribute, proto)


def _value(node: NodeProto) -> tuple[str, TensorProto | SparseTensorProto] | None:
    for attribute in node.attribute:
        name = attribute.name
        if attribute.ref_attr_name:  # given by each call of the function: nothing is stored here
            continue
        if name == "value" and attribute.HasField("t"):
            return name, attribute.t
        if name == "sparse_value" and attribute.HasField("sparse_tensor"):
            return name, attribute.sparse_tensor
        if name in ("value_float", "value_floats", "value_int", "value_ints"):
            return name, _made(attribute, node.output[0])
    return None


def _made(attribute: AttributeProto, name: str) -> TensorProto:
    """A tensor of what a Constant node holds as plain numbers: scalar or 1-D."""
    if attribute.name == "value_float":
        array = np.float32(attribute.f).reshape(())
    elif attribute.name == "value_floats":
        array = np.fromiter(attribute.floats, np.float32)
    elif attribute.name == "value_int":
        array = np.int64(attribute.i).reshape(())
    else:
        array = np.fromiter(attribute.ints, np.int64)
    values = np.asarray(array)
    kind = TensorProto.FLOAT if values.dtype.kind == "f" else TensorProto.INT64
    data = values.astype(values.dtype.newbyteorder("<")).tobytes()
    return TensorProto(name=name, data_type=kind, dims=values.shape, raw_data=data)
