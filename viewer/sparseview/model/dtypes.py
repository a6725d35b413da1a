"""ONNX's element types: names, storage in numpy, and which bits make a zero."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.proto import TensorProto

Array = np.ndarray[Any, np.dtype[Any]]


class Storage(msgspec.Struct, frozen=True):
    """How elements of one ONNX type are stored and held.

    `dtype`: numpy's, as `tensors.read` gives them (bit patterns where numpy has no such type).
    `bits`: per element in the file. `field`: the TensorProto field that holds them when it is not
    raw_data. `narrow`: the name of the ml_dtypes type of the bit patterns, if they are some.
    `magnitude`: the bits that are all 0 in a zero (all but the sign); 0 where no value is zero
    (E8M0), None where the value itself tells (integers, complex).
    """

    name: str
    dtype: np.dtype[Any]
    bits: int
    field: str
    narrow: str | None = None
    magnitude: int | None = None

    @property
    def meaning(self) -> np.dtype[Any] | None:
        """The type of the bit patterns, where they are some."""
        if self.narrow is None:
            return None
        import ml_dtypes  # some milliseconds that most files have no use for

        named: np.dtype[Any] = np.dtype(getattr(ml_dtypes, self.narrow))
        return named


def _storage(
    name: str,
    dtype: str,
    field: str = "int32_data",
    narrow: str | None = None,
    magnitude: int | None = None,
    bits: int = 0,
) -> Storage:
    held = np.dtype(dtype)
    return Storage(name, held, bits or held.itemsize * 8, field, narrow, magnitude)


# Types newer than the oldest onnx that the project runs with, by number.
FLOAT8E8M0, UINT2, INT2, FLOAT6E2M3, FLOAT6E3M2 = 24, 25, 26, 27, 28

STORAGE: dict[int, Storage] = {
    TensorProto.FLOAT: _storage("float32", "<f4", "float_data", None, 0x7FFF_FFFF),
    TensorProto.UINT8: _storage("uint8", "u1"),
    TensorProto.INT8: _storage("int8", "i1"),
    TensorProto.UINT16: _storage("uint16", "<u2"),
    TensorProto.INT16: _storage("int16", "<i2"),
    TensorProto.INT32: _storage("int32", "<i4"),
    TensorProto.INT64: _storage("int64", "<i8", "int64_data"),
    TensorProto.BOOL: _storage("bool", "?"),
    TensorProto.FLOAT16: _storage("float16", "<f2", magnitude=0x7FFF),
    TensorProto.DOUBLE: _storage("float64", "<f8", "double_data", None, (1 << 63) - 1),
    TensorProto.UINT32: _storage("uint32", "<u4", "uint64_data"),
    TensorProto.UINT64: _storage("uint64", "<u8", "uint64_data"),
    TensorProto.COMPLEX64: _storage("complex64", "<c8", "float_data"),
    TensorProto.COMPLEX128: _storage("complex128", "<c16", "double_data"),
    TensorProto.BFLOAT16: _storage("bfloat16", "<u2", narrow="bfloat16", magnitude=0x7FFF),
    TensorProto.FLOAT8E4M3FN: _storage(
        "float8e4m3fn", "u1", narrow="float8_e4m3fn", magnitude=0x7F
    ),
    # FNUZ: one zero only; the sign bit alone is NaN.
    TensorProto.FLOAT8E4M3FNUZ: _storage(
        "float8e4m3fnuz", "u1", narrow="float8_e4m3fnuz", magnitude=0xFF
    ),
    TensorProto.FLOAT8E5M2: _storage("float8e5m2", "u1", narrow="float8_e5m2", magnitude=0x7F),
    TensorProto.FLOAT8E5M2FNUZ: _storage(
        "float8e5m2fnuz", "u1", narrow="float8_e5m2fnuz", magnitude=0xFF
    ),
    # A power of two: no bit pattern is zero.
    FLOAT8E8M0: _storage("float8e8m0", "u1", narrow="float8_e8m0fnu", magnitude=0),
    TensorProto.UINT4: _storage("uint4", "u1", bits=4),
    TensorProto.INT4: _storage("int4", "i1", bits=4),
    TensorProto.FLOAT4E2M1: _storage(
        "float4e2m1", "u1", narrow="float4_e2m1fn", magnitude=0x7, bits=4
    ),
    UINT2: _storage("uint2", "u1", bits=2),
    INT2: _storage("int2", "i1", bits=2),
    FLOAT6E2M3: _storage("float6e2m3", "u1", narrow="float6_e2m3fn", magnitude=0x1F, bits=6),
    FLOAT6E3M2: _storage("float6e3m2", "u1", narrow="float6_e3m2fn", magnitude=0x1F, bits=6),
}


def storage(dtype: int) -> Storage:
    """The row of an onnx data type; raises SparseviewError for strings and unknown types."""
    row = STORAGE.get(dtype)
    if row is None:
        raise SparseviewError(
            f"A tensor of type {dtype_name(dtype)} holds no numbers that can be read.",
            "Only numeric tensors can be measured and pruned.",
            "dtype",
        )
    return row


def dtype_name(dtype: int) -> str:
    """`float32`, `bfloat16`, `int4` ... as reports print it; never raises."""
    if dtype in STORAGE:
        return STORAGE[dtype].name
    if dtype == TensorProto.STRING:
        return "string"
    return "undefined" if dtype == TensorProto.UNDEFINED else f"type{dtype}"


def byte_count(dtype: int, elements: int) -> int:
    """Bytes of so many elements in raw_data: packed types fill bytes from their low bits up."""
    return -(-elements * storage(dtype).bits // 8)


def unpack(data: Array, dtype: int, elements: int) -> Array:
    """Bytes (uint8 [n]) as `elements` values of the storage dtype, 1-D; a view where it can be."""
    row = storage(dtype)
    if row.bits >= 8:
        # A stored bool may be any byte; numpy's must be 0 or 1.
        return data != 0 if row.dtype == np.bool_ else data.view(row.dtype)
    if row.bits == 6:
        return _unpack6(data, elements)
    per_byte, mask = 8 // row.bits, (1 << row.bits) - 1
    values = np.empty((data.size, per_byte), np.uint8)
    for position in range(per_byte):
        np.right_shift(data, position * row.bits, out=values[:, position])
    values &= mask
    flat = values.reshape(-1)[:elements]
    if row.dtype == np.int8:  # two's complement in the low bits
        shift = 8 - row.bits
        return (flat << shift).view(np.int8) >> shift
    return flat


def pack(array: Array, dtype: int) -> bytes:
    """The raw_data bytes of an array as `tensors.read` returns it (any shape, C order)."""
    row = storage(dtype)
    flat = np.ascontiguousarray(array, dtype=row.dtype).reshape(-1)
    if row.bits >= 8:
        return flat.tobytes()
    codes = flat.view(np.uint8) & ((1 << row.bits) - 1)
    if row.bits == 6:
        return _pack6(codes)
    per_byte = 8 // row.bits
    padded = np.zeros(-(-codes.size // per_byte) * per_byte, np.uint8)
    padded[: codes.size] = codes
    packed = np.zeros(padded.size // per_byte, np.uint8)
    for position in range(per_byte):
        packed |= padded[position::per_byte] << (position * row.bits)
    return packed.tobytes()


def _unpack6(data: Array, elements: int) -> Array:
    groups = -(-elements // 4)
    padded = np.zeros(groups * 3, np.uint8)
    used = min(data.size, padded.size)
    padded[:used] = data[:used]
    a, b, c = padded[0::3], padded[1::3], padded[2::3]
    values = np.stack((a, a >> 6 | b << 2, b >> 4 | c << 4, c >> 2), axis=1) & 0x3F
    return values.reshape(-1)[:elements]


def _pack6(codes: Array) -> bytes:
    padded = np.zeros(-(-codes.size // 4) * 4, np.uint8)
    padded[: codes.size] = codes
    a, b, c, d = (padded[i::4] for i in range(4))
    packed = np.stack((a | b << 6, b >> 2 | c << 4, c >> 4 | d << 2), axis=1).reshape(-1)
    return packed[: -(-codes.size * 6 // 8)].tobytes()
