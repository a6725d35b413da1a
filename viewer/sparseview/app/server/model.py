"""Routes about the open model as a whole: state, opening, closing, settings, jobs."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from sparseview.app.server.demo import demo_model
from sparseview.app.server.desk import Desk, finish
from sparseview.app.server.replies import body, reply
from sparseview.app.settings import Settings
from sparseview.errors import SparseviewError


class OpenRequest(msgspec.Struct, frozen=True):
    """path: what a dialog named. discard: open it although edits are unsaved."""

    path: str
    discard: bool = False


class DiscardRequest(msgspec.Struct, frozen=True):
    """discard: go on although edits are unsaved."""

    discard: bool = False


class CloseRequest(msgspec.Struct, frozen=True):
    """window: close the window, not only the model."""

    window: bool = False
    discard: bool = False


class CancelRequest(msgspec.Struct, frozen=True):
    job: int


def routes(desk: Desk) -> Blueprint:
    """State, open, demo, close, settings, cancel."""
    pages = Blueprint("model", __name__)

    @pages.get("/api/state")
    def state() -> Response:
        return reply(desk.state())

    def opened(path: str, discard: bool) -> Response:
        job = desk.open(path, discard)
        job.wait()
        finish(job)
        return reply(desk.state())

    @pages.post("/api/open")
    def open_model() -> Response:
        asked = body(OpenRequest)
        return opened(asked.path, asked.discard)

    @pages.post("/api/demo")
    def open_demo() -> Response:
        demo = demo_model()
        if demo is None:
            raise SparseviewError("This copy has no demo model.", "Open a model.", "missing")
        return opened(str(demo), body(DiscardRequest).discard)

    @pages.post("/api/close")
    def close() -> Response:
        asked = body(CloseRequest)
        if asked.window and desk.window is not None:
            desk.guard(asked.discard)
            desk.window.close()
        else:
            desk.close_model(asked.discard)
        return reply(desk.state())

    @pages.post("/api/settings")
    def settings() -> Response:
        current = msgspec.to_builtins(desk.state().settings)
        try:
            changed = msgspec.convert({**current, **body(dict[str, str | bool])}, Settings)
        except msgspec.ValidationError as error:
            raise SparseviewError(f"No such setting: {error}.", "", "request") from error
        desk.change_settings(changed)
        return reply(changed)

    @pages.post("/api/cancel")
    def cancel() -> Response:
        desk.cancel(body(CancelRequest).job)
        return reply({})

    return pages
