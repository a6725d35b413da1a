"""Number a model's graphs, subgraphs, functions and nodes, and name where each one stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from sparseview.model.proto import AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto

# The oldest files leave an attribute's type out.
_GRAPH_TYPES = frozenset({AttributeProto.GRAPH, AttributeProto.GRAPHS, AttributeProto.UNDEFINED})


class Graph(msgspec.Struct, frozen=True, eq=False):
    """`path`: "main", "main#12.then_branch", "main#12.branches[0]" or "my.domain::F".

    `kind`: 'main', 'subgraph' or 'function'; `parent`: id of the node that holds a subgraph.
    """

    id: int
    path: str
    kind: str
    proto: GraphProto | FunctionProto
    parent: int | None


class Node(msgspec.Struct, frozen=True, eq=False):
    """`graph`: its graph's id; `index`: its place there; `path`: "main#12".

    `layer`: the name people know it by: the node's own if no other node has it, else the path.
    """

    id: int
    graph: int
    index: int
    path: str
    layer: str
    proto: NodeProto


def walk(model: ModelProto) -> tuple[tuple[Graph, ...], tuple[Node, ...]]:
    """All graphs and all nodes, each at the position that is its id: a graph's nodes, then its
    subgraphs' in order, functions last."""
    graphs: list[Graph] = []
    found: list[tuple[int, int, str, NodeProto]] = []  # graph, index, path, proto
    paths: set[str] = set()
    roots: list[tuple[str, str, GraphProto | FunctionProto]] = []
    if model.HasField("graph"):
        roots.append(("main", "main", model.graph))
    roots += [(_function_path(f), "function", f) for f in model.functions]
    for root in roots:
        waiting: list[tuple[str, str, GraphProto | FunctionProto, int | None]] = [(*root, None)]
        while waiting:  # a stack, so that nesting costs no frames
            path, kind, proto, parent = waiting.pop()
            wanted, copies = path, 1
            while path in paths:  # two functions of one name, or a twice-set attribute
                copies += 1
                path = f"{wanted}~{copies}"
            paths.add(path)
            graph = Graph(len(graphs), path, kind, proto, parent)
            graphs.append(graph)
            inner: list[tuple[str, str, GraphProto | FunctionProto, int | None]] = []
            for index, node in enumerate(proto.node):
                place = f"{path}#{index}"
                for name, subgraph in _subgraphs(node):
                    inner.append((f"{place}.{name}", "subgraph", subgraph, len(found)))
                found.append((graph.id, index, place, node))
            waiting += reversed(inner)
    names = [node.name for *_, node in found]
    uses = Counter(names)
    taken = {place for _, _, place, _ in found}
    nodes: list[Node] = []
    for name, (graph_id, index, place, node) in zip(names, found, strict=True):
        own = name and uses[name] == 1 and name not in taken
        nodes.append(Node(len(nodes), graph_id, index, place, name if own else place, node))
    return tuple(graphs), tuple(nodes)


def handed_out(graph: Graph) -> Iterator[str]:
    """The names of a graph's outputs, or of a function's."""
    return (value if isinstance(value, str) else value.name for value in graph.proto.output)


def bodies(node: NodeProto) -> Iterator[GraphProto]:
    """The graphs that a node's attributes hold, in their order."""
    return (graph for _, graph in _subgraphs(node))


def nested(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """These nodes and those in their bodies, at any depth; in no order to go by."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        for body in bodies(node):
            waiting += body.node


def names_read(node: NodeProto) -> Iterator[str]:
    """Every name that a node reads, one for each input; what its bodies read, and hand out as it
    came from outside, among them, and names that mean something in there only."""
    for one in nested([node]):
        yield from one.input
        for body in bodies(one):
            yield from (value.name for value in body.output)


def _subgraphs(node: NodeProto) -> Iterator[tuple[str, GraphProto]]:
    for attribute in node.attribute:
        if attribute.type not in _GRAPH_TYPES:  # one look, for the many that hold no graph
            continue
        if attribute.HasField("g"):
            yield attribute.name, attribute.g
        for position, graph in enumerate(attribute.graphs):
            yield f"{attribute.name}[{position}]", graph


def _function_path(function: FunctionProto) -> str:
    path = f"{function.domain}::{function.name}"
    return f"{path}:{function.overload}" if function.overload else path
