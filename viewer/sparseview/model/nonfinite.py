"""NaN and infinities among stored elements, counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparseview.model.dtypes import Array, Storage, storage
from sparseview.model.values import BITS, SIGNED

# The bits of infinity, by the type's name; larger magnitudes are NaN.
INFINITY = {
    "float16": 0x7C00,
    "bfloat16": 0x7F80,
    "float32": 0x7F80_0000,
    "float64": 0x7FF0_0000_0000_0000,
}


def nonfinite(array: Array, dtype: int) -> tuple[int, int]:
    """(NaNs, infinities) among storage elements; (0, 0) for types that have none."""
    row = storage(dtype)
    if not array.size:
        return 0, 0
    if row.name in INFINITY:
        return _wide(array, row, INFINITY[row.name])
    if row.dtype.kind == "c":
        return int(np.isnan(array).sum()), int(np.isinf(array).sum())
    return (0, 0) if row.meaning is None else _narrow(array, row.meaning)


def _wide(array: Array, row: Storage, infinity: int) -> tuple[int, int]:
    """By the largest bits, as signed and as unsigned integers: nearly always that is all."""
    size = row.dtype.itemsize
    bits, sign = array.view(BITS[size]), 1 << (8 * size - 1)
    if int(bits.view(SIGNED[size]).max()) < infinity and int(bits.max()) < sign + infinity:
        return 0, 0
    magnitude = bits & bits.dtype.type(sign - 1)
    limit = bits.dtype.type(infinity)
    return int(np.count_nonzero(magnitude > limit)), int(np.count_nonzero(magnitude == limit))


def _narrow(array: Array, meaning: np.dtype[Any]) -> tuple[int, int]:
    """8 bits and fewer: by how often each pattern occurs."""
    with np.errstate(invalid="ignore"):
        values = np.arange(256, dtype=np.uint8).view(meaning).astype(np.float32)
    nan, inf = np.isnan(values), np.isinf(values)
    if not (nan.any() or inf.any()):
        return 0, 0
    counts = np.bincount(np.ascontiguousarray(array).view(np.uint8).reshape(-1), minlength=256)
    return int(counts @ nan), int(counts @ inf)
