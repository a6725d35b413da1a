"""Takes our annotations out of a model's bytes, field by field, and leaves every other byte.

Never imports the project. Length prefixes are written anew, as short as they can be.
"""

from __future__ import annotations

from collections.abc import Iterator

MODEL, GRAPH, FUNCTION, NODE, ATTRIBUTE = range(5)
INSIDE = {
    MODEL: {7: GRAPH, 25: FUNCTION},
    GRAPH: {1: NODE},
    FUNCTION: {7: NODE},
    NODE: {5: ATTRIBUTE},
    ATTRIBUTE: {6: GRAPH, 11: GRAPH},
}
METADATA = {MODEL: 14, NODE: 9}


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def written(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def fields(data: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """(number, wire type, the tag's bytes, the value's bytes) of every field."""
    at = 0
    while at < len(data):
        start = at
        tag, at = varint(data, at)
        head, value = data[start:at], at
        if tag & 7 == 0:
            _, at = varint(data, at)
        elif tag & 7 == 2:
            length, value = varint(data, at)
            at = value + length
        else:
            at += {1: 8, 5: 4}[tag & 7]
        yield tag >> 3, tag & 7, head, data[value:at]


def without_annotations(data: bytes, kind: int = MODEL) -> bytes:
    """The message without `__sparsity*` attributes and `pkg.sparseview*` entries."""
    out = bytearray()
    for number, wire, head, value in fields(data):
        if wire != 2:
            out += head + value
            continue
        inner = INSIDE[kind].get(number)
        if inner == ATTRIBUTE and _text(value, 1).startswith(b"__sparsity"):
            continue
        if number == METADATA.get(kind) and _text(value, 1).startswith(b"pkg.sparseview"):
            continue
        if inner is not None:
            value = without_annotations(value, inner)
        out += head + written(len(value)) + value
    return bytes(out)


def _text(data: bytes, number: int) -> bytes:
    return next((value for n, _, _, value in fields(data) if n == number), b"")
