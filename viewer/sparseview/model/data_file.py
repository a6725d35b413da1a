"""The one new external data file of a save: its name, its folder and its payloads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from sparseview.model.document import Model
from sparseview.model.payload import Raw
from sparseview.model.stream import Writer
from sparseview.model.survey import external_tensors
from sparseview.progress import Progress

PAGE = 4096
"""Bytes: where a large payload begins in a data file, so that it can be mapped."""


class DataFile(msgspec.Struct):
    """The payloads of changed external tensors, each at its offset."""

    name: str
    entries: list[tuple[int, Raw]] = msgspec.field(default_factory=list)
    size: int = 0

    def put(self, raw: Raw) -> tuple[str, int]:
        """Take a payload in; answers the file's name and the payload's offset in it."""
        step = PAGE if raw.length >= PAGE else 64
        offset = -(-self.size // step) * step
        self.entries.append((offset, raw))
        self.size = offset + raw.length
        return self.name, offset

    def write(self, progress: Progress, out: BinaryIO) -> None:
        """Fill the new, unbuffered file `out`."""
        writer = Writer(out, self.size, progress, "Saving external data")
        for offset, raw in self.entries:
            writer.put(bytes(offset - writer.written))
            for piece in raw.pieces():
                writer.put(piece)
        writer.flush()


def data_name(target: Path, token: str) -> str:
    """The name of a save's data file; `token` makes it one that was never used."""
    stem = target.name
    if len(os.fsencode(stem)) > 200 or not _is_text(stem):
        stem = "model"  # a reference is UTF-8, a file's name need not be
    return f"{stem}.{token}.data"


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\\" not in name


def data_folder(model: Model, target: Path) -> Path:
    """Where the target's data files go: beside its name, or where a link's own data are."""
    real = Path(os.path.realpath(target)).parent
    if not target.is_symlink():
        return target.parent
    for tensor in external_tensors(model):
        location = {e.key: e.value for e in tensor.external_data}.get("location", "")
        if (target.parent / location).exists():
            return target.parent
        if (real / location).exists():
            return real
    return target.parent
