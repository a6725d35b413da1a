"""In what order layers are pruned when each is to see what the ones before it became."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparseview.model.document import Model
from sparseview.model.graphs import Node
from sparseview.model.proto import NodeProto
from sparseview.pruning.tensor import Target


def stages(model: Model, targets: Sequence[Target]) -> list[list[Target]]:
    """The targets in groups: none of a group lies behind another one of it, in the main graph.

    What is inside a body (of If, Loop, a function) stands where the body is used, as one group.
    """
    place = {node.id: _outer(model, node) for node in model.nodes}
    weighted = {place[use.node] for target in targets for use in target.uses}
    depth: dict[int | None, int] = {}
    made: dict[str, int] = {}  # how many weighted nodes lie before each tensor, on the longest way
    for node in model.nodes:
        if model.graphs[node.graph].kind != "main":
            continue
        deep = max((made.get(name, 0) for name in _reads(node.proto)), default=0)
        depth[node.id] = deep
        for name in node.proto.output:
            made[name] = deep + (node.id in weighted)
    groups: dict[int, list[Target]] = {}
    for target in targets:
        first = min(depth.get(place[use.node], 0) for use in target.uses)
        groups.setdefault(first, []).append(target)
    return [group for _, group in sorted(groups.items())]


def _outer(model: Model, node: Node) -> int | None:
    """The node of the main graph that a node stands in; None where nothing calls its function."""
    seen: set[int] = set()
    while True:
        graph = model.graphs[node.graph]
        if graph.kind == "main":
            return node.id
        if graph.id in seen:
            return None
        seen.add(graph.id)
        if graph.parent is not None:
            node = model.nodes[graph.parent]
            continue
        callers = (n for n in model.nodes if n.proto.op_type == graph.proto.name)
        caller = next((n for n in callers if model.function_of(n) is graph), None)
        if caller is None:
            return None
        node = caller


def _reads(node: NodeProto) -> Iterator[str]:
    """Every name that a node reads, its bodies included."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield from one.input
        for attribute in one.attribute:
            for graph in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                waiting += graph.node
