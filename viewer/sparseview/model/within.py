"""Which weights lie inside an operator: in its bodies, in bodies within, in functions they call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sparseview.model.document import Graph, Model
    from sparseview.model.weights import Weight


class Within(msgspec.Struct, frozen=True):
    """What an operator with bodies holds.

    weights : ids, ascending; uses of one tensor by several operators are all there. Embeddings
        only where there is nothing else: totals never add them to weights. Where the operator
        has weights itself, as a call that hands them on, those too.
    kind : 'weight', or 'embedding' where there is nothing else.
    layers : operators inside that have weights of that kind, each once however often it is called.
    nodes : all operators inside, counted so too.
    """

    weights: tuple[int, ...]
    kind: str
    layers: int
    nodes: int


def within(model: Model, graph: Graph) -> Mapping[int, Within]:
    """By node id, those operators of `graph` whose bodies have weights."""
    if len(model.graphs) == 1:
        return {}
    weights: dict[int, list[Weight]] = {}  # by graph
    own: dict[int, list[Weight]] = {}  # by operator
    for weight in model.weights:
        weights.setdefault(model.nodes[weight.node].graph, []).append(weight)
        own.setdefault(weight.node, []).append(weight)
    if not weights.keys() - {graph.id}:  # before each of many calls is looked up
        return {}
    nest = _Nest(model)
    found: dict[int, Within] = {}
    inside: dict[tuple[int, ...], tuple[list[Weight], int]] = {}  # a function: looked into once
    for node, bodies in nest.bodies(graph.id).items():
        if bodies not in inside:
            graphs = nest.closure(bodies)
            held = [w for body in graphs for w in weights.get(body, ())]
            inside[bodies] = held, sum(len(model.graphs[body].proto.node) for body in graphs)
        held, nodes = inside[bodies]
        if held:
            found[node] = _summed(own.get(node, ()), held, nodes)
    return found


def _summed(own: Iterable[Weight], inside: Iterable[Weight], nodes: int) -> Within:
    every = sorted({w.id: w for w in (*own, *inside)}.values(), key=lambda w: w.id)
    kind = "weight" if any(w.kind == "weight" for w in every) else "embedding"
    layers = {w.node for w in inside if w.kind == kind}
    return Within(tuple(w.id for w in every if w.kind == kind), kind, len(layers), nodes)


class _Nest:
    """Which graphs lie in which."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._held: dict[int, dict[int, list[int]]] = {}  # graph -> its nodes with subgraphs
        for graph in model.graphs:
            if graph.parent is not None:
                outer = self._held.setdefault(model.nodes[graph.parent].graph, {})
                outer.setdefault(graph.parent, []).append(graph.id)
        self._calls: dict[int, dict[int, int]] = {}  # graph -> its nodes that call a function
        if any(graph.kind == "function" for graph in model.graphs):
            for node in model.nodes:
                body = model.function_of(node)
                if body is not None:
                    self._calls.setdefault(node.graph, {})[node.id] = body.id

    def bodies(self, graph: int) -> dict[int, tuple[int, ...]]:
        """By node id, the graphs that the nodes of a graph hold or call."""
        held = {node: tuple(inner) for node, inner in self._held.get(graph, {}).items()}
        for node, body in self._calls.get(graph, {}).items():
            held[node] = (*held.get(node, ()), body)
        return held

    def closure(self, bodies: tuple[int, ...]) -> set[int]:
        """These graphs and all that lie in them, at any depth."""
        seen: set[int] = set()
        waiting = list(bodies)  # a stack, so that nesting costs no frames
        while waiting:
            graph = waiting.pop()
            if graph not in seen:
                seen.add(graph)
                for inner in self.bodies(graph).values():
                    waiting += inner
        return seen
