"""The page itself: the built front end, or a word on how to build it.

The state is written into the page: so its first script knows at once which graph to fetch.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from flask import Blueprint, Response, send_from_directory

from sparseview.app.server.desk import Desk

STATIC = Path(__file__).resolve().parents[2] / "static"

UNBUILT = """<!doctype html><meta charset="utf-8"><title>Sparseview</title>
<style>body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}</style>
<h1>The page is not built yet</h1>
<p>This copy of Sparseview was installed without its front end. In the checkout, run:</p>
<pre>pip install -e .</pre><p>and start Sparseview again.</p>
"""


PLACE = b'id="state"></script>'


def with_state(page: bytes, state: object) -> bytes:
    """The page with a state in its place for it; text of a model cannot end the script element."""
    data = msgspec.json.encode(state).replace(b"<", rb"\u003c")
    return page.replace(PLACE, PLACE.replace(b"><", b">" + data + b"<"), 1)


def routes(desk: Desk, static: Path = STATIC) -> Blueprint:
    """GET / and the files beside it; names with a content hash may be kept for good."""
    pages = Blueprint("page", __name__)

    @pages.get("/")
    def index() -> Response:
        if not (static / "index.html").exists():
            return Response(UNBUILT, mimetype="text/html")
        desk.page_asked()
        page = with_state((static / "index.html").read_bytes(), desk.state())
        return Response(page, mimetype="text/html")

    @pages.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        response = send_from_directory(static / "assets", name, max_age=31536000)
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response

    @pages.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return pages
