"""Splices that give one stored constant new values, in the place and encoding that it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sparseview.model.dtypes import storage
from sparseview.model.locate import NUMBERS, Item, Message, child, children, items, text
from sparseview.model.payload import Array, Later, Raw, codes, fixed, varints
from sparseview.model.proto import TensorProto
from sparseview.model.protobuf import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    Buffer,
    bytes_field,
    write_varint,
)
from sparseview.model.splice import Part, Splice, message

# Field numbers of TensorProto, SparseTensorProto and AttributeProto.
DIMS, RAW_DATA, EXTERNAL_DATA, DATA_LOCATION = 1, 9, 13, 14
TYPED = {"float_data": 4, "int32_data": 5, "int64_data": 7, "double_data": 10, "uint64_data": 11}
ELEMENT_WIRE = {4: FIXED32, 5: VARINT, 7: VARINT, 10: FIXED64, 11: VARINT}
VALUES, INDICES = 1, 2

Store = Callable[[Raw], tuple[str, int]]
"""Puts a payload into the save's data file; answers the file's name and the offset in it."""


def tag(number: int, wire: int) -> bytes:
    """A field's encoded tag."""
    return write_varint(number << 3 | wire)


def swap(found: Sequence[Item], message: Message, parts: tuple[Part, ...]) -> list[Splice]:
    """Put `parts` in place of the first field found and drop the others; none: append."""
    if not found:
        end = message[-1].end
        return [Splice(message[-1], end, end, parts)]
    splices: list[Splice] = []
    for k, (field, owner) in enumerate(found):
        last = splices[-1] if splices else None
        if last is not None and last.owner is owner and last.end == field.tag_start:
            # One range for neighbours: unpacked data has a field for every element.
            splices[-1] = Splice(owner, last.start, field.value_end, last.parts)
        else:
            splices.append(Splice(owner, field.tag_start, field.value_end, () if k else parts))
    return splices


def tensor(
    buf: Buffer,
    place: Message,
    dtype: int,
    array: Array | Later,
    store: Store,
    resize: bool = False,
) -> list[Splice]:
    """New values of a dense TensorProto of the onnx type `dtype`.

    `array` has the storage dtype and the stored shape; `resize` writes its shape as new dims.
    """
    found = list(items(buf, place))
    raw = Raw(array, dtype)
    splices = _dims(found, place, array.shape) if resize else []
    locations = [f.varint for f, _ in found if f.number == DATA_LOCATION and f.wire == VARINT]
    if locations and locations[-1] == TensorProto.EXTERNAL:
        return splices + _external(buf, found, place, raw, store)
    blobs = [i for i in found if i.field.number == RAW_DATA and i.field.wire == BYTES]
    if blobs:
        return splices + _payload(blobs[-1:], place, RAW_DATA, raw)
    number = TYPED[storage(dtype).field]
    held = [i for i in found if i.field.number == number]
    wire = ELEMENT_WIRE[number]
    held = [i for i in held if i.field.wire in (BYTES, wire)]
    if wire != VARINT and (not held or held[0].field.wire == BYTES):
        return splices + _payload(held, place, number, raw)
    return splices + _numbers(held, place, number, wire, raw, packed=True)


def _payload(held: Sequence[Item], place: Message, number: int, raw: Raw) -> list[Splice]:
    """Fixed-width bytes: over the old ones where these are one range of the same length."""
    if len(held) == 1:
        field, owner = held[0]
        if field.value_end - field.value_start == raw.length:
            return [Splice(owner, field.value_start, field.value_end, (raw,))]
    return swap(held, place, message(tag(number, BYTES), raw))


def _numbers(
    held: Sequence[Item], place: Message, number: int, wire: int, raw: Raw, packed: bool
) -> list[Splice]:
    """A field of numbers of one wire type, packed or not as its first occurrence is."""
    if held:
        packed = held[0].field.wire == BYTES
    head = b"" if packed else tag(number, wire)
    if wire == VARINT:
        data = varints(codes(raw.array, raw.dtype), head)
    else:
        data = fixed(raw, 4 if wire == FIXED32 else 8, head)
    return swap(held, place, message(tag(number, BYTES), data) if packed else (data,))


def _dims(found: Sequence[Item], place: Message, shape: tuple[int, ...]) -> list[Splice]:
    held = [i for i in found if i.field.number == DIMS and i.field.wire in (BYTES, VARINT)]
    dims = Raw(np.array(shape, np.int64), TensorProto.INT64)
    return _numbers(held, place, DIMS, VARINT, dims, packed=False)


def _external(
    buf: Buffer, found: Sequence[Item], place: Message, raw: Raw, store: Store
) -> list[Splice]:
    """The reference to a payload in the save's data file; a checksum of the old one goes."""
    replaced = []
    for item in found:
        if item.field.number == EXTERNAL_DATA and item.field.wire == BYTES:
            key = text(buf, (child(buf, item),), 1)
            if key in ("location", "offset", "length", "checksum"):
                replaced.append(item)
    location, offset = store(raw)
    entries = b"".join(
        bytes_field(EXTERNAL_DATA, bytes_field(1, key) + bytes_field(2, value.encode()))
        for key, value in (
            (b"location", location),
            (b"offset", str(offset)),
            (b"length", str(raw.length)),
        )
    )
    return swap(replaced, place, (entries,))


def sparse(
    buf: Buffer, place: Message, dtype: int, array: Array, nonzero: Array, store: Store
) -> list[Splice]:
    """New values and indices of a SparseTensorProto: the entries of `array` that `nonzero` marks.

    `array` and `nonzero` (bool) have the dense shape. Indices keep their form: linear [n] or
    coordinates [n, rank], ascending as ONNX demands.
    """
    values, indices = children(buf, place, VALUES), children(buf, place, INDICES)
    positions = np.flatnonzero(nonzero).astype(np.int64)
    kept = array.reshape(-1)[positions]
    if _rank(buf, indices) == 2:
        positions = np.stack(np.unravel_index(positions, array.shape), axis=1).astype(np.int64)
    return [
        *tensor(buf, values, dtype, kept, store, resize=True),
        *tensor(buf, indices, TensorProto.INT64, positions, store, resize=True),
    ]


def _rank(buf: Buffer, place: Message) -> int:
    rank = 0
    for field, _ in items(buf, place):
        if field.number == DIMS and field.wire == VARINT:
            rank += 1
        elif field.number == DIMS and field.wire == BYTES:
            # Every varint has exactly one byte below 0x80: its last.
            rank += sum(byte < 0x80 for byte in bytes(buf[field.value_start : field.value_end]))
    return rank


def attribute_numbers(buf: Buffer, place: Message, name: str, array: Array) -> list[Splice]:
    """New numbers of a Constant's value_float(s) or value_int(s) attribute."""
    number = NUMBERS[name]
    dtype = TensorProto.FLOAT if "float" in name else TensorProto.INT64
    wire = FIXED32 if dtype == TensorProto.FLOAT else VARINT
    held = [
        i for i in items(buf, place) if i.field.number == number and i.field.wire in (wire, BYTES)
    ]
    if not name.endswith("s"):
        held = [i for i in held if i.field.wire == wire][-1:]
    return _numbers(held, place, number, wire, Raw(array, dtype), packed=False)
