"""The event stream: what happens, pushed to the page."""

from __future__ import annotations

from flask import Blueprint, Response, request

from sparseview.app.events import StateEvent
from sparseview.app.server.desk import Desk


def routes(desk: Desk) -> Blueprint:
    """GET /api/events."""
    pages = Blueprint("events", __name__)

    @pages.get("/api/events")
    def events() -> Response:
        # waitress offers this with channel_request_lookahead; other servers do not.
        gone = request.environ.get("waitress.client_disconnected", lambda: False)
        stream = desk.broadcast.stream(lambda: StateEvent(desk.state()), gone)
        return Response(stream, mimetype="text/event-stream")

    return pages
