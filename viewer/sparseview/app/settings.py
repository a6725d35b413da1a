"""The user's settings and recent files: one small JSON file in the user's configuration folder.

They live here and not in the page because the page's storage is per port and private.
"""

from __future__ import annotations

import os
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import msgspec

from sparseview import userfiles

RECENT_LIMIT = 12


class Settings(msgspec.Struct, frozen=True):
    """How the user wants the page to look and behave.

    direction : where the data flows. names, attributes, constants : rows that the nodes show.
    """

    theme: Literal["system", "light", "dark"] = "system"
    wheel: Literal["scroll", "zoom"] = "scroll"
    direction: Literal["down", "right"] = "down"
    names: bool = False
    attributes: bool = False
    constants: bool = False


class Recent(msgspec.Struct, frozen=True):
    """A model that was opened before.

    bytes : size of the .onnx file when it was opened. sparsity : fraction 0..1 over its weights,
    null until it was once measured whole. opened : ISO 8601, UTC.
    """

    path: str
    name: str
    folder: str
    bytes: int
    sparsity: float | None
    opened: str


class Stored(msgspec.Struct, frozen=True):
    """The file's content."""

    settings: Settings = Settings()
    recent: tuple[Recent, ...] = ()


def config_file() -> Path | None:
    """Where settings are kept; SPARSEVIEW_CONFIG names another folder. None: nowhere."""
    named = os.environ.get("SPARSEVIEW_CONFIG")
    own = Path(named) if named else userfiles.folder("config")
    return None if own is None else own / "settings.json"


class SettingsFile:
    """Reads once, writes on each change; a file that cannot be read or written costs nothing else.

    Losing settings must never stop a model from opening: a corrupt file counts as empty, and a
    read-only home means that changes last until the program ends.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or config_file()
        self._lock = threading.Lock()
        self._stored = self._read()

    @property
    def settings(self) -> Settings:
        return self._stored.settings

    @property
    def recent(self) -> tuple[Recent, ...]:
        """Newest first; those that no longer exist are left out."""
        return tuple(r for r in self._stored.recent if os.path.exists(r.path))

    def change(self, settings: Settings) -> None:
        with self._lock:
            self._write(msgspec.structs.replace(self._stored, settings=settings))

    def remember(self, path: str, size: int, sparsity: float | None) -> None:
        """Put a model at the head of the recent ones; size in bytes, sparsity 0..1 or None."""
        entry = Recent(
            path=path,
            name=os.path.basename(path),
            folder=os.path.dirname(path),
            bytes=size,
            sparsity=sparsity,
            opened=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )
        with self._lock:
            others = tuple(r for r in self._stored.recent if r.path != path)
            recent = (entry, *others)[:RECENT_LIMIT]
            self._write(msgspec.structs.replace(self._stored, recent=recent))

    def _read(self) -> Stored:
        try:
            content = b"{}" if self._path is None else self._path.read_bytes()
            return msgspec.json.decode(content, type=Stored)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return Stored()

    def _write(self, stored: Stored) -> None:
        self._stored = stored
        if self._path is not None:
            content = msgspec.json.format(msgspec.json.encode(stored), indent=2)
            userfiles.put(self._path, content)
