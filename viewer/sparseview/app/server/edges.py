"""The nodes and edges of one graph as they are drawn: constants folded, outer tensors as inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sparseview.model.document import Graph, Model, Node
from sparseview.model.proto import FunctionProto

OP, INPUT, OUTPUT = 0, 1, 2
# Node ids of boxes that stand for no operator.
INPUT_ID, OUTPUT_ID = -1, -2
MAX_PORT = 0xFFFF


@dataclass(slots=True)
class GraphEdges:
    """Boxes and edges as parallel lists, because a graph may have 50,000 of each.

    ids, kinds, nodes, names : one entry per box; `nodes` holds None and `names` the tensor for
        the graph's inputs and outputs.
    sources, targets, tensors, ports : one entry per edge; the first two are box positions.
    inside : node id -> path of its first subgraph, or of the function that it calls.
    """

    path: str
    ids: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    nodes: list[Node | None] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    tensors: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    inside: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, kind: int, name: str, node: Node | None) -> int:
        """A new box; gives its position."""
        self.ids.append(number)
        self.kinds.append(kind)
        self.names.append(name)
        self.nodes.append(node)
        return len(self.ids) - 1


def inputs_of(graph: Graph) -> list[str]:
    """Names of the graph's inputs; a function lists bare names, a graph typed values."""
    proto = graph.proto
    if isinstance(proto, FunctionProto):
        return list(proto.input)
    return [value.name for value in proto.input]


def outputs_of(graph: Graph) -> list[str]:
    """Names of the graph's outputs."""
    proto = graph.proto
    if isinstance(proto, FunctionProto):
        return list(proto.output)
    return [value.name for value in proto.output]


def extract(model: Model, graph: Graph) -> GraphEdges:
    """Boxes and edges of `graph`.

    Initializers and Constant nodes are folded away unless they are graph outputs. A tensor of an
    enclosing graph enters a subgraph as an input box. What a node's subgraphs take from this
    graph is drawn as edges into the node, after its own inputs.
    """
    drawn = GraphEdges(graph.path)
    nest = Nesting(model)
    stored = model.constants(graph.id)
    constants = nest.constants_in_scope(graph)
    outputs = outputs_of(graph)
    producer = {
        name: drawn.add(INPUT_ID, INPUT, name, None)
        for name in inputs_of(graph)
        if name not in stored
    }
    kept = _add_operators(model, nest, graph, drawn, producer, constants)

    def connect(names: Iterable[str], target: int, first: int = 0) -> None:
        for port, tensor in enumerate(names, first):
            source = producer.get(tensor)
            if source is None:
                if not tensor or tensor in constants:
                    continue
                source = producer[tensor] = drawn.add(INPUT_ID, INPUT, tensor, None)
            drawn.sources.append(source)
            drawn.targets.append(target)
            drawn.tensors.append(tensor)
            drawn.ports.append(min(port, MAX_PORT))

    for at, node in kept:
        connect(node.proto.input, at)
        if node.id in nest.held:
            connect(nest.captured(node), at, len(node.proto.input))
    for tensor in outputs:
        at = drawn.add(OUTPUT_ID, OUTPUT, tensor, None)
        if tensor in stored and tensor not in producer:
            producer[tensor] = drawn.add(INPUT_ID, INPUT, tensor, None)
        connect((tensor,), at)
    return drawn


def _add_operators(
    model: Model,
    nest: Nesting,
    graph: Graph,
    drawn: GraphEdges,
    producer: dict[str, int],
    constants: set[str],
) -> list[tuple[int, Node]]:
    """Draw the graph's operators; gives their positions, and notes who makes which tensor."""
    kept: list[tuple[int, Node]] = []
    wanted = set(outputs_of(graph))
    calls = any(g.kind == "function" for g in model.graphs)
    for node in nest.nodes.get(graph.id, ()):
        proto = node.proto
        made = proto.output
        if proto.op_type == "Constant" and not wanted.intersection(made):
            constants.update(made)
            continue
        at = drawn.add(node.id, OP, model.title(node), node)
        for tensor in made:
            if tensor:
                producer[tensor] = at
        kept.append((at, node))
        held = nest.held.get(node.id)
        if held:
            drawn.inside[node.id] = held[0].path
        elif calls and (body := model.function_of(node)) is not None:
            drawn.inside[node.id] = body.path
    return kept


class Nesting:
    """Which graph holds which, and what inner graphs take from outer ones.

    nodes : graph id -> its nodes. held : node id -> its subgraphs, in order.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.nodes: dict[int, list[Node]] = {}
        for node in model.nodes:
            self.nodes.setdefault(node.graph, []).append(node)
        self.held: dict[int, list[Graph]] = {}
        for graph in model.graphs:
            if graph.parent is not None:
                self.held.setdefault(graph.parent, []).append(graph)

    def constants_in_scope(self, graph: Graph) -> set[str]:
        """Names of constants that `graph` sees: its own and those of the graphs around it."""
        names = set(self._model.constants(graph.id))
        at = graph
        while at.parent is not None:
            at = self._model.graphs[self._model.nodes[at.parent].graph]
            names.update(self._model.constants(at.id))
            for node in self.nodes.get(at.id, ()):
                if node.proto.op_type == "Constant":
                    names.update(node.proto.output)
        return names

    def captured(self, node: Node) -> list[str]:
        """Tensors that the subgraphs of `node` take from outside, each once, in order of use."""
        own = set(node.proto.input)
        seen: dict[str, None] = {}
        for graph in self.held[node.id]:
            for name in self._free(graph):
                if name not in own:
                    seen.setdefault(name)
        return list(seen)

    def _free(self, graph: Graph) -> list[str]:
        """Names used in `graph` or below it that are not made there, in order of use."""
        local = {*inputs_of(graph), *self._model.constants(graph.id)}
        free: dict[str, None] = {}
        for node in self.nodes.get(graph.id, ()):
            used = list(node.proto.input)
            for inner in self.held.get(node.id, ()):
                used += self._free(inner)
            for name in used:
                if name and name not in local:
                    free.setdefault(name)
            local.update(node.proto.output)
        for name in outputs_of(graph):
            if name not in local:
                free.setdefault(name)
        return list(free)
