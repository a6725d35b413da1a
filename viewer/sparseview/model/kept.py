"""Replacements that take less than the tensor: zeros laid over what is stored, values on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray

from sparseview.model.repeated import Repeated, whole

Array = NDArray[Any]
# Elements worked on at once: their bools fit a core's cache.
PIECE = 1 << 17
UNSIGNED = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}


@runtime_checkable
class Kept(Protocol):
    """An overlay's entry that is no array itself. Immutable; compared by identity."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The stored shape."""

    @property
    def held(self) -> int:
        """Bytes that it takes in memory."""

    def values(self, stored: Callable[[], Array]) -> Array:
        """The tensor, in storage dtype and stored shape; `stored` reads what the file has."""


class Zeroed(msgspec.Struct, frozen=True, eq=False):
    """The stored tensor, but zero where a bit is set: an eighth of a byte for each element.

    bits : uint8, np.packbits of the flat mask; or what was put on disk of them.
    zero : what a zero is, storage dtype, broadcasting against `shape`.
    under : the replacement that it lies over; None: what the file has.
    """

    shape: tuple[int, ...]
    bits: Array | Kept
    zero: Array | Repeated
    under: Array | Kept | None = None

    @property
    def held(self) -> int:
        return self.bits.nbytes if isinstance(self.bits, np.ndarray) else self.bits.held

    def packed(self) -> Array:
        """The bits themselves."""
        return entry_values(self.bits, _nothing)

    def values(self, stored: Callable[[], Array]) -> Array:
        before = stored() if self.under is None else entry_values(self.under, stored)
        owned = before.flags.writeable and before.flags.c_contiguous
        array = before if owned and self.under is None else np.array(before, order="C")
        self.apply(array.reshape(-1), 0)
        return array

    @property
    def streams(self) -> bool:
        """Whether `apply` can go piece by piece: one zero for all, over what the file has."""
        return self.under is None and not isinstance(self.zero, Repeated) and self.zero.size == 1

    def apply(self, flat: Array, start: int, bits: Array | None = None) -> None:
        """Zero elements of `flat`, which are those from `start` (a multiple of 8) on, in place."""
        bits = self.packed() if bits is None else bits
        zero = whole(self.zero)
        assert zero is not None
        spread = None if zero.size == 1 else np.broadcast_to(zero, self.shape)
        plain = None
        if spread is None and flat.flags.c_contiguous and not zero.reshape(-1).view(np.uint8).any():
            plain = UNSIGNED.get(flat.itemsize)
        for first in range(0, flat.size, PIECE):
            piece = flat[first : first + PIECE]
            at = (start + first) // 8
            where = np.unpackbits(bits[at : at + -(-piece.size // 8)], count=piece.size)
            if plain is not None:
                # Bits and (0 - 1 where they stay): several times faster than a choice for each.
                piece.view(plain)[:] &= where.astype(plain) - plain.type(1)
            elif spread is None:
                piece[where.view(np.bool_)] = zero.reshape(-1)[0]
            else:
                index = np.flatnonzero(where)
                places = np.unravel_index(index + start + first, self.shape)
                piece[index] = spread[places]


Entry = Array | Kept


def entry_values(entry: Entry, stored: Callable[[], Array]) -> Array:
    """The values of an overlay's entry."""
    return entry if isinstance(entry, np.ndarray) else entry.values(stored)


def zeroed(
    shape: tuple[int, ...], dropped: NDArray[np.bool_], zero: Array | Repeated, under: Entry | None
) -> Zeroed:
    """Zeros at `dropped` (bool, the stored shape) over the entry `under`; over another Zeroed the
    two become one."""
    bits = np.packbits(dropped.reshape(-1))
    if isinstance(under, Zeroed):
        bits |= under.packed()
        under = under.under
    bits.flags.writeable = False
    return Zeroed(shape, bits, zero, under)


def held(entry: Entry | None) -> int:
    """Bytes that an entry takes in memory."""
    if entry is None:
        return 0
    return entry.nbytes if isinstance(entry, np.ndarray) else entry.held


def _nothing() -> Array:
    raise AssertionError("bits lie over nothing")
