"""One operator in facts, for the side panel: attributes, inputs, outputs, its weights."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sparseview.app.server.describe import clip, value_dtype, value_infos
from sparseview.app.server.formals import formal_name, schema_of
from sparseview.app.server.labels import value_shape
from sparseview.app.server.names import shape_text
from sparseview.app.server.values import attribute_text, constant_text, constants_around
from sparseview.errors import SparseviewError
from sparseview.model.categories import category
from sparseview.model.document import Model, Node
from sparseview.model.proto import AttributeProto, FunctionProto
from sparseview.model.tensors import dtype_name

Types = Mapping[str, tuple[str, tuple[int | str | None, ...] | None]]


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
    title: str
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
    schema = schema_of(model, node)
    weights = {w.input: w.id for w in model.weights if w.node == node_id}
    ports = _Ports(model, node, types)
    body = model.function_of(node)
    return NodeFacts(
        id=node_id,
        layer=node.layer,
        title=model.title(node),
        path=node.path,
        graph=graph.path,
        op=proto.op_type,
        domain=proto.domain or "ai.onnx",
        category=category(proto.domain, proto.op_type),
        doc=clip(proto.doc_string),
        attributes=tuple(_attribute(model, node, a) for a in proto.attribute),
        inputs=tuple(
            ports.port(formal_name(schema.inputs if schema else (), i), name, weights.get(i))
            for i, name in enumerate(proto.input)
        ),
        outputs=tuple(
            ports.port(formal_name(schema.outputs if schema else (), i), name, None)
            for i, name in enumerate(proto.output)
        ),
        weights=tuple(weights[i] for i in sorted(weights)),
        since=schema.since_version if schema else None,
        function_graph=None if body is None else body.path,
    )


class _Ports:
    """Looks up types of tensors around one node."""

    def __init__(self, model: Model, node: Node, types: Types | None) -> None:
        self._model = model
        self._types = types or {}
        proto = model.graphs[node.graph].proto
        self._declared = {} if isinstance(proto, FunctionProto) else value_infos(proto)
        self._constants = constants_around(model, model.graphs[node.graph])

    def port(self, name: str, tensor: str, weight: int | None) -> PortFacts:
        constant = self._constants.get(tensor)
        if constant is not None:
            value = constant_text(self._model, constant)
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


def _attribute(model: Model, node: Node, attribute: AttributeProto) -> AttributeFacts:
    graphs = [
        g.path
        for g in model.graphs
        if g.parent == node.id and g.path.startswith(f"{node.path}.{attribute.name}")
    ]
    kind = AttributeProto.AttributeType.Name(attribute.type).lower()
    return AttributeFacts(
        attribute.name, kind, clip(attribute_text(attribute), 400), graphs[0] if graphs else None
    )
