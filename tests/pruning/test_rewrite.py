"""New values of a weight as what its type stores, by its scale and zero point."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto

from sparseview.model import tensors
from sparseview.pruning.rewrite import as_elements

VALUES = np.array([[0.5, -1.5, 3.0], [24.0, 0.0, -6.0]])
SCALE = np.array([[0.5], [4.0]], np.float32)
MEANING = {
    TensorProto.FLOAT: np.float32, TensorProto.FLOAT16: np.float16,
    TensorProto.BFLOAT16: ml_dtypes.bfloat16, TensorProto.FLOAT8E4M3FN: ml_dtypes.float8_e4m3fn,
    TensorProto.FLOAT8E5M2: ml_dtypes.float8_e5m2, TensorProto.INT8: np.int8,
}  # fmt: skip


@pytest.mark.parametrize("dtype", MEANING)
@pytest.mark.parametrize("scale", [None, SCALE], ids=["plain", "scaled"])
def test_what_is_stored_times_the_scale_is_the_value(dtype: int, scale: np.ndarray | None) -> None:
    values = np.rint(VALUES) if dtype == TensorProto.INT8 and scale is None else VALUES
    if scale is not None and dtype == TensorProto.INT8:
        values = np.rint(VALUES / scale) * scale
    stored = as_elements(values, dtype, scale, None)
    real = stored.view(MEANING[dtype]).astype(np.float64)
    assert np.array_equal(real if scale is None else real * scale, values)


@pytest.mark.parametrize(
    ("dtype", "most"),
    [
        (TensorProto.FLOAT8E4M3FN, 448), (TensorProto.FLOAT8E4M3FNUZ, 240),
        (TensorProto.FLOAT8E5M2, 57344), (TensorProto.FLOAT8E5M2FNUZ, 57344),
        (TensorProto.FLOAT4E2M1, 6), (TensorProto.FLOAT16, 65504),
        (TensorProto.INT4, 7), (TensorProto.INT8, 127),
    ],
)  # fmt: skip
def test_what_is_too_large_becomes_the_largest(dtype: int, most: float) -> None:
    """The largest of each type as ONNX's specification lists them; no infinity, no NaN."""
    large = np.array([1e30, most * 1.2, most, 1.0])
    made = tensors.to_float(as_elements(large, dtype, None, None), dtype)
    assert made.tolist() == [most, most, most, 1.0]
    least = -most - 1 if dtype in (TensorProto.INT4, TensorProto.INT8) else -most
    made = tensors.to_float(as_elements(-large, dtype, None, None), dtype)
    assert made.tolist() == [least, least, -most, -1.0]
