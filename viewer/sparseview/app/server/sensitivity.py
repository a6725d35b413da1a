"""Routes about sensitivity: the sweep as a job, what it has measured, levels made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response

from sparseview.app.server.desk import Desk
from sparseview.app.server.evaluated import data
from sparseview.app.server.replies import body, reply
from sparseview.errors import SparseviewError
from sparseview.progress import Progress
from sparseview.pruning.request import PARAMS, PruneRequest
from sparseview.session import Session

if TYPE_CHECKING:
    from sparseview.pruning.evidence import Evidence
    from sparseview.review.sensitivities import Sweep

KEPT = 8  # sweeps of one session


class SweepRequest(PruneRequest, frozen=True):
    """Weights, method, format and parameters; at: the levels to measure each at, 0..1."""

    at: tuple[float, ...] = (0.5, 0.7, 0.9)


class LevelsRequest(msgspec.Struct, frozen=True):
    """One of them. target: the share of zeros over all; cosine: the least that the outputs keep."""

    target: float | None = None
    cosine: float | None = None


def routes(desk: Desk) -> Blueprint:
    """Sweep, what is measured, levels."""
    pages = Blueprint("sensitivity", __name__)
    sweeps: list[tuple[Session, Sweep]] = []

    def last() -> Sweep | None:
        """The one that was asked for last, if it is of the open model and its data."""
        session = desk.session
        for of, found in sweeps[-1:]:  # one look: a job may put another one there
            if of is session and session.data is not None:
                return found if found.evidence.identity == session.data.identity else None
        return None

    def taken(
        session: Session, request: PruneRequest, evidence: Evidence, progress: Progress
    ) -> Sweep:
        """The sweep to go on with, else a new one, which may read the model's files; it is the last
        one then."""
        from sparseview.pruning.sweeps import quickened
        from sparseview.review.sensitivities import Sweep

        mine = [entry for entry in sweeps if entry[0] is session]
        found = next((e for e in mine if e[1].fits(session.model, request, evidence)), None)
        if found is None:
            sets = session.sweeps()
            assert sets is not None  # there are data
            points = sets.of(session.model, quickened(request), evidence, progress)
            found = session, Sweep(session.model, request, evidence, points)
        sweeps[:] = [*(e for e in mine if e is not found), found][-KEPT:]
        return found[1]

    @pages.get("/api/sensitivity")
    def known() -> Response:
        found = last()
        return reply(None if found is None else found.facts(desk.session.model))

    @pages.post("/api/sensitivity")
    def measure() -> Response:
        asked, session = body(SweepRequest), desk.session
        if not asked.at or not all(0 < level <= 1 for level in asked.at):
            raise SparseviewError("A level lies between 0 and 1.", "Name some levels.", "request")
        given = {name: getattr(asked, name) for name in ("weights", "method", "format", *PARAMS)}
        request = PruneRequest(**given)
        left, evidence = session.left, data(session)
        done: list[Sweep] = []

        def work(progress: Progress) -> None:
            found = taken(session, request, evidence, progress.part(0, 20))
            found.run(request, asked.at, left, progress.part(1, 20, steps=19))
            done.append(found)

        desk.run("Measuring sensitivity", work)
        return reply(done[0].facts(session.model))

    @pages.post("/api/sensitivity/levels")
    def levels() -> Response:
        asked, session = body(LevelsRequest), desk.session
        found = last()
        if found is None:
            raise SparseviewError(
                "No sensitivity is measured yet.", "Measure some layers first.", "sensitivity"
            )
        if (asked.target is None) == (asked.cosine is None):
            raise SparseviewError("Name a target, or a cosine.", "", "request")
        weights = [layer.weights[0] for layer in found.facts(session.model).layers]
        session.measure(weights)
        zeros = {i: told for i in weights if (told := session.row(i).zeros) is not None}
        return reply(found.levels(zeros, asked.target, asked.cosine))

    return pages
