"""Help that ships inside the package: the annotation's specification, as text."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response

from sparseview.errors import SparseviewError

# Beside the package's own code, because runtimes that read annotations need the text too.
PAGES = {"annotation": Path(__file__).resolve().parents[2] / "annotation.md"}


def routes() -> Blueprint:
    """GET /api/help/<page>."""
    pages = Blueprint("help", __name__)

    @pages.get("/api/help/<name>")
    def page(name: str) -> Response:
        if name not in PAGES:
            raise SparseviewError(f"There is no help page {name}.", "", "not-found")
        return Response(PAGES[name].read_text("utf-8"), mimetype="text/plain")

    return pages
