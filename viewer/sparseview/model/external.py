"""External data: which file a tensor's reference leads to, and none outside the model's folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from sparseview.errors import SparseviewError
from sparseview.model.proto import TensorProto


class Reference(NamedTuple):
    """What a tensor's `external_data` entries say; `length` None means: as much as it needs."""

    location: str
    offset: int
    length: int | None


def reference(tensor: TensorProto) -> Reference:
    """The tensor's entries, read; raises SparseviewError if they make no sense."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if not location:
        raise SparseviewError(
            f"Tensor '{tensor.name}' is stored outside the model, but no file is named.",
            "Export the model again.",
            "external",
        )
    length = _number(tensor, entries, "length") if "length" in entries else None
    return Reference(location, _number(tensor, entries, "offset"), length)


def resolve(model_path: Path, location: str) -> Path:
    """The real path of an external data file.

    `location` is looked up beside the model as it was named, then beside the file it links to
    (download caches link both model and data into one store). The real file must lie in one of
    these two folders, whatever links lead to it.

    Raises SparseviewError, code `outside` or `missing`; nothing outside is ever opened.
    """
    windows, posix = PureWindowsPath(location), PurePosixPath(location)
    if (
        posix.is_absolute()
        or windows.drive
        or windows.root
        or ".." in windows.parts
        or ".." in posix.parts
        or "\0" in location
    ):
        raise _outside(location)
    named = Path(os.path.abspath(model_path)).parent
    folders = [Path(os.path.realpath(named)), Path(os.path.realpath(model_path)).parent]
    for folder in (named, folders[1]):
        real = Path(os.path.realpath(folder / location))
        if not any(real.is_relative_to(allowed) for allowed in folders):
            raise _outside(location)
        try:
            status = os.stat(real)
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            return real
    raise SparseviewError(
        f"The external data file '{location}' is missing.",
        f"Put it into {named}, beside the model.",
        "missing",
    )


def _number(tensor: TensorProto, entries: dict[str, str], key: str) -> int:
    text = entries.get(key, "0")
    # isascii: int() would take other scripts' digits; 19 digits hold every 63-bit number.
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise SparseviewError(
            f"Tensor '{tensor.name}' has an external data {key} that is no number: '{text[:40]}'.",
            "Export the model again.",
            "external",
        )
    return int(text)


def _outside(location: str) -> SparseviewError:
    return SparseviewError(
        f"External data '{location}' leads out of the model's folder and was not read.",
        "Only files beside the model are read: move the data there and save the model anew.",
        "outside",
    )
