"""An array's values as the bytes that a TensorProto or an AttributeProto keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import msgspec
import numpy as np

from sparseview.model.dtypes import byte_count, pack, storage

Array = np.ndarray[Any, np.dtype[Any]]

STRIDE = 1 << 18
"""Elements encoded at a time; a multiple of 8, so that packed types break at whole bytes."""


class Later(msgspec.Struct, frozen=True, eq=False):
    """An array that is made each time it is needed: a large one should not wait in memory.

    stream : the same as flat pieces, where it can be had without the whole; each is good until the
        next one, and all but the last have a multiple of 8 elements.
    """

    shape: tuple[int, ...]
    make: Callable[[], Array]
    stream: Callable[[], Iterator[Array]] | None = None

    @property
    def size(self) -> int:
        return prod(self.shape)


class Raw(msgspec.Struct, frozen=True, eq=False):
    """Little-endian elements (raw_data's layout), made piece by piece from `source`.

    `source` is as `tensors.read` gives it: the storage dtype of the onnx type `dtype`, any shape.
    """

    source: Array | Later
    dtype: int

    @property
    def array(self) -> Array:
        return self.source.make() if isinstance(self.source, Later) else self.source

    @property
    def length(self) -> int:
        return byte_count(self.dtype, self.source.size)

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The bytes; each piece is to be used before the next is taken."""
        if isinstance(self.source, Later) and self.source.stream is not None:
            arrays = self.source.stream()
        else:
            arrays = iter((np.ascontiguousarray(self.array).reshape(-1),))
        for flat in arrays:
            yield from self._encoded(flat)

    def _encoded(self, flat: Array) -> Iterator[bytes | memoryview]:
        row = storage(self.dtype)
        if row.bits >= 8 and flat.dtype == row.dtype:
            data = flat.view(np.uint8)
            for start in range(0, data.size, STRIDE):
                yield data[start : start + STRIDE].data
            return
        for start in range(0, flat.size, STRIDE):
            yield pack(flat[start : start + STRIDE], self.dtype)


def codes(array: Array, dtype: int) -> Array:
    """The uint64 numbers [n] that int32_data, int64_data or uint64_data hold of an array.

    Signed integers are sign-extended to 64 bits; 4-bit and 2-bit elements go as packed bytes.
    """
    row = storage(dtype)
    if row.bits in (2, 4):
        return np.frombuffer(pack(array, dtype), np.uint8).astype(np.uint64)
    flat = np.ascontiguousarray(array).reshape(-1)
    if row.dtype.kind == "f":  # float16: int32_data holds its bits
        flat = flat.view(np.uint16)
    return flat.astype(np.uint64)


def varints(numbers: Array, tag: bytes = b"") -> bytes:
    """Numbers (uint64 [n]) as varints, each after `tag` (none: as a packed field holds them)."""
    lead = len(tag)
    table = np.zeros((numbers.size, lead + 10), np.uint8)
    table[:, :lead] = np.frombuffer(tag, np.uint8)
    left = numbers.astype(np.uint64)
    used = np.ones(numbers.size, np.int64)
    for k in range(10):
        table[:, lead + k] = left & np.uint64(0x7F)
        left = left >> np.uint64(7)
        more = left != 0
        table[more, lead + k] |= 0x80
        used += more
    kept = np.arange(lead + 10) < (lead + used)[:, None]
    return table[kept].tobytes()


def fixed(raw: Raw, width: int, tag: bytes) -> bytes:
    """Elements of `width` bytes, each after `tag`: an unpacked float_data or double_data."""
    data = np.frombuffer(b"".join(map(bytes, raw.pieces())), np.uint8).reshape(-1, width)
    head = np.broadcast_to(np.frombuffer(tag, np.uint8), (len(data), len(tag)))
    return np.concatenate((head, data), axis=1).tobytes()
