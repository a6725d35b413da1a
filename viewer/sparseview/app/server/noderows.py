"""Rows inside a node, where the user asks for them: its name, attributes, weights and constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from sparseview.app.server.describe import clip
from sparseview.app.server.formals import formal_name, schema_of
from sparseview.app.server.names import shape_text
from sparseview.app.server.values import attribute_text, constant_text, constants_around
from sparseview.app.settings import Settings
from sparseview.model.document import Graph, Model, Node

# A node with more rows than this hides the others behind a count.
MOST_ROWS = 12
# Values of constants up to this many elements stand in the node.
SHOWN_ELEMENTS = 6
TEXT_LIMIT = 80
# More constants than this are told by the panel alone.
MOST_BRIEF = 4
NO_WEIGHT = -1
# The bounds of int64 as words: a slice that goes on to the end has nineteen digits.
BOUNDS = {str(-(2**63) + 1): "min", str(-(2**63)): "min", str(2**63 - 1): "max"}


class Wanted(msgspec.Struct, frozen=True):
    """Which kinds of rows the nodes show."""

    names: bool = False
    attributes: bool = False
    constants: bool = False

    def any(self) -> bool:
        """True where at least one kind is shown."""
        return self.names or self.attributes or self.constants


def wanted_by(settings: Settings) -> Wanted:
    """The rows that the page will ask for first."""
    return Wanted(settings.names, settings.attributes, settings.constants)


class Row(NamedTuple):
    """One line. weight : id of the weight whose sparsity stands at its end, or NO_WEIGHT."""

    name: str
    text: str
    weight: int = NO_WEIGHT


class RowWriter:
    """Writes the rows of a graph's nodes."""

    def __init__(self, model: Model, graph: Graph, wanted: Wanted) -> None:
        self._model = model
        self._wanted = wanted
        self._constants = constants_around(model, graph) if wanted.constants else {}
        self._weights: dict[int, dict[int, int]] = {}
        if wanted.constants:
            for weight in model.weights:
                self._weights.setdefault(weight.node, {})[weight.input] = weight.id
        self._shapes: Mapping[int, tuple[int, ...]] = {
            weight.id: weight.constant.shape for weight in model.weights
        }

    def rows(self, node: Node) -> list[Row]:
        """The node's rows: name, attributes, then what enters it as a constant, in input order."""
        found: list[Row] = []
        if self._wanted.names and node.proto.name:
            found.append(Row("", node.layer))
        if self._wanted.attributes:
            found += [
                Row(a.name, clip(attribute_text(a), TEXT_LIMIT))
                for a in node.proto.attribute
                if not a.name.startswith("__")
            ]
        if self._wanted.constants:
            found += self._inputs(node)
        if len(found) > MOST_ROWS:
            hidden = len(found) - MOST_ROWS + 1
            found = [*found[: MOST_ROWS - 1], Row("", f"{hidden} more")]
        return found

    def brief(self, node: Node) -> str:
        """What enters the node as a constant, on one line: "axes = [0]", "Scale 384 · B 384"."""
        rows = self._inputs(node)[:MOST_BRIEF]
        if node.proto.op_type == "Slice" and (text := _slice_brief(rows)):
            return text
        names = [row.name for row in rows]
        # Those of a list, as a Concat has, all have one name: then the values say more.
        shown = [
            f"{row.name} {_short(row.text)}" if names.count(row.name) == 1 else _short(row.text)
            for row in rows
        ]
        return clip(" · ".join(text.removeprefix("= ") for text in shown), TEXT_LIMIT)

    def _inputs(self, node: Node) -> list[Row]:
        weights = self._weights.get(node.id, {})
        schema = schema_of(self._model, node)
        found = []
        for index, tensor in enumerate(node.proto.input):
            name = formal_name(schema.inputs if schema else (), index) or f"input {index}"
            weight = weights.get(index)
            if weight is not None:
                found.append(Row(name, shape_text(self._shapes[weight]), weight))
            elif (constant := self._constants.get(tensor)) is not None:
                value = constant_text(self._model, constant, SHOWN_ELEMENTS)
                shape = shape_text(constant.shape)
                found.append(Row(name, shape if value is None else f"= {value}"))
        return found


def _slice_brief(rows: list[Row]) -> str:
    """A slice along one axis as Python writes it, "axis 2 [1::2]"; "" where that cannot be told."""
    single = {
        row.name: row.text[3:-1]
        for row in rows
        if row.text.startswith("= [") and row.text.endswith("]") and "," not in row.text
    }
    if not {"starts", "ends", "axes"} <= single.keys() or len(single) < len(rows):
        return ""
    start = "" if single["starts"] in {"0", *BOUNDS} else single["starts"]
    end = "" if single["ends"] in BOUNDS else single["ends"]
    step = single.get("steps", "1")
    return f"axis {single['axes']} [{start}:{end}{'' if step == '1' else f':{step}'}]"


def _short(text: str) -> str:
    for digits, word in BOUNDS.items():
        text = text.replace(digits, word)
    return text
