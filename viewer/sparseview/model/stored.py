"""Where a tensor's payload lies, whether it is all there, and the payload of an inline one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import Array, byte_count, storage, unpack
from sparseview.model.external import reference
from sparseview.model.proto import TensorProto
from sparseview.model.source import Source

if TYPE_CHECKING:
    from sparseview.model.document import Model

ALIGNMENT = 64  # bytes: a cache line, and the widest vector register
MAX_RANK = 64  # numpy's


def stored_range(model: Model, tensor: TensorProto) -> tuple[Source, int] | None:
    """The file and the offset of the tensor's bytes (`byte_count` of them); None if it is inline.

    Raises SparseviewError if they are not all there, may not be read, or do not fit the shape.
    """
    if tensor.data_location != TensorProto.EXTERNAL:
        return None
    needed = byte_count(tensor.data_type, element_count(tensor))
    cut = model.skeleton.cut(tensor)
    if cut:
        _fits(cut.length, needed)
        return model.skeleton.source, cut.offset
    location, offset, length = reference(tensor)
    source = model.data_file(location)
    if length is not None:
        _fits(length, needed)
    if offset + needed > source.size:
        raise SparseviewError(
            f"its external data file '{location}' is too short: bytes {offset:,} to "
            f"{offset + needed:,} are wanted, {source.size:,} are there.",
            "Copy or download the data file again.",
            "truncated",
        )
    return source, offset


def inline(tensor: TensorProto, elements: int) -> Array:
    """The elements that the TensorProto itself holds, 1-D, in the storage dtype."""
    if tensor.HasField("segment"):
        raise SparseviewError("it is stored in segments.", "Export the model again.", "segment")
    row = storage(tensor.data_type)
    if tensor.HasField("raw_data"):
        _fits(len(tensor.raw_data), byte_count(tensor.data_type, elements))
        data = aligned(len(tensor.raw_data))
        data[:] = np.frombuffer(tensor.raw_data, np.uint8)
        return unpack(data, tensor.data_type, elements)
    numbers = getattr(tensor, row.field)
    packed = row.bits in (2, 4)  # each number holds a byte of packed elements
    per_element = 2 if row.dtype.kind == "c" else 1
    needed = byte_count(tensor.data_type, elements) if packed else elements * per_element
    if len(numbers) != needed:
        raise SparseviewError(
            f"its shape needs {needed:,} numbers and {len(numbers):,} are there.",
            "Export the model again.",
            "size",
        )
    if row.field == "int32_data":
        codes = np.fromiter(numbers, np.int32, needed)
        if packed:
            return unpack(codes.astype(np.uint8), tensor.data_type, elements)
        if row.dtype == np.bool_:
            return np.asarray(codes != 0)
        if row.dtype.kind == "f":  # float16's bit pattern
            return codes.astype(np.uint16).view(row.dtype)
        if row.bits == 6:
            codes &= 0x3F
        return codes.astype(row.dtype)
    if row.dtype.kind == "c":
        half = np.float32 if row.field == "float_data" else np.float64
        return np.fromiter(numbers, half, needed).view(row.dtype)
    return np.fromiter(numbers, row.dtype, needed)


def element_count(tensor: TensorProto) -> int:
    """The product of the dims; raises SparseviewError if they are no array's."""
    return math.prod(checked_shape(tensor.dims))


def checked_shape(dims: Iterable[int]) -> tuple[int, ...]:
    """The dims as a shape that numpy can hold; raises SparseviewError if they are none."""
    shape: tuple[int, ...] = tuple(dims)
    if any(dim < 0 for dim in shape):
        raise SparseviewError(
            f"its shape {list(shape)} has a negative size.", "Export the model again.", "shape"
        )
    if len(shape) > MAX_RANK or math.prod(max(dim, 1) for dim in shape) >= 1 << 59:
        raise SparseviewError(
            f"its shape {list(shape)[:8]} is larger than any memory.",
            "Export the model again.",
            "shape",
        )
    return shape


def _fits(length: int, needed: int) -> None:
    if length != needed:
        raise SparseviewError(
            f"its shape needs {needed:,} bytes and {length:,} are stored.",
            "Export the model again.",
            "size",
        )


def aligned(size: int) -> Array:
    """A writable uint8 array of `size` bytes that starts on a multiple of ALIGNMENT."""
    memory = np.empty(size + ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % ALIGNMENT
    return memory[start : start + size]
