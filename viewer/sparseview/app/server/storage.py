"""Routes about storage and runtimes: what the keys of a row mean, and bytes in gzip on demand."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import reply
from sparseview.progress import Progress
from sparseview.review.eligibility import RUNTIMES
from sparseview.sparsity.storages import STORAGES, gzip


class StorageFacts(msgspec.Struct, frozen=True):
    """A storage: the key in a row's `bytes`, what people call it, its picture."""

    name: str
    label: str
    glyph: str


class RuntimeFacts(msgspec.Struct, frozen=True):
    """A runtime: the key in a row's `runtimes`, what people call it, its rule and whose it is."""

    name: str
    label: str
    rule: str
    source: str


class Catalogue(msgspec.Struct, frozen=True):
    """Every storage and runtime, in the order to show them."""

    storages: tuple[StorageFacts, ...]
    runtimes: tuple[RuntimeFacts, ...]


def catalogue() -> Catalogue:
    """The lists themselves as data."""
    dense, *others = (StorageFacts(s.name, s.label, s.glyph) for s in STORAGES)
    packed = StorageFacts(gzip.NAME, gzip.LABEL, gzip.GLYPH)
    return Catalogue(
        (dense, packed, *others),
        tuple(RuntimeFacts(r.name, r.label, r.rule, r.source) for r in RUNTIMES),
    )


def routes(desk: Desk) -> Blueprint:
    """Catalogue; gzip of one weight, which its row tells from then on."""
    pages = Blueprint("storage", __name__)

    @pages.get("/api/catalogue")
    def everything() -> Response:
        return reply(catalogue())

    @pages.get("/api/weight/<int:weight>/gzip")
    def estimated(weight: int) -> Response:
        return reply(desk.session.gzip(weight))

    @pages.post("/api/weight/<int:weight>/gzip")
    def exact(weight: int) -> Response:
        """All of it, as a job that the page can cancel; the row's layer names it."""
        session = desk.session
        found: list[gzip.Gzip] = []

        def work(progress: Progress) -> None:
            found.append(session.gzip(weight, True, progress))

        desk.run(f"Compressing {session.row(weight).title}", work)
        return reply(found[0])

    return pages
