"""The route by which the page tells what is on screen, so that it is measured first.

And that its picture moves: what can wait does, for a moment.
"""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import body, reply


class VisibleRequest(msgspec.Struct, frozen=True):
    """Ids of the nodes on screen, those to be seen first before the others."""

    nodes: tuple[int, ...] = ()


def routes(desk: Desk) -> Blueprint:
    """POST /api/visible, /api/moving."""
    pages = Blueprint("visible", __name__)

    @pages.post("/api/visible")
    def visible() -> Response:
        place = {node: i for i, node in enumerate(body(VisibleRequest).nodes)}
        session = desk.session
        seen = [weight for weight in session.model.weights if weight.node in place]
        session.prioritise(w.id for w in sorted(seen, key=lambda w: place[w.node]))
        return reply({})

    @pages.post("/api/moving")
    def moving() -> Response:
        desk.picture_moves()
        return reply({})

    return pages
