"""The page itself: the built front end, or a word on how to build it.

State and first graph are written into the page: its first script hands them to the worker at
once, and the picture waits for no request.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import msgspec
from flask import Blueprint, Response, request, send_from_directory

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import refuse
from sparseview.app.server.security import Lock, content_policy

STATIC = Path(__file__).resolve().parents[2] / "static"

UNBUILT = """<!doctype html><meta charset="utf-8"><title>Sparseview</title>
<style>body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;padding:0 1em}</style>
<h1>The page is not built yet</h1>
<p>This copy of Sparseview was installed without its front end. In the checkout, run:</p>
<pre>pip install -e .</pre><p>and start Sparseview again.</p>
"""

# What lies beyond ASCII.
BEYOND = re.compile(r"[^\x00-\x7f]+")
# Scripts that stand in the page itself. Text without "<" is passed over at a stroke: "(.*?)" would
# look at each letter, 2 ms of every page.
SCRIPTS = re.compile(rb'<script(?: type="module")?>([^<]*(?:<(?!/script>)[^<]*)*)</script>')

# A graph of more bytes is fetched apart: the page would be kept waiting for it.
MOST_COLUMNS = 2**20


def filled(page: bytes, name: str, data: bytes) -> bytes:
    """The page with data in the empty script element that has this id."""
    place = f'id="{name}"></script>'.encode()
    return page.replace(place, place.replace(b"><", b">" + data + b"<"), 1)


def with_state(page: bytes, state: object) -> bytes:
    """The page with a state in its place for it; text of a model cannot end the script element."""
    text = msgspec.json.encode(state).replace(b"<", rb"\u003c").decode()
    # In ASCII, as the page is: browsers keep two bytes for each letter of a page that is not.
    if not text.isascii():
        text = BEYOND.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return filled(page, "state", text.encode())


def with_columns(page: bytes, columns: bytes | None) -> bytes:
    """The page with the graph that it shows first, unless that is not made yet, or large."""
    if columns is None or len(columns) > MOST_COLUMNS:
        return page
    return filled(page, "columns", b64encode(columns))


def script_hashes(page: bytes) -> list[str]:
    """Base64 SHA-256 of each script that stands in a built page, as a content policy names it."""
    return [b64encode(sha256(script).digest()).decode() for script in SCRIPTS.findall(page)]


def routes(desk: Desk, lock: Lock, static: Path = STATIC) -> Blueprint:
    """The page, at / and at the launch URL, and the files beside it; names with a content hash may
    be kept for good."""
    pages = Blueprint("page", __name__)

    @pages.get("/")
    def index() -> Response:
        if not (static / "index.html").exists():
            return Response(UNBUILT, mimetype="text/html")
        desk.page_asked()
        page = (static / "index.html").read_bytes()
        state, columns = desk.first_look()
        made = with_columns(with_state(page, state), columns)
        response = Response(made, mimetype="text/html")
        # The page is ours as it is built; what the state adds is data, which does not run.
        response.headers["Content-Security-Policy"] = content_policy(*script_hashes(page))
        return response

    @pages.get("/launch")
    def launch() -> Response:
        if not lock.opens_with(request.args.get("t", "")):
            return refuse(
                403,
                "This launch link is not valid.",
                "Use the address that Sparseview printed when it started.",
                "locked",
            )
        # No redirect, which the first picture would wait for: the page itself takes the secret out
        # of its address, with its first script.
        response = index()
        lock.give_cookie(response)
        return response

    @pages.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        response = send_from_directory(static / "assets", name, max_age=31536000)
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response

    @pages.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return pages
