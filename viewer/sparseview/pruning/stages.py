"""In what order layers are pruned when each is to see what the ones before it became."""

from __future__ import annotations

from collections.abc import Sequence

from sparseview.model.document import Model
from sparseview.model.graphs import Node, names_read
from sparseview.pruning.tensor import Target


def stages(model: Model, targets: Sequence[Target]) -> list[list[Target]]:
    """The targets in groups: none of a group lies behind another one of it, in the main graph.

    What is inside a body (of If, Loop, a function) stands where the body is used, as one group; of
    a tensor that is used several times the first use counts.
    """
    places = _places(model)

    def of(node: int) -> set[int]:
        graph = model.graphs[model.nodes[node].graph]
        return {node} if graph.kind == "main" else places[graph.id]

    runs = {t.key: set().union(*(of(use.node) for use in t.uses)) for t in targets}
    weighted = set().union(*runs.values())
    depth: dict[int, int] = {}
    made: dict[str, int] = {}  # how many weighted nodes lie before each tensor, on the longest way
    for node in model.nodes:
        if model.graphs[node.graph].kind != "main":
            continue
        deep = max((made.get(name, 0) for name in names_read(node.proto) if name), default=0)
        depth[node.id] = deep
        for name in node.proto.output:
            made[name] = deep + (node.id in weighted)
    groups: dict[int, list[Target]] = {}
    for target in targets:
        first = min((depth[place] for place in runs[target.key]), default=0)
        groups.setdefault(first, []).append(target)
    return [group for _, group in sorted(groups.items())]


def _places(model: Model) -> list[set[int]]:
    """The nodes of the main graph that run each graph, by its id; of a function all that call it,
    or what calls it."""
    holders: list[list[Node]] = [
        [] if graph.parent is None else [model.nodes[graph.parent]] for graph in model.graphs
    ]
    for node in model.nodes:
        function = model.function_of(node)
        if function is not None:
            holders[function.id].append(node)
    found: list[set[int]] = []
    for graph in model.graphs:
        outside: set[int] = set()
        waiting, seen = [graph.id], {graph.id}
        while waiting:
            for node in holders[waiting.pop()]:
                if model.graphs[node.graph].kind == "main":
                    outside.add(node.id)
                elif node.graph not in seen:
                    seen.add(node.graph)
                    waiting.append(node.graph)
        found.append(outside)
    return found
