"""Notices about annotations that say nothing or are refused, and about weights left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparseview.model.declarations import FOREIGN
from sparseview.model.left_out import left_out
from sparseview.model.notice import Notice

if TYPE_CHECKING:
    from sparseview.model.document import Model

# ONNX Runtime's domain for convolutions whose weights it has laid out in blocks for one processor.
# The file does not tell the size of the blocks, nor how much padding is in them.
BLOCKED = "com.microsoft.nchwc"
MOST_TOLD = 3  # of what is left out, in one notice


def remarks(model: Model) -> list[Notice]:
    """What to tell apart from whether annotations are true; reads no weight."""
    found: list[Notice] = []
    blocked = sum(n.proto.domain == BLOCKED and n.proto.op_type == "Conv" for n in model.nodes)
    if blocked:
        found.append(
            Notice(
                f"{blocked} convolution{'s' * (blocked > 1)} by ONNX Runtime ({BLOCKED}) not "
                "measured: optimised for one processor, which the file does not tell.",
                "Open the model that it was optimised from.",
                "blocked",
            )
        )
    found += _left_out(model)
    problems = model.declarations.problems
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
            plain[model.title(node)] = names[0]
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


def _left_out(model: Model) -> list[Notice]:
    """One notice for all constants that operators read as weights and nobody measures."""
    left = left_out(model)
    if not left:
        return []
    told = [f"{model.title(model.nodes[one.node])}: {one.why}" for one in left[:MOST_TOLD]]
    more = f"; and {len(left) - MOST_TOLD} more" if len(left) > MOST_TOLD else ""
    are = "constant is" if len(left) == 1 else "constants are"
    return [
        Notice(
            f"{len(left)} {are} read as weights and not measured ({'; '.join(told)}{more}).",
            "Fold the constants (an optimiser such as onnxsim does) to see them.",
            "left-out",
        )
    ]
