"""The user's own small files: where they lie on this platform, and how one is written whole."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Literal

# The variable that names the folder of all programs ("": none does), and where it lies without it.
OTHERS = {"config": ("XDG_CONFIG_HOME", ".config"), "cache": ("XDG_CACHE_HOME", ".cache")}
PLACES = {
    "win32": {"config": ("APPDATA", "AppData/Roaming"), "cache": ("LOCALAPPDATA", "AppData/Local")},
    "darwin": {"config": ("", "Library/Application Support"), "cache": ("", "Library/Caches")},
}


def folder(kind: Literal["config", "cache"]) -> Path | None:
    """Where this program keeps what the user set, or what it can work out again; None where the
    user has no folder at all, as some services do. It need not exist."""
    variable, below = PLACES.get(sys.platform, OTHERS)[kind]
    if named := os.environ.get(variable):
        return Path(named) / "sparseview"
    try:
        return Path.home() / below / "sparseview"
    except RuntimeError:
        return None


def put(place: Path, content: bytes) -> bool:
    """Write a file, whole or not at all, and its folders; False where that cannot be."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.stem[:16]}-")
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(beside, place)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        return False
    return True
