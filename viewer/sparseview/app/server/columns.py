"""A graph as binary columns: what the page's worker lays out and paints, without parsing JSON.

Layout: u32 little-endian length of the header, the header as UTF-8 JSON padded with spaces so that
the data begins 8-aligned, then the columns, each 8-aligned. Texts are indices into one string
table, whose entry 0 is the empty string.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sparseview.app.server.briefs import Row
from sparseview.app.server.edges import INPUT, GraphEdges
from sparseview.app.server.names import NoteWriter, short_name
from sparseview.app.server.noderows import RowWriter
from sparseview.model.within import Within

VERSION = 1


class Column(msgspec.Struct, frozen=True):
    """Where a column lies: offset in bytes from the data's start, length in elements."""

    name: str
    type: str
    offset: int
    length: int


class Header(msgspec.Struct, frozen=True):
    """What the page reads first."""

    version: int
    path: str
    nodes: int
    edges: int
    strings: list[str]
    categories: list[str]
    columns: list[Column]


def index() -> defaultdict[str, int]:
    """A table that gives each new text the next number; the empty text has 0."""
    table: defaultdict[str, int] = defaultdict()
    table.default_factory = table.__len__
    table[""] = 0
    return table


TYPES: dict[str, type[np.generic]] = {
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "i32": np.int32,
    "f32": np.float32,
}


def encode(
    path: str,
    strings: Sequence[str],
    categories: Sequence[str],
    columns: Mapping[str, tuple[str, Sequence[int]]],
) -> bytes:
    """Pack columns; name -> (type, values). `nodeId` and `edgeSource` give the two counts."""
    facts: list[Column] = []
    parts: list[bytes] = []
    offset = 0
    for name, (kind, values) in columns.items():
        data = np.asarray(values, dtype=np.dtype(TYPES[kind]).newbyteorder("<")).tobytes()
        facts.append(Column(name, kind, offset, len(values)))
        data += b"\0" * (-len(data) % 8)
        parts.append(data)
        offset += len(data)
    header = msgspec.json.encode(
        Header(
            VERSION,
            path,
            len(columns["nodeId"][1]),
            len(columns["edgeSource"][1]),
            list(strings),
            list(categories),
            facts,
        )
    )
    header += b" " * (-(4 + len(header)) % 8)
    return b"".join([len(header).to_bytes(4, "little"), header, *parts])


def build(
    graph: GraphEdges,
    notes: NoteWriter,
    labels: Mapping[str, str],
    rows: RowWriter | None = None,
    briefs: RowWriter | None = None,
) -> bytes:
    """The columns of one graph.

    Parameters
    ----------
    graph : its nodes and edges, constants folded.
    notes : says which nodes are layers, and the second line of each.
    labels : tensor name -> shape text, for those that are known.
    rows : writes the lines inside the nodes; None where there are none.
    briefs : writes the constants of operators that are no layers; None where they stay out.
    """
    text, categories = index(), index()
    op: list[int] = []
    name: list[int] = []
    note: list[int] = []
    subgraph: list[int] = []
    category: list[int] = []
    layer: list[int] = []
    for kind, label, node in zip(graph.kinds, graph.names, graph.nodes, strict=True):
        if node is None:
            op.append(0)
            name.append(text[label])
            note.append(text[labels.get(label, "")])
            subgraph.append(0)
            category.append(categories["input" if kind == INPUT else "output"])
            layer.append(0)
            continue
        op_type = node.proto.op_type
        op.append(text[op_type])
        name.append(text[short_name(label, op_type)])
        subgraph.append(text[graph.inside.get(node.id, "")])
        category.append(categories[notes.category(node)])
        is_layer = notes.is_layer(node)
        layer.append(is_layer)
        if is_layer:
            note.append(text[notes.note(node)])
        else:
            note.append(text[briefs.brief(node)] if briefs else 0)
    tensors = [text[tensor] for tensor in graph.tensors]
    shapes = [text[labels.get(tensor, "")] for tensor in graph.tensors]
    lines = {} if rows is None else row_columns(graph, rows, text)
    inside = within_columns(graph, notes.within) if notes.within else {}
    return encode(
        graph.path,
        list(text),
        list(categories),
        {
            "nodeId": ("i32", graph.ids),
            "nodeKind": ("u8", graph.kinds),
            "nodeOp": ("u32", op),
            "nodeName": ("u32", name),
            "nodeNote": ("u32", note),
            "nodeSubgraph": ("u32", subgraph),
            "nodeCategory": ("u8", category),
            "nodeLayer": ("u8", layer),
            "edgeSource": ("u32", graph.sources),
            "edgeTarget": ("u32", graph.targets),
            "edgeTensor": ("u32", tensors),
            "edgeLabel": ("u32", shapes),
            "edgePort": ("u16", graph.ports),
            **lines,
            **inside,
        },
    )


def within_columns(
    graph: GraphEdges, within: Mapping[int, Within]
) -> dict[str, tuple[str, Sequence[int]]]:
    """The weights inside of boxes: of box i, withinWeight[nodeWithinStart[i]:nodeWithinEnd[i]].

    Calls of one function share a stretch: a model may call it at every step.
    """
    start: list[int] = []
    end: list[int] = []
    weights: list[int] = []
    known: dict[tuple[int, ...], int] = {}
    for number in graph.ids:
        found = within.get(number)
        ids = () if found is None else found.weights
        first = known.get(ids)
        if first is None:
            first = known[ids] = len(weights)
            weights += ids
        start.append(first)
        end.append(first + len(ids))
    return {
        "nodeWithinStart": ("u32", start),
        "nodeWithinEnd": ("u32", end),
        "withinWeight": ("u32", weights),
    }


def row_columns(
    graph: GraphEdges, writer: RowWriter, text: defaultdict[str, int]
) -> dict[str, tuple[str, Sequence[int]]]:
    """The rows of all boxes: those of box i are rows nodeRowStart[i] to nodeRowStart[i + 1]."""
    start = [0]
    found: list[Row] = []
    for node in graph.nodes:
        if node is not None:
            found += writer.rows(node)
        start.append(len(found))
    return {
        "nodeRowStart": ("u32", start),
        "rowName": ("u32", [text[row.name] for row in found]),
        "rowText": ("u32", [text[row.text] for row in found]),
        "rowWeight": ("i32", [row.weight for row in found]),
    }
