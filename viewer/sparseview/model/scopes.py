"""Where a tensor name comes from: ONNX's lexical scopes, and a function's parameters at a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from sparseview.model.passes import fills, passes
from sparseview.model.proto import AttributeProto, FunctionProto, NodeProto

if TYPE_CHECKING:
    from sparseview.model.document import Constant, Model, Node

# Together these can put the parts of one tensor into another order.
SHUFFLING = frozenset({"Concat", "Slice", "Split"})
# A constant may be scaled or shifted by these; see `arithmetic`.
SCALING = frozenset({"Mul", "Div", "Sub"})


class Place(msgspec.Struct, frozen=True):
    """A graph, seen from inside one call of the function that it belongs to.

    call, caller : the call node and where it stands; None in the main graph, and for a function
        looked at by itself, whose parameters are then unbound.
    """

    graph: int
    call: Node | None = None
    caller: Place | None = None

    def under(self, call: Node, caller: Place) -> Place:
        """The same place once the function that was looked at by itself is entered by `call`."""
        if self.caller is None:
            return Place(self.graph, call, caller)
        return Place(self.graph, self.call, self.caller.under(call, caller))


class Produced(msgspec.Struct, frozen=True):
    """A tensor that a node hands on or computes: its output number `output`."""

    node: Node
    output: int
    place: Place


class Parameter(msgspec.Struct, frozen=True):
    """A tensor that a call gives to an unbound function: by its input number `index`, or by its
    attribute of that name."""

    index: int | str


class Scopes:
    """Looks tensor names up in a model; indexes each graph once, when it is first asked about."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._producers: dict[int, dict[str, tuple[Node, int]]] = {}
        self._inputs: dict[int, dict[str, int]] = {}
        self._readers: dict[int, dict[str, list[Node]]] = {}
        self._referring: dict[int, dict[str, str]] = {}
        self._nodes: dict[int, list[Node]] = {}
        self._calls = any(graph.kind == "function" for graph in model.graphs)
        for node in model.nodes:
            self._nodes.setdefault(node.graph, []).append(node)
        roots: list[int] = []  # of each graph: the main graph or function that it lies in
        self._bodies: dict[int, list[int]] = {}
        for graph in model.graphs:  # a subgraph follows the graph that holds it
            outer = None if graph.parent is None else model.nodes[graph.parent].graph
            roots.append(graph.id if outer is None else roots[outer])
            self._bodies.setdefault(roots[-1], []).append(graph.id)

    def find(self, place: Place, name: str) -> Constant | Produced | Parameter | None:
        """The origin of `name` as a node in `place` reads it; None if it leads to no constant."""
        while name:
            graph = self.model.graphs[place.graph]
            constant = self.model.constants(graph.id).get(name)
            if constant is not None:
                return constant
            produced = self._produced(graph.id).get(name)
            if produced is not None:
                return Produced(*produced, place)
            attribute = self._references(graph.id).get(name)
            if attribute is not None:
                return self.given(place, attribute)
            index = self._parameters(graph.id).get(name)
            if index is not None:
                if graph.kind != "function":
                    return None
                if place.call is None or place.caller is None:
                    return Parameter(index)
                actual = place.call.proto.input
                name = actual[index] if index < len(actual) else ""
                place = place.caller
            elif graph.parent is None:
                return None
            else:
                place = replace(place, graph=self.model.nodes[graph.parent].graph)
        return None

    def given(self, place: Place, attribute: str) -> Constant | Parameter | None:
        """The tensor that the function at `place` was called with under that attribute's name."""
        call, caller = place.call, place.caller
        if call is None or caller is None:
            return Parameter(attribute)
        for told in call.proto.attribute:
            if told.name == attribute:
                if told.ref_attr_name:
                    return self.given(caller, told.ref_attr_name)
                return self.model.held(call, attribute)
        function = self.model.function_of(call)
        return None if function is None else self.model.default(function, attribute)

    def readers(self, node: Node) -> Iterator[Node]:
        """The nodes of the same graph that read an output of `node`."""
        outputs = set(node.proto.output) - {""}
        if node.graph not in self._readers:
            found: dict[str, list[Node]] = {}
            for reader in self._nodes.get(node.graph, ()):
                for name in reader.proto.input:
                    found.setdefault(name, []).append(reader)
            self._readers[node.graph] = found
        for output in sorted(outputs):
            yield from self._readers[node.graph].get(output, ())

    def inside(self, function: int) -> Iterator[Node]:
        """The nodes of a function's body and of all subgraphs in it, in id order."""
        for graph in self._bodies.get(function, ()):
            yield from self._nodes.get(graph, ())

    def bound(self, node: Node, place: Place) -> NodeProto:
        """The node with attributes that refer to the function's replaced by the call's values."""
        if not any(attribute.ref_attr_name for attribute in node.proto.attribute):
            return node.proto
        given = self._attributes(place)
        bound = NodeProto()
        bound.CopyFrom(node.proto)
        del bound.attribute[:]
        for attribute in node.proto.attribute:
            if not attribute.ref_attr_name:
                bound.attribute.append(attribute)
            elif attribute.ref_attr_name in given:
                value = AttributeProto()
                value.CopyFrom(given[attribute.ref_attr_name])
                value.name = attribute.name
                bound.attribute.append(value)
        return bound

    def _attributes(self, place: Place) -> dict[str, AttributeProto]:
        """The function's attributes: its defaults, and over them what the call gives."""
        graph = self.model.graphs[place.graph]
        while graph.parent is not None:
            graph = self.model.graphs[self.model.nodes[graph.parent].graph]
        values: dict[str, AttributeProto] = {}
        if isinstance(graph.proto, FunctionProto):
            values |= {attribute.name: attribute for attribute in graph.proto.attribute_proto}
        if place.call is not None and place.caller is not None:
            call = self.bound(place.call, place.caller)
            values |= {attribute.name: attribute for attribute in call.attribute}
        return values

    def _references(self, graph: int) -> dict[str, str]:
        """Constants of a function's body whose tensor is an attribute of the call, by output."""
        if not self._calls:
            return {}
        if graph not in self._referring:
            self._referring[graph] = {
                node.proto.output[0]: attribute.ref_attr_name
                for node in self._nodes.get(graph, ())
                if node.proto.op_type == "Constant" and node.proto.output
                for attribute in node.proto.attribute
                if attribute.ref_attr_name and attribute.name in ("value", "sparse_value")
            }
        return self._referring[graph]

    def _produced(self, graph: int) -> dict[str, tuple[Node, int]]:
        if graph not in self._producers:
            # In a subgraph every name counts, because it hides an outer one; in a whole model
            # those that lead on do, and they are few.
            every = self.model.graphs[graph].parent is not None
            found: dict[str, tuple[Node, int]] = {}
            for node in self._nodes.get(graph, ()):
                if every or self._leads_on(node):
                    for output, name in enumerate(node.proto.output):
                        if name:
                            found[name] = (node, output)
            self._producers[graph] = found
        return self._producers[graph]

    def _leads_on(self, node: Node) -> bool:
        op = node.proto.op_type
        if passes(node.proto) or fills(node.proto) or op in SHUFFLING or op in SCALING:
            return True
        return self._calls and self.model.function_of(node) is not None

    def _parameters(self, graph: int) -> dict[str, int]:
        if graph not in self._inputs:
            proto = self.model.graphs[graph].proto
            names = (
                list(proto.input)
                if isinstance(proto, FunctionProto)
                else [value.name for value in proto.input]
            )
            self._inputs[graph] = {name: index for index, name in enumerate(names)}
        return self._inputs[graph]
