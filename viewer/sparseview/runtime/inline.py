"""A copy of a model with its functions written out where they are called, so that runs see inside.

Every node of the copy remembers the calls and the node that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onnx import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, helper

from sparseview.model.document import Graph, Model, Node
from sparseview.model.graphs import nested
from sparseview.model.overlay import Overlay
from sparseview.model.skeleton import Skeleton
from sparseview.runtime.bodies import MARK, graph_in

DEEPEST = 64  # calls inside calls
MOST_NODES = 1_000_000  # of the copy: calls of calls could double it again and again
Chain = tuple[int, ...]


@dataclass(frozen=True)
class Inlined:
    """model : the copy; the model itself where it has no functions.

    chains : for each node of the copy, the ids of the calls that lead to it, then its own.
    keys : for each constant of the copy the key that it has in the model; one that only a call's
        attribute makes has none.
    """

    model: Model
    chains: tuple[Chain, ...]
    keys: Mapping[str, str]


def inlined(model: Model) -> Inlined:
    """Write out every function that the model's opsets allow; costs what the graph costs."""
    if not model.proto.functions:
        keys = {c.key: c.key for g in model.graphs for c in model.constants(g.id).values()}
        return Inlined(model, tuple((node.id,) for node in model.nodes), keys)
    proto = _Inliner(model).run()
    source = model.skeleton
    copy = Model(Skeleton(source.source, proto, source.nonce, source.repaired))
    chains = tuple(_chain(node) for node in copy.nodes)
    keys = _keys(model, copy, chains)
    entries = {new: model.overlay[old] for new, old in keys.items() if old in model.overlay}
    return Inlined(copy.with_overlay(Overlay(entries)), chains, keys)


@dataclass(frozen=True)
class _Call:
    """What a body's names and attributes mean in one call; the main graph's mean themselves."""

    chain: Chain = ()
    prefix: str = ""
    names: Mapping[str, str] | None = None
    attributes: Mapping[str, AttributeProto] | None = None

    def name(self, name: str) -> str:
        if not name or self.names is None:
            return name
        return self.names.get(name, self.prefix + name)

    def attribute(self, attribute: AttributeProto) -> AttributeProto | None:
        """The attribute itself, or what the call gives for one that refers to the function's."""
        if not attribute.ref_attr_name:
            return attribute
        given = (self.attributes or {}).get(attribute.ref_attr_name)
        if given is None:
            return None
        named = AttributeProto()
        named.CopyFrom(given)
        named.name = attribute.name
        return named


