"""What people read instead of the address of a node that has no name of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sparseview.model.graphs import Node

if TYPE_CHECKING:
    from sparseview.model.document import Model


def titles(model: Model) -> dict[str, str]:
    """A node's `layer` -> what says more, where that is an address: "main#0" -> "conv1.weight".

    The name of its weight, or else of its first output; where several nodes have one name, that
    and the place: "conv #3". No two are alike, and none is another node's own name.
    """
    # Fifty thousand nodes may have no name: each wish is made once, others where it is not free.
    nameless = [node for node in model.nodes if node.layer == node.path or not node.layer.strip()]
    if not nameless:
        return {}
    weights: dict[int, str] = {}
    for weight in model.weights:
        weights.setdefault(weight.node, weight.constant.name)
    first = [next(_wishes(node, weights.get(node.id, "")), "") for node in nameless]
    uses = Counter(first)
    layers = {node.layer for node in model.nodes}
    taken = layers.union(first)
    found = {}
    for node, wish in zip(nameless, first, strict=True):
        if not wish:
            continue
        if uses[wish] > 1 or wish in layers:
            others = _wishes(node, weights.get(node.id, ""))
            wish = next((other for other in others if other not in taken), "")
            taken.add(wish)
        if wish:
            found[node.layer] = wish
    return found


def _wishes(node: Node, weight: str) -> Iterator[str]:
    """What the node could be called, the best first."""
    if name := node.proto.name.strip():
        yield f"{name} {node.path.removeprefix('main')}"
        return
    for tensor in (weight, *node.proto.output):
        if tensor.strip():
            yield tensor
