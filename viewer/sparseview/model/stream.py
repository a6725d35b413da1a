"""Writes a file as the source's bytes with splices, without holding either in memory."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import BinaryIO

from sparseview.model.source import Source
from sparseview.model.splice import Splice, new_size
from sparseview.progress import SILENT, Progress

WINDOW = 1 << 20
"""Bytes of the source held at a time; longer gaps go from file to file in the kernel."""

LARGE = 1 << 16
"""Bytes worth a call of their own; of smaller pieces several are read or written at once."""

STRIDE = 32 << 20
"""Bytes per kernel copy: between two of them a save can be cancelled."""

_NO_KERNEL_COPY = frozenset(
    getattr(errno, name)
    for name in ("EXDEV", "EINVAL", "ENOSYS", "EOPNOTSUPP", "EPERM", "EBADF", "ETXTBSY")
    if hasattr(errno, name)
)


class Writer:
    """Buffers small pieces, and copies long ranges of another file inside the kernel if it can."""

    def __init__(self, out: BinaryIO, total: int, progress: Progress, label: str) -> None:
        self.written = 0
        self._out = out
        self._pending = bytearray()
        self._total = total
        self._progress = progress
        self._label = label
        self._kernel_copy = hasattr(os, "copy_file_range")

    def put(self, data: bytes | memoryview) -> None:
        """Append bytes."""
        view = memoryview(data).cast("B") if isinstance(data, memoryview) else data
        self.written += len(view)
        if len(view) >= LARGE:
            self.flush()
            self._write(view)
            return
        self._pending += view
        if len(self._pending) >= WINDOW:
            self.flush()

    def flush(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, bytearray()
            self._write(pending)

    def _write(self, data: bytes | bytearray | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[self._out.write(view[:STRIDE]) :]
            self._step()

    def _step(self) -> None:
        self._progress.step(self.written - len(self._pending), self._total, self._label)

    def copy(self, source: Source, start: int, end: int) -> None:
        """Append bytes [start, end) of a file; raises SparseviewError if it changed."""
        self.flush()
        while self._kernel_copy and start < end:
            count = min(STRIDE, end - start)
            try:
                done = os.copy_file_range(source.fileno(), self._out.fileno(), count, start)
            except OSError as error:
                if error.errno not in _NO_KERNEL_COPY:
                    raise
                self._kernel_copy = False
                break
            if done == 0:
                # Some file systems answer 0 for a copy they do not support.
                self._kernel_copy = False
                break
            start += done
            self.written += done
            self._step()
        while start < end:
            block = source.read(start, min(WINDOW, end - start))
            start += len(block)
            self.put(block)
        self.flush()


def write_spliced(
    source: Source,
    arranged: Sequence[Splice],
    out: BinaryIO,
    progress: Progress = SILENT,
) -> int:
    """Write `source` with arranged splices to the unbuffered `out`; returns bytes written.

    Memory: about 3 MB, however large the file is.
    """
    writer = Writer(out, new_size(source.size, arranged), progress, "Saving")
    window_start = 0
    window = b""
    at = 0
    for splice in arranged:
        while at < splice.start:
            offset = at - window_start
            if 0 <= offset < len(window):
                taken = min(len(window) - offset, splice.start - at)
                writer.put(memoryview(window)[offset : offset + taken])
                at += taken
            elif splice.start - at >= WINDOW:
                writer.copy(source, at, splice.start)
                at = splice.start
            else:
                ahead = max(splice.start - at, LARGE)
                window_start, window = at, source.read(at, min(ahead, source.size - at))
        for part in splice.parts:
            if isinstance(part, bytes):
                writer.put(part)
            else:
                for piece in part.pieces():
                    writer.put(piece)
        at = splice.end
    writer.copy(source, at, source.size)
    return writer.written
