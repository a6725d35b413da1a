"""Arrays put on disk when memory runs short; the file is gone when the program ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model.kept import Entry, Zeroed

Array = NDArray[Any]


class Spilled(msgspec.Struct, frozen=True, eq=False):
    """An array in a spill's file; read anew each time."""

    spill: Spill
    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def held(self) -> int:
        return 0

    def values(self, stored: Callable[[], Array]) -> Array:
        array = np.empty(self.shape, self.dtype)
        self.spill.read(self.offset, array)
        array.flags.writeable = False
        return array


class Spill:
    """One temporary file, made when first needed; without a name where the system allows that,
    so that nothing stays behind even if the program is killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._size = 0

    def put(self, array: Array) -> Spilled:
        """Take an array in; raises SparseviewError where the disk is full."""
        with self._lock:
            if self._file is None:
                self._file = _unnamed()
            offset = self._size
            try:
                self._file.seek(offset)
                self._file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
                self._file.flush()
            except OSError as error:
                raise SparseviewError(
                    f"The edits do not fit into memory, nor into {_folder()}: {error.strerror}.",
                    "Save, then open the saved model; or set TMPDIR to a disk with room.",
                    "disk-full",
                ) from error
            self._size += array.nbytes
        return Spilled(self, offset, array.dtype, array.shape)

    def read(self, offset: int, array: Array) -> None:
        """Fill an array (contiguous) from the file."""
        with self._lock:
            assert self._file is not None
            self._file.seek(offset)
            self._file.readinto(array.reshape(-1).view(np.uint8).data)  # type: ignore[attr-defined]

    def entry(self, entry: Entry) -> Entry:
        """The same entry with what it holds on disk."""
        if isinstance(entry, np.ndarray):
            return self.put(entry)
        if isinstance(entry, Zeroed) and isinstance(entry.bits, np.ndarray):
            return replace(entry, bits=self.put(entry.bits))
        return entry

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _unnamed() -> BinaryIO:
    import tempfile  # zip and its like come along: nothing that edits in memory need

    return tempfile.TemporaryFile(prefix="sparseview-", dir=_folder())


def _folder() -> str | None:
    # /tmp is often in memory; /var/tmp is on a disk by the Linux file system standard.
    if "TMPDIR" not in os.environ and os.path.isdir("/var/tmp") and os.access("/var/tmp", os.W_OK):
        return "/var/tmp"
    return None