class _Inliner:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.ids = {(node.graph, node.index): node for node in model.nodes}
        self.bodies: dict[int, list[Graph]] = {}
        for graph in model.graphs:
            if graph.parent is not None:
                self.bodies.setdefault(graph.parent, []).append(graph)
        self.opsets = {_domain(o.domain): o.version for o in model.proto.opset_import}
        self.calls = self.made = 0

    def run(self) -> ModelProto:
        proto = ModelProto()
        proto.CopyFrom(self.model.proto)
        graphs = [graph_in(self.model, proto, graph) for graph in self.model.graphs]
        for node in self.model.nodes:
            graphs[node.graph].node[node.index].doc_string = _mark((node.id,))
        main = self.model.graphs[0]
        self.opsets_added: dict[str, int] = {}
        nodes = self._nodes(main, _Call())
        del proto.graph.node[:]
        proto.graph.node.extend(nodes)
        for domain, version in self.opsets_added.items():
            proto.opset_import.add(domain=domain, version=version)
        self._drop_unused(proto)
        return proto

    def _nodes(self, graph: Graph, call: _Call) -> list[NodeProto]:
        made: list[NodeProto] = []
        for index in range(len(graph.proto.node)):
            node = self.ids[graph.id, index]
            function = self.model.function_of(node)
            if function is not None and self._may(function, call, node):
                made += self._written_out(node, function, call)
            else:
                made.append(self._copied(node, call))
        self.made += len(made)
        return made

    def _may(self, function: Graph, call: _Call, node: Node) -> bool:
        """Whether the function can stand in the main graph: no other opsets, no recursion."""
        if len(call.chain) >= DEEPEST or node.id in call.chain or self.made > MOST_NODES:
            return False
        proto = function.proto
        assert isinstance(proto, FunctionProto)
        return all(
            self.opsets.get(_domain(each.domain), each.version) == each.version
            for each in proto.opset_import
        )

    def _written_out(self, node: Node, function: Graph, call: _Call) -> list[NodeProto]:
        proto = function.proto
        assert isinstance(proto, FunctionProto)
        for each in proto.opset_import:
            if _domain(each.domain) not in self.opsets:
                self.opsets[_domain(each.domain)] = each.version
                self.opsets_added[each.domain] = each.version
        self.calls += 1
        actual = [call.name(name) for name in node.proto.input]
        names = {
            formal: actual[i] if i < len(actual) else "" for i, formal in enumerate(proto.input)
        }
        handed_on: list[NodeProto] = []
        for formal, outside in zip(proto.output, node.proto.output, strict=False):
            if not outside:
                continue
            if formal in names:
                inside = names[formal]
                handed_on.append(helper.make_node("Identity", [inside], [call.name(outside)]))
                handed_on[-1].doc_string = _mark((*call.chain, node.id))
            else:
                names[formal] = call.name(outside)
        attributes = {each.name: each for each in proto.attribute_proto}
        for attribute in node.proto.attribute:
            given = call.attribute(attribute)
            if given is not None:
                attributes[attribute.name] = given
        inner = _Call((*call.chain, node.id), f"{MARK}call{self.calls}:", names, attributes)
        return self._nodes(function, inner) + handed_on

    def _copied(self, node: Node, call: _Call) -> NodeProto:
        copy = NodeProto()
        copy.CopyFrom(node.proto)
        copy.doc_string = _mark((*call.chain, node.id))
        if call.names is not None:
            copy.input[:] = [call.name(name) for name in node.proto.input]
            copy.output[:] = [call.name(name) for name in node.proto.output]
            copy.name = call.prefix + node.proto.name if node.proto.name else ""
        bodies = iter(self.bodies.get(node.id, ()))
        del copy.attribute[:]
        for attribute in node.proto.attribute:
            bound = call.attribute(attribute)
            if bound is None:
                continue
            copy.attribute.append(bound)
            if attribute.HasField("g") or attribute.graphs:
                made = copy.attribute[-1]
                for body in ([made.g] if attribute.HasField("g") else []) + list(made.graphs):
                    self._fill(body, next(bodies), call)
        return copy

    def _fill(self, body: GraphProto, original: Graph, call: _Call) -> None:
        """Write a subgraph's nodes anew into its copy, under the names that the call gives."""
        nodes = self._nodes(original, call)
        del body.node[:]
        body.node.extend(nodes)
        if call.names is None:
            return
        for field in (body.input, body.output, body.initializer):
            for named in field:
                named.name = call.name(named.name)
        for sparse in body.sparse_initializer:
            sparse.values.name = call.name(sparse.values.name)
        del body.value_info[:]

    def _drop_unused(self, proto: ModelProto) -> None:
        """Functions that nobody calls any more are gone, so that ids are few."""
        functions = {(f.domain, f.name): f for f in proto.functions}
        called: set[tuple[str, str]] = set()
        waiting: list[Iterable[NodeProto]] = [proto.graph.node]
        while waiting:
            for node in nested(waiting.pop()):
                name = (node.domain, node.op_type)
                if name in functions and name not in called:
                    waiting.append(functions[name].node)
                called.add(name)
        for index in range(len(proto.functions) - 1, -1, -1):
            if (proto.functions[index].domain, proto.functions[index].name) not in called:
                del proto.functions[index]


def _keys(model: Model, copy: Model, chains: tuple[Chain, ...]) -> dict[str, str]:
    """The model's key of each constant of the copy."""
    graphs: dict[int, int] = {0: 0}  # of the copy's: the model's
    bodies: dict[int, list[int]] = {}
    for graph in model.graphs:
        if graph.parent is not None:
            bodies.setdefault(graph.parent, []).append(graph.id)
    left: dict[int, list[int]] = {}
    paths = {g.path: g.id for g in model.graphs if g.kind == "function"}
    for graph in copy.graphs[1:]:
        if graph.parent is None:
            graphs[graph.id] = paths[graph.path]
            continue
        original = chains[graph.parent][-1]
        left.setdefault(graph.parent, list(bodies[original]))
        graphs[graph.id] = left[graph.parent].pop(0)
    at = {(node.graph, node.index): chains[node.id][-1] for node in copy.nodes}
    originals = {
        (graph.id, constant.place, constant.index): constant.key
        for graph in model.graphs
        for constant in model.constants(graph.id).values()
    }
    keys: dict[str, str] = {}
    for graph in copy.graphs:
        for constant in copy.constants(graph.id).values():
            home, index = graphs[graph.id], constant.index
            if constant.place == "attribute":
                node = model.nodes[at[graph.id, index]]
                home, index = node.graph, node.index
            found = originals.get((home, constant.place, index))
            if found is not None:
                keys[constant.key] = found
    return keys


def _mark(chain: Chain) -> str:
    return MARK + ",".join(map(str, chain))


def _chain(node: Node) -> Chain:
    return tuple(int(part) for part in node.proto.doc_string.removeprefix(MARK).split(","))


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name
