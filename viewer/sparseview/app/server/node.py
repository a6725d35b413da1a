"""One operator in facts, for the side panel: attributes, inputs, outputs, its weights."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import onnx
from onnx import AttributeProto, FunctionProto, TensorProto

from sparseview.app.server.describe import clip, value_dtype, value_infos
from sparseview.app.server.labels import value_shape
from sparseview.app.server.names import shape_text
from sparseview.errors import SparseviewError
from sparseview.model.categories import category
from sparseview.model.document import Constant, Model, Node
from sparseview.model.tensors import dtype_name, read

Types = Mapping[str, tuple[str, tuple[int | str | None, ...] | None]]

# Constants up to this many elements are shown with their values (shapes, scales, axes).
SHOWN_ELEMENTS = 16


class AttributeFacts(msgspec.Struct, frozen=True):
    """value: as text; graph: path of the subgraph that it holds, else null."""

    name: str
    type: str
    value: str
    graph: str | None


class PortFacts(msgspec.Struct, frozen=True):
    """An input or output. name: its formal name, "" if none is known; tensor "" if left out.

    value: text of a small constant; weight: id of the weight that enters here.
    """

    name: str
    tensor: str
    dtype: str
    shape: str
    constant: bool
    value: str | None
    weight: int | None


class NodeFacts(msgspec.Struct, frozen=True):
    """since: version of the operator set that brought this operator's form, null if unknown."""

    id: int
    layer: str
    path: str
    graph: str
    op: str
    domain: str
    category: str
    doc: str
    attributes: tuple[AttributeFacts, ...]
    inputs: tuple[PortFacts, ...]
    outputs: tuple[PortFacts, ...]
    weights: tuple[int, ...]
    since: int | None
    function_graph: str | None


def node_facts(model: Model, node_id: int, types: Types | None) -> NodeFacts:
    """Facts of node `node_id`; types: what shape inference found in its graph, if it has."""
    if not 0 <= node_id < len(model.nodes):
        raise SparseviewError(f"There is no node {node_id}.", "Reload the page.", "not-found")
    node = model.nodes[node_id]
    graph = model.graphs[node.graph]
    proto = node.proto
    schema = _schema(model, node)
    weights = {w.input: w.id for w in model.weights if w.node == node_id}
    ports = _Ports(model, node, types)
    body = model.function_of(node)
    return NodeFacts(
        id=node_id,
        layer=node.layer,
        path=node.path,
        graph=graph.path,
        op=proto.op_type,
        domain=proto.domain or "ai.onnx",
        category=category(proto.domain, proto.op_type),
        doc=clip(proto.doc_string),
        attributes=tuple(_attribute(model, node, a) for a in proto.attribute),
        inputs=tuple(
            ports.port(_formal(schema.inputs if schema else (), i), name, weights.get(i))
            for i, name in enumerate(proto.input)
        ),
        outputs=tuple(
            ports.port(_formal(schema.outputs if schema else (), i), name, None)
            for i, name in enumerate(proto.output)
        ),
        weights=tuple(weights[i] for i in sorted(weights)),
        since=schema.since_version if schema else None,
        function_graph=None if body is None else body.path,
    )


def _schema(model: Model, node: Node) -> onnx.defs.OpSchema | None:
    """What ONNX says about this operator in the version that its graph imports."""
    proto = model.graphs[node.graph].proto
    imports = proto.opset_import if isinstance(proto, FunctionProto) else model.proto.opset_import
    domain = "" if node.proto.domain == "ai.onnx" else node.proto.domain
    for entry in imports:
        if (entry.domain if entry.domain != "ai.onnx" else "") == domain:
            try:
                return onnx.defs.get_schema(node.proto.op_type, entry.version, domain)
            except onnx.defs.SchemaError:
                return None
    return None


def _formal(names: object, index: int) -> str:
    """The formal name of a port; the last one of a variadic operator goes on."""
    formals = list(names)  # type: ignore[call-overload]
    if index < len(formals):
        return str(formals[index].name)
    variadic = onnx.defs.OpSchema.FormalParameterOption.Variadic
    if formals and formals[-1].option == variadic:
        return str(formals[-1].name)
    return ""


class _Ports:
    """Looks up types of tensors around one node."""

    def __init__(self, model: Model, node: Node, types: Types | None) -> None:
        self._model = model
        self._types = types or {}
        proto = model.graphs[node.graph].proto
        self._declared = {} if isinstance(proto, FunctionProto) else value_infos(proto)
        self._constants = _constants_around(model, node)

    def port(self, name: str, tensor: str, weight: int | None) -> PortFacts:
        constant = self._constants.get(tensor)
        if constant is not None:
            value = _constant_text(self._model, constant)
            return PortFacts(
                name,
                tensor,
                dtype_name(constant.dtype),
                shape_text(constant.shape),
                True,
                value,
                weight,
            )
        if tensor in self._types:
            dtype, shape = self._types[tensor]
            return PortFacts(name, tensor, dtype, shape_text(shape), False, None, weight)
        declared = self._declared.get(tensor)
        if declared is None:
            return PortFacts(name, tensor, "", "", False, None, weight)
        return PortFacts(
            name, tensor, value_dtype(declared), value_shape(declared), False, None, weight
        )


def _constants_around(model: Model, node: Node) -> dict[str, Constant]:
    """Constants that the node sees, inner graphs first."""
    graph = model.graphs[node.graph]
    seen = dict(model.constants(graph.id))
    while graph.parent is not None:
        graph = model.graphs[model.nodes[graph.parent].graph]
        seen = {**model.constants(graph.id), **seen}
    return seen


def _constant_text(model: Model, constant: Constant) -> str | None:
    """The values of a small constant; None for a large one, or for one that cannot be read."""
    count = 1
    for size in constant.shape:
        count *= size
    if count > SHOWN_ELEMENTS or constant.dtype == TensorProto.STRING:
        return None
    try:
        values = read(model, constant)
    except SparseviewError:
        return None
    return clip(str(values.tolist()), 200)


def _attribute(model: Model, node: Node, attribute: AttributeProto) -> AttributeFacts:
    graphs = [
        g.path
        for g in model.graphs
        if g.parent == node.id and g.path.startswith(f"{node.path}.{attribute.name}")
    ]
    kind = AttributeProto.AttributeType.Name(attribute.type).lower()
    return AttributeFacts(
        attribute.name, kind, clip(_value(attribute), 400), graphs[0] if graphs else None
    )


def _value(attribute: AttributeProto) -> str:
    if attribute.ref_attr_name:
        return f"the function's {attribute.ref_attr_name}"
    kind = attribute.type
    if kind == AttributeProto.TENSOR:
        return f"{dtype_name(attribute.t.data_type)} {shape_text(attribute.t.dims)}"
    if kind == AttributeProto.SPARSE_TENSOR:
        return f"sparse {shape_text(attribute.sparse_tensor.dims)}"
    if kind == AttributeProto.GRAPH:
        return f"{len(attribute.g.node)} nodes"
    if kind == AttributeProto.STRING:
        return attribute.s.decode("utf-8", "replace")
    if kind == AttributeProto.STRINGS:
        return ", ".join(s.decode("utf-8", "replace") for s in attribute.strings[:100])
    if kind == AttributeProto.INT:
        return str(attribute.i)
    if kind == AttributeProto.FLOAT:
        return f"{attribute.f:.7g}"
    if kind == AttributeProto.INTS:
        return ", ".join(map(str, attribute.ints[:100]))
    if kind == AttributeProto.FLOATS:
        return ", ".join(f"{f:.7g}" for f in attribute.floats[:100])
    return ""
