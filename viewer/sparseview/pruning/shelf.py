"""Sweeps on disk: one small JSON file for each, in the user's cache folder; the oldest go first.

Nothing here ever stops a prune: what cannot be read counts as absent, what cannot be written is
left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from sparseview import userfiles
from sparseview.pruning.sensitivity import Point

SCHEMA = "sparseview.sweep/1"
# Of all files together; a sweep of a hundred layers at six levels takes 60 kB.
MOST_BYTES, MOST_FILES = 32 << 20, 500
OFF = "off"
FAILURES = (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Shelved(msgspec.Struct, frozen=True):
    """The content of a file. key : all that the points depend on.  points : by tensor."""

    schema: str
    key: dict[str, Any]
    points: dict[str, tuple[Point, ...]]


def folder() -> Path | None:
    """Where sweeps are kept; SPARSEVIEW_CACHE names another folder. None where it is "off", or the
    user has no folder."""
    if named := os.environ.get("SPARSEVIEW_CACHE"):
        return None if named == OFF else Path(named) / "sweeps"
    own = userfiles.folder("cache")
    return None if own is None else own / "sweeps"


def read(key: Mapping[str, Any]) -> dict[str, tuple[Point, ...]]:
    """The points of a sweep, by tensor; none where nothing is kept, or what is there is broken or
    is about something else."""
    place = _place(key)
    if place is None:
        return {}
    try:
        found = msgspec.json.decode(place.read_bytes(), type=Shelved)
        if found.schema != SCHEMA or _text(found.key) != _text(key):
            return {}
        os.utime(place)  # what is used is not the oldest
    except FAILURES:
        return {}
    return {name: points for name, points in found.points.items() if all(map(_sound, points))}


def write(key: Mapping[str, Any], points: Mapping[str, tuple[Point, ...]]) -> None:
    """Keep the points of a sweep, whole or not at all, beside those that somebody else has kept of
    it meanwhile."""
    place = _place(key)
    if place is None:
        return
    together = dict(points)
    for name, known in read(key).items():
        levels = {point.level for point in together.get(name, ())}
        more = (point for point in known if point.level not in levels)
        together[name] = tuple(sorted((*together.get(name, ()), *more), key=lambda p: p.level))
    content = msgspec.json.encode(Shelved(SCHEMA, dict(key), together))
    if userfiles.put(place, content):
        with contextlib.suppress(OSError):
            _tidy(place.parent)


def _place(key: Mapping[str, Any]) -> Path | None:
    where = folder()
    if where is None:
        return None
    return where / f"{hashlib.sha256(_text(key)).hexdigest()[:40]}.json"


def _text(key: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(dict(key), order="deterministic")


def _sound(point: Point) -> bool:
    """Whether a point can have been measured."""
    return 0 <= point.level <= 1 and (point.cosine is None or -1.001 <= point.cosine <= 1.001)


def _tidy(where: Path) -> None:
    """Remove the files that were used the longest ago, as far as there are too many."""
    found = []
    for file in where.iterdir():
        with contextlib.suppress(OSError):  # another process tidies too
            told = file.stat()
            found.append((told.st_mtime, told.st_size, file))
    total = 0
    for at, (_, size, file) in enumerate(sorted(found, reverse=True)):
        total += size
        if at and (total > MOST_BYTES or at >= MOST_FILES):
            with contextlib.suppress(OSError):
                file.unlink()
