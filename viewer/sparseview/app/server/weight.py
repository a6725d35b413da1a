"""Routes about one weight looked at closely: histogram, channels, mask, violating groups."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response, has_request_context, request

from sparseview.app.server.desk import Desk
from sparseview.app.server.replies import reply
from sparseview.errors import SparseviewError
from sparseview.model.document import Model
from sparseview.progress import Cancelled, Progress
from sparseview.review.picture import Picture

T = TypeVar("T")
PICTURES = 4  # kept; about 8 MB each, and what they hold of weights that are no plain file
HELD = 256 << 20  # bytes of such weights; of the last picture they may be more
LISTED = 1000  # violating groups told at most


class Gallery:
    """Keeps the last pictures; who looks at another weight stops the reading of the one before."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], tuple[object, Picture]] = OrderedDict()
        self._skeleton: object = None  # of the model whose pictures are kept
        self._last: tuple[object, ...] | None = None

    def look(self, weight_id: int, ask: Callable[[Picture], T]) -> T:
        """Ask the picture of a weight as it is now; SparseviewError for an unknown weight."""
        try:
            return ask(self._picture(weight_id))
        except Cancelled:
            raise SparseviewError("Another weight is looked at.", "", "cancelled") from None
        except MemoryError:
            raise SparseviewError(
                "There is not enough memory to look at this weight.",
                "Close other programs, or another model.",
                "memory",
            ) from None

    def _picture(self, weight_id: int) -> Picture:
        model = self._model()
        if not 0 <= weight_id < len(model.weights):
            raise SparseviewError(f"There is no weight {weight_id}.", "Reload the page.", "missing")
        weight = model.weights[weight_id]
        # The replacement itself stands for the state of the weight: it is never changed in place.
        # It is kept with the picture, so that no other can come to have its id.
        entry: object = model.overlay.get(weight.constant.key)
        key = (weight_id, id(entry))
        with self._lock:
            if self._skeleton is not model.skeleton:
                self._kept.clear()
                self._skeleton = model.skeleton
            if self._last is not None and self._last != key and self._last in self._kept:
                _, before = self._kept[self._last]
                if not before.known:
                    before.progress.cancel()
                    del self._kept[self._last]
            self._last = key
            known = self._kept.pop(key, None)
            found = Picture(model, weight, Progress()) if known is None else known[1]
            self._kept[key] = (entry, found)
            while len(self._kept) > 1 and (len(self._kept) > PICTURES or self._held() > HELD):
                self._kept.popitem(last=False)
            return found

    def _model(self) -> Model:
        """As it is; with `preview=1` in the query string as the last preview would leave it."""
        session = self._desk.session
        if not has_request_context() or request.args.get("preview") != "1":
            return session.model
        previewed = session.previewed
        if previewed is None:
            raise SparseviewError("There is no preview to look at.", "Ask for one.", "no-preview")
        return previewed

    def _held(self) -> int:
        return sum(picture.held for _, picture in self._kept.values())


def number(name: str, default: int, least: int = 0) -> int:
    """An integer of the query string; SparseviewError where it is none or too small."""
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 12 or int(text) < least:
        raise SparseviewError(f"{name} must be a whole number from {least} on.", "", "request")
    return int(text)


def binary(data: bytes) -> Response:
    return Response(data, mimetype="application/octet-stream")


def routes(desk: Desk) -> Blueprint:
    """Histogram, profile, mask, tile, values, violations."""
    pages = Blueprint("weight", __name__, url_prefix="/api/weight/<int:weight_id>")
    look = Gallery(desk).look

    @pages.get("/histogram")
    def histogram(weight_id: int) -> Response:
        return reply(look(weight_id, lambda picture: picture.histogram()))

    @pages.get("/profile")
    def profile(weight_id: int) -> Response:
        return reply(look(weight_id, lambda picture: picture.profiles()))

    @pages.get("/mask")
    def mask(weight_id: int) -> Response:
        rows, columns = number("rows", 256, 1), number("columns", 256, 1)
        return reply(look(weight_id, lambda picture: picture.facts(rows, columns)))

    @pages.get("/tile")
    def tile(weight_id: int) -> Response:
        pool, row, column = number("pool", 1, 1), number("row", 0), number("column", 0)
        return binary(look(weight_id, lambda picture: picture.tile(pool, row, column)))

    @pages.get("/values")
    def values(weight_id: int) -> Response:
        row, column = number("row", 0), number("column", 0)
        height, width = number("height", 1, 1), number("width", 1, 1)
        found = look(weight_id, lambda picture: picture.values(row, column, height, width))
        return binary(found.astype("<f4").tobytes())

    @pages.get("/violations")
    def violations(weight_id: int) -> Response:
        name, limit = request.args.get("format", "2:4"), min(number("limit", 200, 1), LISTED)
        return reply(look(weight_id, lambda picture: picture.violations(name, limit)))

    return pages
