"""Notices about a model's annotations: those that say nothing, and those that runtimes refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparseview.model.declarations import FOREIGN, read_declarations
from sparseview.model.notice import Notice

if TYPE_CHECKING:
    from sparseview.model.document import Model


def remarks(model: Model) -> list[Notice]:
    """What to tell about annotations, apart from whether they are true; reads no weight."""
    found: list[Notice] = []
    problems = read_declarations(model).problems
    if problems:
        more = f" ({len(problems) - 1} more like this.)" if len(problems) > 1 else ""
        found.append(
            Notice(problems[0] + more, "Saving writes the annotations anew.", "annotation")
        )
    plain: dict[str, str] = {}  # layer -> attribute
    for node_id in dict.fromkeys(weight.node for weight in model.weights):
        node = model.nodes[node_id]
        names = [a.name for a in node.proto.attribute if a.name in FOREIGN]
        if names and node.proto.domain in ("", "ai.onnx"):
            plain[node.layer] = names[0]
    if plain:
        layer, name = next(iter(plain.items()))
        count = "One layer carries" if len(plain) == 1 else f"{len(plain)} layers carry"
        found.append(
            Notice(
                f"{count} a plain attribute such as {name!r} ({layer}), which ONNX Runtime and "
                "onnx.checker refuse.",
                "Saving puts __sparsity in its place.",
                "foreign-annotation",
            )
        )
    return found
