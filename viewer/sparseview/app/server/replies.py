"""How requests are read and answered: msgspec JSON both ways, and one JSON shape for errors."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sparseview.app.facts import Problem
from sparseview.errors import SparseviewError

T = TypeVar("T")

# SparseviewError codes that have an HTTP status of their own; any other is a 400.
STATUS = {
    "exists": 409,
    "changed": 409,
    "unsaved": 409,
    "cancelled": 409,
    "no-model": 409,
    "no-preview": 409,
    "other-source": 409,
    "other-result": 409,
    "missing": 404,
    "not-found": 404,
    "no-recipe": 404,
    "internal": 500,
}


def reply(value: Any, status: int = 200) -> Response:
    """Answer with a struct, dict or list as JSON; a number that is no number becomes null."""
    return Response(msgspec.json.encode(value), status=status, mimetype="application/json")


def body(kind: type[T]) -> T:
    """The request's JSON as a `kind`; SparseviewError where it is none."""
    # A browser sends JSON across origins only after asking; text/plain it would send at once.
    if request.mimetype != "application/json":
        raise SparseviewError("The request is not JSON.", "", "request")
    try:
        return msgspec.json.decode(request.get_data() or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SparseviewError(f"The request cannot be read: {error}.", "", "request") from error


def absolute(path: str) -> Path:
    """The path that a person gave: absolute, ~ being the user's folder."""
    return Path(os.path.abspath(os.path.expanduser(path)))


def refuse(status: int, message: str, hint: str, code: str) -> Response:
    """An error told as JSON, or in plain words to a person who opened the address by hand."""
    if request.headers.get("Sec-Fetch-Dest") == "document":
        return Response(f"{message} {hint}\n", status=status, mimetype="text/plain")
    return reply(Problem(message, hint, code), status)


def problem_of(error: BaseException) -> Problem:
    """An error told to the user; the traceback of an unexpected one goes to stderr only."""
    if isinstance(error, SparseviewError):
        if error.code == "internal" and error.__cause__ is not None:
            traceback.print_exception(error.__cause__, file=sys.stderr)
        return Problem(error.message, error.hint, error.code)
    traceback.print_exception(error, file=sys.stderr)
    return Problem(
        "Something unexpected went wrong; nothing was changed.",
        "The terminal that started Sparseview shows the details.",
        "internal",
    )


def install(app: Flask) -> None:
    """Turn every error of a route into {message, hint, code}."""

    @app.errorhandler(SparseviewError)
    def known(error: SparseviewError) -> Response:
        return reply(problem_of(error), STATUS.get(error.code, 400))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        return refuse(error.code or 500, f"{error.name}.", "", "http")

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        return reply(problem_of(error), 500)
