"""Where a command's result goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from sparseview.errors import SparseviewError


def check_target(
    target: Path, source: Path, *, overwrite: bool | None = None, text: bool = False
) -> None:
    """Before long work: refuse a target that cannot be written, or that is the source.

    overwrite : whether it may be the source; None where that can never be allowed.
    text : that goes through `write_text`, which may also flow into a pipe or a device.
    """
    if _flows(target):
        if text:
            return
        raise SparseviewError(
            f"{target} is not a file, so nothing can be saved there.", "Name a file.", "not-a-file"
        )
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


def check_apart(targets: Sequence[Path]) -> None:
    """Refuse two results in one file: the second would replace the first."""
    seen: set[str] = set()
    for target in targets:
        real = os.path.realpath(target)
        if real in seen and not _flows(target):
            raise SparseviewError(
                f"{target} is named for two results.", "Give each a name of its own.", "exists"
            )
        seen.add(real)


def write_text(data: bytes, target: Path | None) -> None:
    """Write UTF-8 text to a file, or to standard output where `target` is None.

    A link is written through to its file. A pipe or a device is written to, never replaced.
    """
    if target is None or _is_stdout(target):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    if _flows(target):
        target.write_bytes(data)
        return
    real = Path(os.path.realpath(target))
    # Short, whatever the target's length: names have a limit of 255 bytes.
    temporary = real.with_name(f".sparseview-{os.urandom(8).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, real)
    finally:
        temporary.unlink(missing_ok=True)


def _flows(target: Path) -> bool:
    """Whether what is written there flows on, into a pipe, a device or this program's output."""
    try:
        mode = os.stat(target).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or _is_stdout(target)


def _is_stdout(target: Path) -> bool:
    """Whether it is what standard output goes to, as /dev/stdout is, also where that is a file."""
    try:
        return os.path.samestat(os.stat(target), os.fstat(sys.stdout.fileno()))
    except OSError:  # no such file, or no standard output (io.UnsupportedOperation is one)
        return False
