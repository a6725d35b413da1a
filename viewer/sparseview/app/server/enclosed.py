"""What lies inside the nodes that open into graphs of their own: layers and nodes, at any depth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from sparseview.model.document import Model


def enclosed(model: Model, nodes: Collection[int]) -> dict[int, str]:
    """Node id -> "16 layers · 680 nodes", of those of `nodes` that hold layers in their bodies.

    A call of a function holds what the function's body does, a body what its inner bodies do; the
    functions that are called in there stay out, as they are no part of it in the file. Embeddings
    are no layers, as in every total.
    """
    if not nodes:
        return {}
    weighty = {weight.node for weight in model.weights if weight.kind != "embedding"}
    layers = Counter(model.nodes[node].graph for node in weighty)
    sizes = Counter(node.graph for node in model.nodes)
    held_layers: Counter[int] = Counter()
    held_nodes: Counter[int] = Counter()
    for graph in reversed(model.graphs):  # inner graphs have higher ids than those around them
        if graph.parent is None:
            continue
        around = model.nodes[graph.parent].graph
        held_layers[graph.parent] += layers[graph.id]
        held_nodes[graph.parent] += sizes[graph.id]
        layers[around] += layers[graph.id]
        sizes[around] += sizes[graph.id]
    found = {}
    for node in nodes:
        count, size = held_layers[node], held_nodes[node]
        if not size and (body := model.function_of(model.nodes[node])) is not None:
            count, size = layers[body.id], sizes[body.id]
        if count:
            found[node] = f"{_told(count, 'layer')} · {_told(size, 'node')}"
    return found


def _told(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
