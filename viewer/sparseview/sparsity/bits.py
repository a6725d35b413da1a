"""Bools as bits: eight neighbours along the input axis in one byte, and what such bytes tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]

# The lowest bit of every pair, of every four.
_HALVES, _FOURTHS = np.uint64(0x5555_5555_5555_5555), np.uint64(0x1111_1111_1111_1111)

# Bytes from which on a row is worth numpy's call for it.
_LONG = 64
# Bytes worked on at once, so that they stay in a core's cache.
_CACHED = 1 << 18


def words(packed: NDArray[Any]) -> Words:
    """Any contiguous array as uint64, flat; zeros fill up the last one."""
    flat = packed.reshape(-1).view(np.uint8)
    if flat.size % 8:
        filled = np.zeros(-(-flat.size // 8) * 8, np.uint8)
        filled[: flat.size] = flat
        flat = filled
    return flat.view(np.uint64)


def set_bits(flags: Words, most: int = 64) -> int:
    """How many bits are set; `most`: of any one word."""
    return byte_sum(np.bitwise_count(flags), most)


def byte_sum(counts: Bytes, most: int) -> int:
    """The sum of bytes that are at most `most` (not 0).

    Eight at a time, for as many words as no byte can overflow: numpy's own sum makes each a word.
    """
    rows = 255 // most
    columns = counts.size // (8 * rows)
    whole = counts[: columns * 8 * rows].view(np.uint64).reshape(rows, columns)
    sums = np.add.reduce(whole, axis=0).view(np.uint8)
    rest = counts[whole.size * 8 :]
    return int(sums.sum(dtype=np.uint64)) + int(rest.sum(dtype=np.uint64))


def live_nibbles(flags: Words) -> int:
    """How many groups of four bits have one that is set."""
    some = flags | flags >> np.uint64(2)
    some |= some >> np.uint64(1)
    some &= _FOURTHS
    return set_bits(some, 16)


def small_groups(flags: Words, total: int) -> dict[int, list[int]]:
    """{2: [..], 4: [..]}: how many groups of so many bits have at least 1, 2 (and 3) set.

    By logic on all groups at once: numpy's ufuncs run beside each other in threads, while tables
    looked up by `bincount` do not.

    total : how many bits are set. It is the sum over k of the groups with at least k, so that one
        of those needs no counting.
    """
    shifted = flags >> np.uint64(1)
    both, either = flags & shifted, flags | shifted  # of each pair, told at its lower bit
    np.bitwise_and(both, _HALVES, out=shifted)
    two_of_two = set_bits(shifted, 32)
    both2, either2 = both >> np.uint64(2), either >> np.uint64(2)
    some: list[int] = []
    for found in (either | either2, both | both2 | either & either2, both & both2):
        found &= _FOURTHS
        some.append(set_bits(found, 16))
    one, two, four = some
    return {2: [total - two_of_two, two_of_two], 4: [one, two, total - one - two - four]}


def rows_of_four(nonzero: NDArray[np.bool_], n: int) -> tuple[int, int] | None:
    """(how many are True, groups of 4 along in of which more than `n`, 1 to 3, are), of [stack,
    out, kernel, in] bools; None where the inputs of a group do not lie in rows of whole words."""
    stored, order = _as_stored(nonzero)
    step = int(np.prod(stored.shape[order.index(3) + 1 :]))
    if step % 64 or nonzero.shape[3] % 4:
        return None
    return fours(stored.reshape(-1).view(np.uint8), step, n)


def fours(flat: Bytes, step: int, n: int) -> tuple[int, int]:
    """(bytes that are not 0, groups with more than `n` of them): of 4 that lie `step` apart, a
    multiple of 64; flat, whole groups."""
    flags = np.packbits(flat, bitorder="little").view(np.uint64)
    rows = flags.reshape(-1, 2, step // 64)
    # Of each pair of rows; then of two pairs.
    both = (rows[:, 0] & rows[:, 1]).reshape(-1, 2, step // 64)
    if n == 3:
        found = both[:, 0] & both[:, 1]
    else:
        either = (rows[:, 0] | rows[:, 1]).reshape(-1, 2, step // 64)
        if n == 2:
            found = both[:, 0] & either[:, 1]
            found |= either[:, 0] & both[:, 1]
        else:
            found = either[:, 0] & either[:, 1]
            found |= both[:, 0]
            found |= both[:, 1]
    return set_bits(flags), set_bits(found.reshape(-1))


def pairs(counts: Bytes) -> Bytes:
    """Sums of neighbours along the last axis, [.., n] to [.., n / 2], C order; none over 255."""
    words = counts.view(np.uint16)
    return np.asarray((words + (words >> 8)).astype(np.uint8))


def group_counts(nonzero: NDArray[np.bool_], m: int) -> Bytes:
    """Non-zeros in each group of `m` (4 or 8) along in, of [stack, out, kernel, in] bools.

    In no order: one value per group. `m` divides the input size.
    """
    stored, order = _as_stored(nonzero)
    step = int(np.prod(stored.shape[order.index(3) + 1 :]))
    flat = stored.reshape(-1).view(np.uint8)
    if step == 1:
        return np.asarray(np.bitwise_count(flat.view(np.uint32 if m == 4 else np.uint64)))
    if step >= _LONG:
        rows = flat.reshape(-1, m, step)
        counts: Bytes = rows[:, 0] + rows[:, 1]
        for row in range(2, m):
            counts += rows[:, row]
        return counts.reshape(-1)
    # Short rows: the sums that begin at any entry, of which every m-th row is wanted.
    distance = step
    while distance < m * step:
        flat = flat[:-distance] + flat[distance:]
        distance *= 2
    whole = np.empty(stored.size, np.uint8)
    whole[: flat.size] = flat
    return whole.reshape(-1, m, step)[:, 0].reshape(-1)


def pack(nonzero: NDArray[np.bool_]) -> Bytes:
    """[stack, out, kernel, in] bools as uint8 [stack, out, kernel, ceil(in / 8)], C order.

    Bit b of byte j is the entry 8 j + b along in; bits past the end are 0. Any memory order, but
    fast where the array fills its memory (as views of a whole stored tensor do): then it is packed
    along the memory, and only the bytes, an eighth, are put in order.
    """
    in_ = nonzero.shape[3]
    if in_ % 8:
        return np.packbits(np.ascontiguousarray(nonzero), axis=-1, bitorder="little")
    stored, order = _as_stored(nonzero)
    at = order.index(3)
    before, after = stored.shape[:at], stored.shape[at + 1 :]
    step = int(np.prod(after))  # entries from one input to the next
    flat = stored.reshape(-1).view(np.uint8)
    if step == 1:
        packed = np.packbits(flat, bitorder="little")
    elif step % 8 == 0 and step >= _LONG:
        packed = _rows(flat.view(np.uint64).reshape(-1, 8, step // 8)).view(np.uint8)
    else:
        packed = _sliding(flat, step)
    others = [axis for axis in order if axis != 3 and nonzero.shape[axis] > 1]
    if step >= _LONG and in_ % 64 == 0 and others == sorted(others):
        kept = [nonzero.shape[axis] for axis in range(3)]
        return turned(packed.reshape(-1, in_ // 8, step)).reshape(*kept, in_ // 8)
    shaped = packed.reshape(*before, in_ // 8, *after)
    return np.ascontiguousarray(shaped.transpose([order.index(axis) for axis in range(4)]))


def turned(rows: Bytes) -> Bytes:
    """Bytes [n, 8 k, columns] as [n, columns, 8 k], C order.

    Rows are first woven into words, two by two: moving words costs an eighth of moving bytes.
    """
    woven: NDArray[Any] = rows
    for wide in (np.uint16, np.uint32, np.uint64):
        upper = woven[:, 1::2].astype(wide)
        upper <<= wide(8 * woven.itemsize)
        upper |= woven[:, 0::2]
        woven = upper
    return np.ascontiguousarray(woven.transpose(0, 2, 1)).view(np.uint8)


def _as_stored(nonzero: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], list[int]]:
    """(the array with its axes in the order of memory, contiguous, that order)."""
    order = sorted(range(4), key=lambda axis: -abs(nonzero.strides[axis]))
    stored = nonzero.transpose(order)
    if stored.flags.c_contiguous:
        return stored, order
    return np.ascontiguousarray(nonzero), [0, 1, 2, 3]


def _rows(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Rows of eight 0/1 bytes [n, 8, words] into one row of bytes [n, words]."""
    one = np.uint64(1)
    packed: NDArray[np.uint64] = words[:, 7] << one
    for row in range(6, 0, -1):
        packed |= words[:, row]
        packed <<= one  # no byte exceeds 255: nothing is carried into the next
    packed |= words[:, 0]
    return packed


def _sliding(flat: Bytes, step: int) -> Bytes:
    """0/1 bytes [n, 8, step], flat, into bytes [n, step].

    Short rows (a 3x3 kernel's nine) are slow one by one. Combining every entry with those 1, 2 and
    4 steps ahead runs over all memory at once; an eighth of the result is what is wanted.
    """
    unit = 8 * step
    block = max(_CACHED // unit, 1) * unit
    shifted = np.empty(min(block, flat.size), np.uint8)
    joined = np.empty_like(shifted)
    packed = np.empty((flat.size // unit, step), np.uint8)
    for start in range(0, flat.size, block):
        part = flat[start : start + block]
        ahead, into = shifted[: part.size], joined[: part.size]
        for power in (1, 2, 4):
            distance = power * step
            np.left_shift(part.view(np.uint64), np.uint64(power), out=ahead.view(np.uint64))
            np.bitwise_or(part[:-distance], ahead[distance:], out=into[:-distance])
            into[-distance:] = 0  # nothing wanted lies there, and nothing may carry over
            part = into
        packed[start // unit : (start + part.size) // unit] = into.reshape(-1, 8, step)[:, 0]
    return packed
