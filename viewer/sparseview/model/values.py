"""What stored elements mean: as floats, as zero or not, and the zero itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseview.errors import SparseviewError
from sparseview.model.dtypes import Array, Storage, storage

BITS: dict[int, np.dtype[Any]] = {
    1: np.dtype("u1"),
    2: np.dtype("<u2"),
    4: np.dtype("<u4"),
    8: np.dtype("<u8"),
}
SIGNED: dict[int, np.dtype[Any]] = {
    1: np.dtype("i1"),
    2: np.dtype("<i2"),
    4: np.dtype("<i4"),
    8: np.dtype("<i8"),
}


def to_float(array: Array, dtype: int) -> Array:
    """The values of storage elements, same shape: float32 where it is exact, else float64.

    Complex elements give their absolute value.
    """
    row = storage(dtype)
    if row.meaning is not None:
        return np.ascontiguousarray(array).view(row.meaning).astype(np.float32)
    if row.dtype.kind == "c":
        array = np.abs(array)
    exact = (array.dtype.kind == "f" and array.dtype.itemsize <= 4) or array.dtype.itemsize <= 2
    return array.astype(np.float32 if exact else np.float64, copy=False)


def decoded(
    array: Array, dtype: int, zero_point: Array | None = None, scale: Array | None = None
) -> Array:
    """What storage elements stand for: scale * (element - zero point); None each: 1 and 0.

    zero_point : storage elements too.  Both broadcast; the shape is that of `array`.
    """
    found = to_float(array, dtype)
    if zero_point is not None:
        found = found - to_float(zero_point, dtype)
    return found if scale is None else found * scale.astype(np.float32, copy=False)


def is_nonzero(
    array: Array, dtype: int, zero_point: Array | None = None, out: Array | None = None
) -> Array:
    """Bool array of the same shape, `out` if given. -0.0 is zero, NaN is not; with a zero point,
    equal to it is.

    `array` holds storage elements; `zero_point` too, and broadcasts.
    """
    row = storage(dtype)
    if zero_point is not None and (row.magnitude is None or is_nonzero(zero_point, dtype).any()):
        if row.meaning is not None:
            array, zero_point = to_float(array, dtype), to_float(zero_point, dtype)
        elif not (zero_point.dtype.kind == "f" and row.dtype.kind in "iu"):
            zero_point = zero_point.astype(row.dtype)
        # else: no code is equal to half a step.
        return np.asarray(np.not_equal(array, zero_point, out=out))
    if row.magnitude is None:
        return np.asarray(np.not_equal(array, 0, out=out))
    if row.magnitude == 0:
        return np.asarray(np.equal(array, array, out=out))
    return np.asarray(np.not_equal(_unsigned(array, row), 0, out=out))


def count_nonzero(array: Array, dtype: int, zero_point: Array | None = None) -> int:
    """How many elements `is_nonzero` is true of, without making its bools where it can."""
    row = storage(dtype)
    if zero_point is not None or row.magnitude == 0:
        return int(np.count_nonzero(is_nonzero(array, dtype, zero_point)))
    return int(np.count_nonzero(array if row.magnitude is None else _unsigned(array, row)))


def _unsigned(array: Array, row: Storage) -> Array:
    """Bits that are all 0 in zeros only: those of the elements, the sign masked if need be.

    On the bits: half floats compare ten times slower, and no flush-to-zero mode can hide
    a denormal. A -0.0 is the least of all as a signed integer; looking for one is faster than
    masking every sign.
    """
    bits = array.view(BITS[row.dtype.itemsize])
    sign = (row.magnitude or 0) + 1
    if sign == 1 << row.bits and row.bits == 8 * row.dtype.itemsize:
        return bits  # one zero only
    if sign == 1 << (8 * row.dtype.itemsize - 1):
        signed = bits.view(SIGNED[row.dtype.itemsize])
        if int(signed.min(initial=0)) != -sign:
            return bits
    return np.asarray(bits & bits.dtype.type(row.magnitude))


def zero_value(dtype: int, zero_point: Array | None = None) -> Array:
    """What a pruned element becomes, in the storage dtype: the zero point as given, else a 0-d 0.

    Raises SparseviewError for a type without a zero.
    """
    row = storage(dtype)
    if zero_point is not None:
        return np.asarray(zero_point, dtype=row.dtype)
    if row.magnitude == 0:
        raise SparseviewError(
            f"A {row.name} tensor cannot be pruned: that type has no zero.",
            "Leave this layer out.",
            "dtype",
        )
    return np.zeros((), row.dtype)
