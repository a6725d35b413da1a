"""Short texts for the graph: a node's name, its second line, shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sparseview.model.document import Node
from sparseview.model.proto import AttributeProto, NodeProto
from sparseview.model.within import Within

# A path's part whose child repeats it: "layer1/" before "layer1.0".
REPEATED = re.compile(r"(?:(?<=/)|^)([^/]+)/(?=\1\.)")


# Shape inference calls a size that it cannot know so; the file's own names, as batch, are kept.
MADE_UP = re.compile(r"unk__\d+")


def size_text(size: int | str | None) -> str:
    """One size of a shape: its number or name, "?" where it is unknown."""
    if size is None or size == "" or (isinstance(size, str) and MADE_UP.fullmatch(size)):
        return "?"
    return str(size)


def shape_text(shape: Iterable[int | str | None] | None) -> str:
    """ "1×64×56×56"; "?" for an unknown size, "scalar" for rank 0, "" for an unknown shape."""
    if shape is None:
        return ""
    return "×".join(map(size_text, shape)) or "scalar"


def short_name(layer: str, op: str) -> str:
    """A node's name without what the box says already.

    "/layer1/layer1.0/conv1/Conv" -> "layer1.0/conv1": exporters repeat the operator at the end,
    and each module's path in the path of its child.
    """
    if "/" not in layer:
        return layer
    short = layer.strip("/")
    if short.endswith(op):
        short = short.removesuffix(f"/{op}")
    return REPEATED.sub("", short) or layer


def _all_same(values: Sequence[int], usual: int) -> str | None:
    """One number where all agree, several joined by ×, None where all are the usual one."""
    if all(v == usual for v in values):
        return None
    first = values[0]
    return str(first) if all(v == first for v in values) else "×".join(map(str, values))


def _sides(values: Sequence[int]) -> Sequence[int]:
    """Pads, which are told for both ends of each axis: once where the ends are alike."""
    half = len(values) // 2
    return values[:half] if values[:half] == values[half:] else values


def _ints(
    word: str, usual: int, told: Callable[[Sequence[int]], Sequence[int]] = tuple
) -> Callable[[AttributeProto], str | None]:
    """`told`: which of the values are told."""

    def write(attribute: AttributeProto) -> str | None:
        values = told(attribute.ints)
        text = _all_same(values, usual) if values else None
        return None if text is None else f"{word} {text}"

    return write


def _int(word: str, usual: int) -> Callable[[AttributeProto], str | None]:
    return lambda attribute: None if attribute.i == usual else f"{word} {attribute.i}"


def _text(usual: str, word: str = "") -> Callable[[AttributeProto], str | None]:
    def write(attribute: AttributeProto) -> str | None:
        text = attribute.s.decode("utf-8", "replace")
        return None if text == usual else f"{word}{text.lower().replace('_', ' ')}"

    return write


# What the second line says about a layer, what matters most first: a narrow node loses the end.
# A usual value is not said.
NOTED: Mapping[str, Callable[[AttributeProto], str | None]] = {
    "group": _int("groups", 1),
    "strides": _ints("stride", 1),
    "dilations": _ints("dilation", 1),
    "auto_pad": _text("NOTSET"),
    "pads": _ints("pads", 0, _sides),
    "output_padding": _ints("output pads", 0),
    "axis": _int("axis", 0),
    "direction": _text("forward"),
    "hidden_size": _int("hidden", 0),
}


def attribute_notes(proto: NodeProto, shape: Sequence[int] = ()) -> list[str]:
    """The unusual attributes of a layer, each in a word or two; `shape`: that of its weight."""
    found = {a.name: a for a in proto.attribute if a.name in NOTED}
    notes = {name: NOTED[name](found[name]) for name in NOTED if name in found}
    # One channel for each group, on both sides: what everybody calls depthwise.
    if notes.get("group") and tuple(shape[:2]) == (found["group"].i, 1):
        notes["group"] = "depthwise"
    return [note for note in notes.values() if note]


class NoteWriter:
    """Knows the layers of a model and writes their second lines.

    Parameters
    ----------
    shapes : node id -> stored shape of the node's first weight; these nodes are the layers.
    category : (domain, op type) -> name of the operator's category.
    within : node id -> what it holds, of nodes with weights in their bodies, drawn as layers too.
    """

    def __init__(
        self,
        shapes: Mapping[int, Sequence[int]],
        category: Callable[[str, str], str],
        within: Mapping[int, Within],
    ) -> None:
        self._shapes = shapes
        self.within = within
        self._category = category
        self._known: dict[Any, str] = {}

    def is_layer(self, node: Node) -> bool:
        return node.id in self._shapes or node.id in self.within

    def category(self, node: Node) -> str:
        key = (node.proto.domain, node.proto.op_type)
        if key not in self._known:
            self._known[key] = self._category(*key)
        return self._known[key]

    def note(self, node: Node) -> str:
        """ "64×1×3×3 · depthwise", "3 layers inside · 12 nodes"; "" for operators of one line."""
        parts: list[str] = []
        shape = self._shapes.get(node.id)
        if shape is not None:
            parts += [shape_text(shape), *attribute_notes(node.proto, shape)]
        inner = self.within.get(node.id)
        if inner is not None:
            thing = "layer" if inner.kind == "weight" else "embedding"
            parts += [f"{_plural(inner.layers, thing)} inside", _plural(inner.nodes, "node")]
        return " · ".join(parts)


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
