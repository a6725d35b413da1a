"""Where a command's result goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from sparseview.errors import SparseviewError


def check_target(target: Path, source: Path, *, overwrite: bool | None = None) -> None:
    """Before long work: refuse a target that cannot be written, or that is the source.

    overwrite : whether it may be the source; None where that can never be allowed.
    """
    folder = target.parent
    if not folder.is_dir():
        raise SparseviewError(f"The folder {folder} does not exist.", "Make it first.")
    if target.is_dir():
        raise SparseviewError(f"{target} is a folder.", "Give the name of a file.")
    if not os.access(folder, os.W_OK):
        raise SparseviewError(f"The folder {folder} cannot be written.", "Check its permissions.")
    hint = "Give another name for the result"
    hint += "." if overwrite is None else ", or allow it with --overwrite."
    if not overwrite and target.exists() and source.exists() and os.path.samefile(target, source):
        raise SparseviewError(f"{target} is the model itself.", hint, "exists")


def write_text(data: bytes, target: Path | None) -> None:
    """Write UTF-8 text to a file, or to standard output where `target` is None."""
    if target is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; the result should be as readable as any other.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
