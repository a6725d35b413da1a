"""Puts files in place so that at any instant the old ones or the new ones are there, whole."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

from sparseview.errors import SparseviewError

Write = Callable[[BinaryIO], object]
"""Fills a new, empty, unbuffered file."""


class Identity(NamedTuple):
    """What tells a file from another one, or from itself after a change."""

    device: int
    inode: int
    size: int
    mtime_ns: int


def identity(path: Path) -> Identity | None:
    """Of the file at the path (links followed); None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class Commit:
    """New files that belong together: first data files under unused names, then one rename.

    A context manager: left by an exception before the rename, it removes what it made. All errors
    of the file system come out as SparseviewError.
    """

    def __init__(self, target: Path, overwrite: bool) -> None:
        """`target` is as the user named it; a link is written through to its real file.

        Raises SparseviewError: code `exists`, `no-folder`, `denied` or `not-a-file`.
        """
        self.named = target
        self.real = Path(os.path.realpath(target))
        self._overwrite = overwrite
        self._made: list[Path] = []
        self._written: tuple[int, int] | None = None
        _check(self.named, self.real, overwrite)

    def __enter__(self) -> Commit:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        # An interruption may come after the rename: then the new model needs its data files.
        there = identity(self.real)
        if there is None or (there.device, there.inode) != self._written:
            for path in reversed(self._made):
                with suppress(OSError):
                    os.unlink(path)
        if isinstance(error, OSError):
            raise told(error, self.named) from error

    def add(self, path: Path, write: Write) -> None:
        """Make a file that nothing refers to yet; its folder is made if need be."""
        os.makedirs(path.parent, exist_ok=True)
        temporary = self._fill(path, write)
        _move(temporary, path, overwrite=False)
        self._made.append(path)
        self._made.remove(temporary)
        _sync_folder(path.parent)

    def publish(self, write: Write) -> Identity:
        """Write the target beside itself and rename it into place: the only commit point."""
        temporary = self._fill(self.real, write)
        made = os.stat(temporary)
        self._written = (made.st_dev, made.st_ino)
        with suppress(OSError):  # no old file, or a file system without permission bits
            os.chmod(temporary, stat.S_IMODE(os.stat(self.real).st_mode))
        _move(temporary, self.real, self._overwrite)
        self._made.clear()
        _sync_folder(self.real.parent)
        made = os.stat(self.real)
        return Identity(made.st_dev, made.st_ino, made.st_size, made.st_mtime_ns)

    def _fill(self, path: Path, write: Write) -> Path:
        # Short, whatever the target's length: names have a limit of 255 bytes.
        temporary = path.with_name(f".sparseview-{os.urandom(8).hex()}.tmp")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._made.append(temporary)
        # 0o666 less the umask, as any program's new file (mkstemp's 0o600 would hide the model).
        with open(os.open(temporary, flags, 0o666), "wb", buffering=0) as out:
            write(out)
            os.fsync(out.fileno())
        return temporary


@contextmanager
def buffered(out: BinaryIO) -> Iterator[BinaryIO]:
    """What a Write is given, for code that relies on every byte being taken at once."""
    with os.fdopen(os.dup(out.fileno()), "wb") as file:
        yield file


def _check(named: Path, real: Path, overwrite: bool) -> None:
    if not os.path.isdir(real.parent):
        raise SparseviewError(
            f"The folder {real.parent} does not exist.", "Make it, or choose another.", "no-folder"
        )
    if not os.path.lexists(real):
        return
    if not os.path.isfile(real):
        raise SparseviewError(
            f"{named} is not a file, so nothing can be saved there.",
            "Choose another name.",
            "not-a-file",
        )
    if not overwrite:
        raise _exists(named)
    if not os.access(real, os.W_OK):
        # A rename would replace it all the same: only the folder's permissions count there.
        raise SparseviewError(f"{named} is write-protected.", "Save under another name.", "denied")


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(temporary, path)
        return
    try:
        # Unlike a rename, a link fails if someone made that file in the meantime.
        os.link(temporary, path)
    except FileExistsError:
        raise _exists(path) from None
    except (OSError, AttributeError, NotImplementedError):
        if os.path.lexists(path):
            raise _exists(path) from None
        os.replace(temporary, path)
    else:
        with suppress(OSError):
            os.unlink(temporary)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; where folders cannot be opened (Windows) the system does it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _exists(path: Path) -> SparseviewError:
    return SparseviewError(
        f"{path} exists already.", "Allow overwriting it, or choose another name.", "exists"
    )


_CAUSES = {
    errno.ENOSPC: ("the disk is full", "Make room, or choose another disk.", "disk-full"),
    getattr(errno, "EDQUOT", -1): ("the quota is used up", "Make room there.", "disk-full"),
    errno.EFBIG: ("the file system holds no file of that size", "Choose another disk.", "too-big"),
    errno.EACCES: ("permission is denied", "Choose a folder that you may write to.", "denied"),
    errno.EPERM: ("permission is denied", "Choose a folder that you may write to.", "denied"),
    errno.EROFS: ("the disk is read-only", "Choose another disk.", "denied"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name.", "name"),
}


def told(error: OSError, path: Path) -> SparseviewError:
    """A file system's error as a sentence about saving to `path`."""
    cause = _CAUSES.get(error.errno or 0)
    what, hint, code = cause or (error.strerror or str(error), "Choose another place.", "io")
    return SparseviewError(f"{path} was not saved: {what}. Nothing was changed.", hint, code)
