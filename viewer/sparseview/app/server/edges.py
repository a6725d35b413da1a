"""The nodes and edges of one graph as they are drawn: constants folded, outer tensors as inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from onnx import FunctionProto

from sparseview.model.document import Graph, Model, Node

OP, INPUT, OUTPUT = 0, 1, 2
# Node ids of boxes that stand for no operator.
INPUT_ID, OUTPUT_ID = -1, -2
MAX_PORT = 0xFFFF


class Box(NamedTuple):
    """One thing to draw; `node` is None for the graph's inputs and outputs."""

    id: int
    kind: int
    op: str
    name: str
    node: Node | None


@dataclass(slots=True)
class GraphEdges:
    """Boxes by position; the four edge lists run in parallel, sources and targets are positions.

    inside : node id -> path of its first subgraph, or of the function that it calls.
    """

    path: str
    boxes: list[Box] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    tensors: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    inside: dict[int, str] = field(default_factory=dict)


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
    outputs = outputs_of(graph)
    nest = Nesting(model)
    constants = nest.constants_in_scope(graph)
    producer: dict[str, int] = {}

    def add(box: Box, produced: Iterable[str]) -> int:
        at = len(drawn.boxes)
        drawn.boxes.append(box)
        for tensor in produced:
            if tensor:
                producer[tensor] = at
        return at

    stored = model.constants(graph.id)
    for name in inputs_of(graph):
        if name not in stored:
            add(Box(INPUT_ID, INPUT, "", name, None), (name,))

    kept: list[tuple[int, Node, Sequence[str]]] = []
    wanted = set(outputs)
    for node in nest.nodes.get(graph.id, ()):
        proto = node.proto
        if proto.op_type == "Constant" and not wanted.intersection(proto.output):
            constants.update(proto.output)
            continue
        at = add(Box(node.id, OP, proto.op_type, node.layer, node), proto.output)
        kept.append((at, node, proto.input))
        held = nest.held.get(node.id)
        if held:
            drawn.inside[node.id] = held[0].path
        elif (body := model.function_of(node)) is not None:
            drawn.inside[node.id] = body.path

    def connect(tensor: str, target: int, port: int) -> None:
        source = producer.get(tensor)
        if source is None:
            if not tensor or tensor in constants:
                return
            source = add(Box(INPUT_ID, INPUT, "", tensor, None), (tensor,))
        drawn.sources.append(source)
        drawn.targets.append(target)
        drawn.tensors.append(tensor)
        drawn.ports.append(min(port, MAX_PORT))

    for at, node, names in kept:
        for port, tensor in enumerate(names):
            connect(tensor, at, port)
        if node.id in nest.held:
            for extra, tensor in enumerate(nest.captured(node)):
                connect(tensor, at, len(names) + extra)
    for tensor in outputs:
        at = add(Box(OUTPUT_ID, OUTPUT, "", tensor, None), ())
        if tensor in stored and tensor not in producer:
            add(Box(INPUT_ID, INPUT, "", tensor, None), (tensor,))
        connect(tensor, at, 0)
    return drawn


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
