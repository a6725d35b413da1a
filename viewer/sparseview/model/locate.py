"""Where graphs, nodes, attributes and tensors lie in the bytes of a model file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sparseview.errors import SparseviewError
from sparseview.model.document import Constant, Model
from sparseview.model.proto import AttributeProto
from sparseview.model.protobuf import BYTES, VARINT, Buffer, Field, fields, read_varint
from sparseview.model.splice import Span, root

# Field numbers of onnx.proto.
MODEL_GRAPH, MODEL_METADATA, MODEL_FUNCTION = 7, 14, 25
FUNCTION_NODE = 7
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_SPARSE_INITIALIZER = 1, 5, 15
NODE_ATTRIBUTE, NODE_METADATA = 5, 9
ATTRIBUTE_NAME, ATTRIBUTE_TYPE, ATTRIBUTE_REFERENCE = 1, 20, 21
ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS, ATTRIBUTE_SPARSE = 5, 6, 11, 22
# A Constant node's plain numbers: the field of AttributeProto that holds each.
NUMBERS = {"value_float": 2, "value_floats": 7, "value_int": 3, "value_ints": 8}

Message = tuple[Span, ...]
"""One message as protobuf reads it: a singular one that occurs several times is all of them."""


class Item(NamedTuple):
    """A field, and the span in whose body it lies."""

    field: Field
    owner: Span


def items(buf: Buffer, message: Iterable[Span]) -> Iterator[Item]:
    """The fields of a message, in file order, over all its occurrences."""
    for span in message:
        for field in fields(buf, span.start, span.end):
            yield Item(field, span)


def child(buf: Buffer, item: Item) -> Span:
    """The span of a length-delimited field."""
    field, owner = item
    _, prefix = read_varint(buf, field.tag_start, field.value_end)
    return Span(field.tag_start, prefix, field.value_start, field.value_end, owner, owner.depth + 1)


def children(buf: Buffer, message: Iterable[Span], number: int) -> Message:
    """The spans of one length-delimited field, in file order."""
    return tuple(
        child(buf, item)
        for item in items(buf, message)
        if item.field.number == number and item.field.wire == BYTES
    )


def text(buf: Buffer, message: Iterable[Span], number: int) -> str:
    """A singular string field: its last occurrence, "" if there is none."""
    found = children(buf, message, number)
    return bytes(buf[found[-1].start : found[-1].end]).decode("utf-8", "replace") if found else ""


def number(buf: Buffer, message: Iterable[Span], of: int) -> int:
    """A singular varint field: its last occurrence, 0 if there is none."""
    value = 0
    for field, _ in items(buf, message):
        if field.number == of and field.wire == VARINT:
            value = field.varint
    return value


class Places:
    """Finds the parts of an opened model in its source bytes; walks only where it is asked to."""

    def __init__(self, model: Model, buf: Buffer) -> None:
        self.model = model
        self.buf = buf
        self.root = root(len(buf))
        self._graphs: dict[int, Message] = {}
        self._elements: dict[tuple[int, int], Message] = {}

    def graph(self, graph: int) -> Message:
        """The graph's or function's message; a graph that occurs twice is one message."""
        if graph not in self._graphs:
            self._graphs[graph] = self._find_graph(graph)
        return self._graphs[graph]

    def _find_graph(self, graph: int) -> Message:
        facts = self.model.graphs[graph]
        if facts.kind == "main":
            return children(self.buf, (self.root,), MODEL_GRAPH)
        if facts.kind == "function":
            earlier = sum(1 for g in self.model.graphs[:graph] if g.kind == "function")
            return (children(self.buf, (self.root,), MODEL_FUNCTION)[earlier],)
        if facts.parent is None:
            raise _lost(facts.path)
        # By rank among its node's subgraphs: names may be given twice.
        rank = sum(1 for g in self.model.graphs[:graph] if g.parent == facts.parent)
        found: list[Message] = []
        for span in children(self.buf, (self.node(facts.parent),), NODE_ATTRIBUTE):
            single = children(self.buf, (span,), ATTRIBUTE_GRAPH)
            if single or number(self.buf, (span,), ATTRIBUTE_TYPE) == AttributeProto.GRAPH:
                found.append(single)
            found += [(one,) for one in children(self.buf, (span,), ATTRIBUTE_GRAPHS)]
        if rank >= len(found):
            raise _lost(facts.path)
        return found[rank]

    def node(self, node: int) -> Span:
        """The NodeProto of a node id."""
        facts = self.model.nodes[node]
        return self._node(facts.graph, facts.index)

    def _node(self, graph: int, index: int) -> Span:
        facts = self.model.graphs[graph]
        number = FUNCTION_NODE if facts.kind == "function" else GRAPH_NODE
        return self._element(graph, number, index, f"{facts.path}#{index}")

    def _element(self, graph: int, number: int, index: int, what: str) -> Span:
        found = self._elements.get((graph, number))
        if found is None:
            found = children(self.buf, self.graph(graph), number)
            self._elements[graph, number] = found
        if index >= len(found):
            raise _lost(what)
        return found[index]

    def attributes(self, node: Span) -> list[tuple[str, Span]]:
        """Names and spans of a node's attributes, in file order."""
        return [
            (text(self.buf, (span,), ATTRIBUTE_NAME), span)
            for span in children(self.buf, (node,), NODE_ATTRIBUTE)
        ]

    def constant(self, constant: Constant) -> Message:
        """The constant's TensorProto or SparseTensorProto; of plain numbers the AttributeProto."""
        if constant.place == "attribute":
            return self._attribute_value(constant)
        number = GRAPH_INITIALIZER
        if constant.place == "sparse_initializer":
            number = GRAPH_SPARSE_INITIALIZER
        return (self._element(constant.graph, number, constant.index, constant.key),)

    def _attribute_value(self, constant: Constant) -> Message:
        for name, span in self.attributes(self._node(constant.graph, constant.index)):
            if name != constant.attribute or text(self.buf, (span,), ATTRIBUTE_REFERENCE):
                continue
            if name in NUMBERS:
                return (span,)
            dense = constant.stored_as == "dense"
            holder = ATTRIBUTE_TENSOR if dense else ATTRIBUTE_SPARSE
            found = children(self.buf, (span,), holder)
            if found:
                return found
        raise _lost(constant.key)


def _lost(what: str) -> SparseviewError:
    return SparseviewError(
        f"{what} is not where it was when the model was opened.", "Open it again.", "changed"
    )
