"""Remembers files as they were left, to notice that somebody else wrote one since."""

from __future__ import annotations

import os
from pathlib import Path

from sparseview.errors import SparseviewError


class Stamps:
    """Inode, size and modification time of the files that a session opened or wrote."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, int]] = {}

    def remember(self, path: Path) -> None:
        """Take the file as it is now for the state that is known."""
        try:
            self._known[os.path.realpath(path)] = _stamp(os.stat(path))
        except OSError:
            self._known.pop(os.path.realpath(path), None)

    def check(self, target: Path, overwrite: bool) -> None:
        """Refuse a target whose replacement would lose somebody's work.

        Raises SparseviewError where the file exists and `overwrite` is not given (code "exists"),
        and where a remembered file was written by somebody else, whatever `overwrite` says (code
        "changed").
        """
        try:
            status = os.stat(target)
        except FileNotFoundError:
            return
        except OSError as error:
            raise SparseviewError(
                f"{target} cannot be written: {error.strerror}.", "Choose another place."
            ) from None
        known = self._known.get(os.path.realpath(target))
        if known is not None and known != _stamp(status):
            raise SparseviewError(
                f"{target.name} was changed by another program since it was opened here.",
                "Save under another name, or open it again.",
                "changed",
            )
        if not overwrite:
            raise SparseviewError(
                f"{target} exists already.",
                "Choose another name, or allow it to be replaced.",
                "exists",
            )


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
