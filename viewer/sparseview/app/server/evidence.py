"""Routes about what data tell: what a prune by data will take, and what edits did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response

from sparseview.app.server.desk import Desk
from sparseview.app.server.evaluated import Evaluated, data
from sparseview.app.server.replies import body, reply
from sparseview.errors import SparseviewError
from sparseview.progress import Cancelled, Progress
from sparseview.pruning.prune import PruneRequest

if TYPE_CHECKING:
    from sparseview.review.evaluation import Evaluation


class EvaluationRequest(msgspec.Struct, frozen=True):
    """layers: also the errors of layers that no prune by data has told."""

    layers: bool = False


class ForesightRequest(PruneRequest, frozen=True):
    """timed: also try how long it will take."""

    timed: bool = False


def routes(desk: Desk, evaluated: Evaluated) -> Blueprint:
    """Foresight and evaluation."""
    pages = Blueprint("evidence", __name__)

    @pages.post("/api/foresight")
    def foresee() -> Response:
        from sparseview.review.foresight import foresight

        asked, session = body(ForesightRequest), desk.session
        progress = desk.new_foresight()
        try:
            return reply(
                foresight(session.model, asked, data(session), session.left, asked.timed, progress)
            )
        except Cancelled:
            raise SparseviewError("A newer question took over.", "", "cancelled") from None

    @pages.get("/api/evaluation")
    def known() -> Response:
        session = desk.session
        return reply(None if session.data is None else evaluated.of(session).known(session.model))

    @pages.post("/api/evaluation")
    def evaluate() -> Response:
        layers, session = body(EvaluationRequest).layers, desk.session
        model, kept = session.model, evaluated.of(session)
        found: list[Evaluation] = []

        def work(progress: Progress) -> None:
            found.append(kept.of(model, layers, progress))

        desk.run("Evaluating", work)
        return reply(found[0])

    return pages
