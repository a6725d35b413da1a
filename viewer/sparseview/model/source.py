"""A file that stays the one that was opened: positioned reads, and a clear word when it changed."""

from __future__ import annotations

import mmap
import os
import stat
import threading
from pathlib import Path
from typing import BinaryIO

from sparseview.errors import SparseviewError

CHUNK = 1 << 20  # bytes per read call; about what keeps a core's cache and the disk both busy


class Source:
    """One regular file, read by position, from any thread.

    Held open from its first read on: a file renamed over it (as saving does) leaves the opened
    bytes readable; a write into it is noticed by size and modification time.

    Raises SparseviewError if the path is no readable regular file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Condition()
        self._reading = 0  # threads inside a read; the file is not closed under them
        self._closing = 0  # threads that wait for them
        self._file: BinaryIO | None = None
        self._file = self._open()
        status = os.fstat(self._file.fileno())
        self.size: int = status.st_size
        self.mtime_ns: int = status.st_mtime_ns
        self.inode: tuple[int, int] = (status.st_dev, status.st_ino)

    def _open(self) -> BinaryIO:
        try:
            # Asked before opening: opening a pipe would wait for its writer.
            mode = os.stat(self.path).st_mode
            if stat.S_ISDIR(mode):
                raise SparseviewError(
                    f"{self.path} is a folder.", _suggestion(self.path), "not-a-file"
                )
            if not stat.S_ISREG(mode):
                raise SparseviewError(
                    f"{self.path} is no regular file.", "Give the path of a file.", "not-a-file"
                )
            return open(self.path, "rb", buffering=0)
        except FileNotFoundError:
            raise SparseviewError(
                f"{self.path} does not exist.", "Check the path.", "missing"
            ) from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise SparseviewError(
                f"{self.path} cannot be opened: {why}.", "Check its permissions.", "unreadable"
            ) from None

    def read_into(self, buffer: memoryview, offset: int, verify: bool = True) -> None:
        """Fill a writable byte view from `offset` on; SparseviewError if the file changed.

        Without `verify` only a file that became too short is noticed: for whoever reads many
        pieces, and verifies before the first and after the last.
        """
        with self._lock:
            file = self._current() if verify or self._file is None else self._file
            if not hasattr(os, "preadv"):
                self._fill_seeking(file, buffer, offset)
                return
            descriptor = file.fileno()
            self._reading += 1
        try:
            self._fill_positioned(descriptor, buffer, offset)
        finally:
            with self._lock:
                self._reading -= 1
                if self._closing:
                    self._lock.notify_all()

    def read(self, offset: int, length: int) -> bytes:
        """A copy of `length` bytes; the range must lie in the file."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise self._changed()
        buffer = bytearray(length)
        self.read_into(memoryview(buffer), offset)
        return bytes(buffer)

    def fileno(self) -> int:
        """The open descriptor, for mapping and for copies inside the kernel: by position only."""
        with self._lock:
            return self._current().fileno()

    def map(self) -> mmap.mmap:
        """All its bytes, to hop over and close soon: truncating a mapped file is fatal."""
        with self._lock:
            mapped = mmap.mmap(self._current().fileno(), 0, access=mmap.ACCESS_READ)
        if hasattr(mmap, "MADV_RANDOM"):
            # Without it read-ahead fetches half of a cold file while we hop over its payloads.
            mapped.madvise(mmap.MADV_RANDOM)
        return mapped

    def verify(self) -> None:
        """Raise SparseviewError if the file was written into since it was opened."""
        with self._lock:
            self._current()

    def replaced(self) -> bool:
        """Whether the path now leads to another file than the opened one, or to none."""
        try:
            status = os.stat(self.path)
        except OSError:
            return True
        return (status.st_dev, status.st_ino) != self.inode

    def close(self) -> None:
        """Let the file go (Windows cannot rename over an open one); the next read reopens it."""
        with self._lock:
            self._closing += 1
            self._lock.wait_for(lambda: not self._reading)
            self._closing -= 1
            if self._file is not None:
                self._file.close()
                self._file = None

    def _current(self) -> BinaryIO:
        if self._file is None:
            self._file = self._open()
        status = os.fstat(self._file.fileno())
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime_ns) or (
            status.st_dev,
            status.st_ino,
        ) != self.inode:
            raise self._changed()
        return self._file

    def _fill_positioned(self, fd: int, buffer: memoryview, offset: int) -> None:
        done = 0
        while done < len(buffer):
            count = os.preadv(fd, [buffer[done : done + CHUNK]], offset + done)
            if count == 0:
                raise self._changed()
            done += count

    def _fill_seeking(self, file: BinaryIO, buffer: memoryview, offset: int) -> None:
        file.seek(offset)
        done = 0
        while done < len(buffer):
            count = file.readinto(buffer[done : done + CHUNK])  # type: ignore[attr-defined]
            if not count:
                raise self._changed()
            done += count

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()

    def _changed(self) -> SparseviewError:
        return SparseviewError(
            f"{self.path.name} has changed on disk since it was opened.",
            "Open it again.",
            "changed",
        )


def _suggestion(folder: Path) -> str:
    models = sorted(entry.name for entry in folder.iterdir() if entry.suffix == ".onnx")
    return f"Did you mean {folder / models[0]}?" if models else "Give the path of an .onnx file."
