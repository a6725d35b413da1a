"""New values of a weight as what is to be stored: rounded to its type, requantized by its scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparseview.errors import SparseviewError
from sparseview.model import tensors
from sparseview.model.document import Model
from sparseview.model.dtypes import storage
from sparseview.model.kept import Entry
from sparseview.model.layouts import Filled
from sparseview.model.weights import Weight
from sparseview.pruning.tensor import factors_of

Array = NDArray[Any]


def refuses_values(lead: Weight) -> str | None:
    """Why a weight cannot take new values; None where it can."""
    row = storage(lead.constant.dtype)
    if row.dtype.kind in "cb":
        return f"{row.name} weights cannot be solved for"
    if isinstance(lead.constant.layout, Filled):
        return lead.constant.layout.fixed
    if row.dtype.kind in "iu" and row.meaning is None and lead.scale is None:
        return "its codes have no scale that is known, so no new ones can be made"
    return None


def rewritten(model: Model, lead: Weight, kept: NDArray[np.bool_], values: Array) -> Entry:
    """The stored tensor: zeros (zero points) where not `kept`, else `values`.

    kept, values : [stack, out, kernel, in].  What stays and would be stored as a zero, because it
    is so small, keeps its old element: no zero is made that was not asked for.
    Raises SparseviewError where the tensor cannot be read, or has no zero.
    """
    constant, zero_point = lead.constant, lead.zero_point
    before = tensors.read(model, constant)
    stays = lead.view.stored(kept) & tensors.is_nonzero(before, constant.dtype, zero_point)
    elements = as_elements(lead.view.stored(values), constant.dtype, factors_of(lead), zero_point)
    lost = stays & ~tensors.is_nonzero(elements, constant.dtype, zero_point)
    np.copyto(elements, before, where=lost)
    np.copyto(elements, tensors.zero_value(constant.dtype, zero_point), where=~stays)
    after = np.ascontiguousarray(tensors.restored(model, constant, elements))
    after.flags.writeable = False
    return after


def as_elements(values: Array, dtype: int, scale: Array | None, zero_point: Array | None) -> Array:
    """Floats as elements of a stored type, a new array of the same shape: the nearest there is.

    scale, zero_point : of quantized weights, broadcasting, no scale is 0: what is stored is the
    nearest to values / scale + zero point within the type's range; float8 is scaled likewise.
    """
    row = storage(dtype)
    if not np.isfinite(values).all():
        raise SparseviewError(
            "the solution is not finite", "Give more samples, or a larger damping.", "data"
        )
    if scale is not None:
        values = values / scale
    if row.meaning is not None:
        import ml_dtypes

        # What is too large would become infinite, or NaN where a type has no infinity.
        finfo: Any = ml_dtypes.finfo  # it carries no types
        limits = finfo(row.meaning)
        values = np.clip(values, float(limits.min), float(limits.max))
        return np.ascontiguousarray(values, np.float32).astype(row.meaning).view(row.dtype)
    if row.dtype.kind == "f":
        most = float(np.finfo(row.dtype).max)
        return np.array(np.clip(values, -most, most).astype(row.dtype), order="C")
    codes = np.rint(np.array(values, np.float64, order="C"))
    if zero_point is not None:
        codes += tensors.to_float(zero_point, dtype)
    low, high = (0, 2**row.bits - 1) if row.dtype.kind == "u" else (
        -(2 ** (row.bits - 1)), 2 ** (row.bits - 1) - 1,
    )  # fmt: skip
    return np.clip(codes, low, high).astype(row.dtype)
