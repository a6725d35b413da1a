"""Protobuf's wire format: varints and fields of a message, on bytes or a mapped file, no schema."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

from sparseview.errors import SparseviewError

Buffer = bytes | bytearray | memoryview | mmap

VARINT, FIXED64, BYTES, GROUP_START, GROUP_END, FIXED32 = range(6)

GROUP_LIMIT = 1_000_000  # fields in a group, some 0.3 s; ONNX has none: it bounds hostile files


class Field(NamedTuple):
    """One field of a message; all positions are offsets in the buffer, in bytes.

    `tag_start..value_start` holds the tag (and, of a BYTES field, the length prefix),
    `value_start..value_end` the value (of a group: everything up to its end tag, that included).
    `varint` is the decoded value of a VARINT field, else 0.
    """

    number: int
    wire: int
    tag_start: int
    value_start: int
    value_end: int
    varint: int


def malformed(position: int, what: str) -> SparseviewError:
    return SparseviewError(
        f"The file is not a readable protobuf message: {what} at byte {position}.",
        "It may be damaged, or not an ONNX model.",
        "malformed",
    )


def read_varint(buf: Buffer, pos: int, end: int) -> tuple[int, int]:
    """The unsigned 64-bit varint at `pos` and the position after it.

    Raises SparseviewError if it runs past `end` or over ten bytes.
    """
    value = shift = 0
    start = pos
    while pos < end:
        byte = buf[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, pos
        shift += 7
        if shift == 70:
            raise malformed(start, "a number of more than ten bytes")
    raise malformed(start, "a number that is cut off")


def write_varint(n: int) -> bytes:
    """The shortest encoding of `n`, 0 <= n < 2**64; negatives as protobuf's int64 writes them."""
    n &= 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def bytes_field(number: int, value: bytes) -> bytes:
    """A length-delimited field: tag, length, value."""
    return write_varint(number << 3 | BYTES) + write_varint(len(value)) + value


def fields(buf: Buffer, start: int, end: int) -> Iterator[Field]:
    """The fields of the message in `buf[start:end]`, in file order; payloads are never touched.

    Raises SparseviewError where the bytes cannot be fields of a message that ends at `end`.
    """
    pos = start
    while pos < end:
        tag_start = pos
        tag, pos = read_varint(buf, pos, end)
        number, wire = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise malformed(tag_start, f"field number {number}")
        value_start, value = pos, 0
        if wire == VARINT:
            value, pos = read_varint(buf, pos, end)
        elif wire == BYTES:
            length, value_start = read_varint(buf, pos, end)
            pos = value_start + length
        elif wire == FIXED64:
            pos += 8
        elif wire == FIXED32:
            pos += 4
        elif wire == GROUP_START:
            pos = _skip_group(buf, pos, end, number)
        else:
            raise malformed(tag_start, f"wire type {wire}")
        if pos > end:
            raise malformed(
                tag_start,
                f"a field of {pos - value_start} bytes where {max(end - value_start, 0)} are left",
            )
        yield Field(number, wire, tag_start, value_start, pos, value)


def _skip_group(buf: Buffer, pos: int, end: int, number: int) -> int:
    """The position after the group's end tag. Iterative: nesting costs a list entry, no frame."""
    start = pos
    open_groups = [number]
    left = GROUP_LIMIT
    while open_groups:
        left -= 1
        if left < 0:
            raise malformed(start, f"a group of more than {GROUP_LIMIT:,} fields")
        tag, pos = read_varint(buf, pos, end)
        wire = tag & 7
        if wire == VARINT:
            _, pos = read_varint(buf, pos, end)
        elif wire == BYTES:
            length, pos = read_varint(buf, pos, end)
            pos += length
        elif wire == FIXED64:
            pos += 8
        elif wire == FIXED32:
            pos += 4
        elif wire == GROUP_START:
            open_groups.append(tag >> 3)
        elif wire == GROUP_END and open_groups[-1] == tag >> 3:
            open_groups.pop()
        else:
            raise malformed(start, "a group that does not end")
        if pos > end:
            raise malformed(start, "a group that does not end")
    return pos
