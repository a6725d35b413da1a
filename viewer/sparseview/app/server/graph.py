"""Routes about what is drawn: graph columns, edge labels, weights, one node."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from sparseview.app.server import labels
from sparseview.app.server.desk import Desk
from sparseview.app.server.names import shape_text
from sparseview.app.server.node import node_facts
from sparseview.app.server.noderows import Wanted
from sparseview.app.server.pictures import graph_at
from sparseview.app.server.replies import reply
from sparseview.review.rows import WeightRow
from sparseview.review.summary import Summary


class Weights(msgspec.Struct, frozen=True):
    """Uses of weights, and the totals over all. next: where the rows go on; None at their end."""

    revision: int
    rows: tuple[WeightRow, ...]
    summary: Summary
    next: int | None = None


# Rows of one answer: what a page decodes between two frames.
SLICE = 500


class Labels(msgspec.Struct, frozen=True):
    """Shape texts of a graph's tensors that its columns lack. ready: inference has finished."""

    path: str
    ready: bool
    labels: dict[str, str]


def routes(desk: Desk) -> Blueprint:
    """Graph, labels, weights, node."""
    pages = Blueprint("graph", __name__)

    @pages.get("/api/graph")
    def graph() -> Response:
        asked = request.args.get("rows", "").split(",")
        wanted = Wanted(**{kind: kind in asked for kind in Wanted.__struct_fields__})
        data = desk.pictures.get(desk.session.model, request.args.get("path", "main"), wanted)
        return Response(data, mimetype="application/octet-stream")

    @pages.get("/api/labels")
    def edge_labels() -> Response:
        desk.picture_shown()  # pages ask for shapes once they have the graph
        model = desk.session.model
        graph = graph_at(model, request.args.get("path", "main"))
        types = desk.types
        if types is None:
            return reply(Labels(graph.path, False, {}))
        known = labels.declared(graph)
        texts = ((name, shape_text(shape)) for name, (_, shape) in types.get(graph.id, {}).items())
        found = {name: text for name, text in texts if text and known.get(name) != text}
        return reply(Labels(graph.path, True, found))

    @pages.get("/api/weights")
    def weights() -> Response:
        session = desk.session
        start = request.args.get("from", type=int)
        if start is None:
            return reply(Weights(session.revision, session.weights, session.summary()))
        revision, end = session.revision, len(session.model.weights)
        chosen = range(max(start, 0), min(start + SLICE, end))
        rows = tuple(session.row(weight) for weight in chosen)
        more = chosen.stop if chosen.stop < end else None
        return reply(Weights(revision, rows, session.summary(), more))

    @pages.get("/api/node/<int:node_id>")
    def node(node_id: int) -> Response:
        model = desk.session.model
        types = desk.types
        graph_id = model.nodes[node_id].graph if node_id < len(model.nodes) else 0
        return reply(node_facts(model, node_id, None if types is None else types.get(graph_id)))

    return pages
