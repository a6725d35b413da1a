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
        elif tag & 7 == 3:
            at = _group_end(data, at)
        else:
            at += {1: 8, 5: 4}[tag & 7]
        yield tag >> 3, tag & 7, head, data[value:at]


def _group_end(data: bytes, at: int) -> int:
    depth = 1
    while depth:
        tag, at = varint(data, at)
        if tag & 7 in (3, 4):
            depth += 1 if tag & 7 == 3 else -1
        elif tag & 7 == 0:
            _, at = varint(data, at)
        elif tag & 7 == 2:
            length, at = varint(data, at)
            at += length
        else:
            at += {1: 8, 5: 4}[tag & 7]
    return at


def strange(data: bytes, kind: int = MODEL) -> bytes:
    """The same message with padded lengths, and with unknown fields and a group in every part."""
    out = bytearray()
    for number, wire, head, value in fields(data):
        out += head
        if wire == 2:
            inner = INSIDE[kind].get(number)
            value = value if inner is None else strange(value, inner)
            length = written(len(value))
            out += bytes(b | 0x80 for b in length) + b"\x80" * (4 - len(length)) + b"\x00"
        out += value
    unknown = written(1999 << 3 | 2) + b"\x03???" + written(1998 << 3) + b"\x2a"
    group = written(1997 << 3 | 3) + b"\x08\x01\x12\x01x" + written(1997 << 3 | 4)
    return bytes(out + unknown + group)


def twice(data: bytes, path: tuple[int, ...]) -> bytes:
    """The message with the first field at `path` (field numbers) written as two halves.

    Protobuf reads the halves of a singular message as one.
    """
    out = bytearray()
    done = False
    for number, _, head, value in fields(data):
        if number != path[0] or done:
            out += head + (written(len(value)) if head[0] & 7 == 2 else b"") + value
            continue
        done = True
        if len(path) > 1:
            value = twice(value, path[1:])
            out += head + written(len(value)) + value
            continue
        parts = [h + (written(len(v)) if w == 2 else b"") + v for _, w, h, v in fields(value)]
        for half in (b"".join(parts[: len(parts) // 2]), b"".join(parts[len(parts) // 2 :])):
            out += head + written(len(half)) + half
    assert done, f"no field {path[0]}"
    return bytes(out)


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
