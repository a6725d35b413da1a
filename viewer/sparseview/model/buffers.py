"""Memory that is lent to one reader after the other: what was used before costs no page faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.model.stored import aligned

# What is kept for the next reader at most: so many buffers, each of so many bytes.
MOST, LARGEST = 16, 4 << 20
# Taken and given back by single list operations, which are atomic.
_spare: list[NDArray[np.uint8]] = []


@contextmanager
def lent(size: int) -> Iterator[NDArray[Any]]:
    """At least `size` bytes, uint8, aligned; not to be used after the block."""
    buffer = _taken(size)
    try:
        yield buffer
    finally:
        if buffer.size <= LARGEST and len(_spare) < MOST:
            _spare.append(buffer)


def _taken(size: int) -> NDArray[np.uint8]:
    """A spare one of about that size, or a new one of the next power of two."""
    whole = 1 << max(size - 1, 1).bit_length()
    if whole > LARGEST:
        return aligned(size)
    for _ in range(len(_spare)):
        try:
            buffer = _spare.pop(0)
        except IndexError:  # another thread was faster
            break
        if buffer.size == whole:
            return buffer
        _spare.append(buffer)
    return aligned(whole)


def keep_temporaries(size: int = 16 << 20) -> None:
    """Let temporary arrays up to so many bytes use memory that was used before, too.

    glibc gives each block of more than 128 KB back to the system when it is freed, until a larger
    one was: from then on it keeps what is smaller (mallopt(3), M_MMAP_THRESHOLD). This one is never
    touched, so it costs nothing; other systems take no notice.
    """
    np.empty(size, np.uint8)


keep_temporaries()
