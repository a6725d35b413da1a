"""The route about the picture of the graph: what the page has painted, written to a file."""

from __future__ import annotations

import os
from typing import BinaryIO

import msgspec
from flask import Blueprint, Response, request

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import absolute, reply
from sparseview.errors import SparseviewError
from sparseview.model.commit import Commit, buffered
from sparseview.model.survey import refuse_data_file

LARGEST = 1 << 30  # bytes of a picture
# What the bytes of a picture begin with, by the type that a request tells.
BEGINS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/svg+xml": b"<svg "}


class Painted(msgspec.Struct, frozen=True):
    """Where a picture was written, and its bytes."""

    path: str
    bytes: int


def routes(desk: Desk) -> Blueprint:
    """POST /api/picture?path=...&overwrite=1 with the bytes of a PNG or an SVG."""
    pages = Blueprint("export", __name__)

    @pages.post("/api/picture")
    def picture() -> Response:
        # These types are asked about before a browser sends them across origins, as JSON is.
        begins = BEGINS.get(request.mimetype)
        request.max_content_length = LARGEST
        data = request.get_data()
        if begins is None or not data.startswith(begins):
            raise SparseviewError("That is no picture.", "", "request")
        path = request.args.get("path", "")
        if not path:
            raise SparseviewError("No file is named.", "", "request")
        target = absolute(path)
        model = desk.session.model
        if os.path.exists(target) and os.path.samefile(target, model.path):
            raise SparseviewError(
                f"{target} is the open model.", "Write to a file of another name.", "exists"
            )
        refuse_data_file(model, target)

        def fill(out: BinaryIO) -> None:
            with buffered(out) as file:
                file.write(data)

        with Commit(target, request.args.get("overwrite") == "1") as commit:
            commit.publish(fill)
        return reply(Painted(str(target), len(data)))

    return pages
