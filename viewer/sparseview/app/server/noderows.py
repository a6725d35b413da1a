"""Rows inside a node, where the user asks for them: its name, attributes, weights and constants."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sparseview.app.server.briefs import Row, brief
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
            found.append(Row("", self._model.title(node)))
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
        """What enters the node as a constant, on one line: "axes = [0]", "Scale, B 384"."""
        rows = self._inputs(node)
        if node.proto.op_type == "Slice":  # before opset 10 its bounds were attributes
            bounds = [a for a in node.proto.attribute if a.ints]
            rows += [Row(a.name, f"= [{attribute_text(a)}]") for a in bounds]
        if not rows:
            return ""
        schema = schema_of(self._model, node)
        named = schema.inputs if schema else ()
        entering = {formal_name(named, i) for i, tensor in enumerate(node.proto.input) if tensor}
        return brief(node.proto.op_type, rows, entering - {row.name for row in rows})

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
