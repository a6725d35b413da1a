"""Routes that change weights: the form of each method, preview, prune, undo, redo."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from sparseview.app.forms import forms
from sparseview.app.server.desk import Desk
from sparseview.app.server.evaluated import Evaluated, driven
from sparseview.app.server.replies import body, reply
from sparseview.errors import SparseviewError
from sparseview.model.edits import Edit
from sparseview.progress import Cancelled, Progress
from sparseview.pruning.prune import PruneRequest
from sparseview.review.preview import Preview
from sparseview.review.rows import WeightRow
from sparseview.review.storing import Skipped


class Pruned(msgspec.Struct, frozen=True):
    """What a prune did: the edit's label and the rows of the weights that it changed; skipped:
    what a method that goes by data left as it is, and why."""

    label: str
    revision: int
    rows: tuple[WeightRow, ...]
    skipped: tuple[Skipped, ...]


class Turned(msgspec.Struct, frozen=True):
    """Where undo or redo led; label null where there was nothing to do."""

    revision: int
    label: str | None


class CompareRequest(PruneRequest, frozen=True):
    """A prune, and the formats to try it in; null: the usual ones and its own."""

    formats: tuple[str, ...] | None = None


class ProtectRequest(msgspec.Struct, frozen=True):
    """Weights never to be pruned, or to be pruned again."""

    weights: tuple[int, ...]
    protected: bool = True


class Protected(msgspec.Struct, frozen=True):
    """Ids of all weights that no prune changes."""

    protected: tuple[int, ...]


def routes(desk: Desk, evaluated: Evaluated) -> Blueprint:
    """Methods, preview, outlook, comparison, protection, prune, undo, redo."""
    pages = Blueprint("edit", __name__)

    @pages.get("/api/methods")
    def methods() -> Response:
        return reply(forms())

    @pages.post("/api/preview")
    def preview() -> Response:
        request = body(PruneRequest)
        if driven(request):
            return reply(by_data(request))
        try:
            return reply(desk.session.preview(request, desk.new_preview()))
        except Cancelled:
            raise SparseviewError("A newer preview took over.", "", "cancelled") from None

    def by_data(request: PruneRequest) -> Preview:
        """It takes its time: a job, with progress and cancel."""
        session = desk.session
        made: list[Preview] = []

        def work(progress: Progress) -> None:
            made.append(session.preview(request, progress))

        desk.run("Working it out", work)
        return made[0]

    @pages.post("/api/outlook")
    def outlook() -> Response:
        request = body(PruneRequest)
        try:
            return reply(desk.session.outlook(request, desk.new_outlook()))
        except Cancelled:
            raise SparseviewError("A newer outlook took over.", "", "cancelled") from None

    @pages.post("/api/compare")
    def compare() -> Response:
        asked = body(CompareRequest)
        try:
            return reply(desk.session.compare(asked, asked.formats, desk.new_comparison()))
        except Cancelled:
            raise SparseviewError("A newer comparison took over.", "", "cancelled") from None

    @pages.get("/api/protected")
    def protected() -> Response:
        return reply(Protected(desk.session.protected))

    @pages.post("/api/protect")
    def protect() -> Response:
        asked = body(ProtectRequest)
        return reply(Protected(desk.session.protect(asked.weights, asked.protected)))

    @pages.post("/api/prune")
    def prune() -> Response:
        request = body(PruneRequest)
        session = desk.session
        desk.new_comparison()  # the one that runs is about the past
        desk.new_foresight()
        done: list[tuple[Edit, tuple[Skipped, ...]]] = []

        def work(progress: Progress) -> None:
            done.append(evaluated.prune(session, request, progress))

        desk.run("Pruning", work)
        edit, skipped = done[0]
        rows = tuple(session.row(weight) for weight in edit.weights)
        return reply(Pruned(edit.label, session.revision, rows, skipped))

    def turned(edit: Edit | None) -> Response:
        return reply(Turned(desk.session.revision, None if edit is None else edit.label))

    @pages.post("/api/undo")
    def undo() -> Response:
        return turned(desk.session.undo())

    @pages.post("/api/redo")
    def redo() -> Response:
        return turned(desk.session.redo())

    return pages
