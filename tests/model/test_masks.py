"""Streaming a weight's non-zeros: every part in its place, whatever the axes, types and zeros."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from shared_models import ALL_MODELS
from weight_models import opened

from sparseview.model import tensors
from sparseview.model.dtypes import STORAGE
from sparseview.model.masks import masks, zeros
from sparseview.model.nonfinite import nonfinite
from sparseview.model.slabs import slabs
from sparseview.model.view import Axes, View


@st.composite
def views(draw: st.DrawFn) -> View:
    """Any roles for any dims, in any order inside a role; now and then groups in one dim."""
    shape = tuple(
        draw(
            st.lists(st.sampled_from([1, 2, 3, 8, 64, 70]), min_size=1, max_size=4).filter(
                lambda sizes: math.prod(sizes) <= 20_000
            )
        )
    )
    roles: tuple[list[int], ...] = ([], [], [], [])
    for dim in draw(st.permutations(range(len(shape)))):
        roles[draw(st.integers(0, 3))].append(dim)
    groups = 1
    shared = next((d for d in range(len(shape)) if shape[d] == 64), None)
    if shared is not None and draw(st.booleans()):
        groups = draw(st.sampled_from([2, 64]))
        for role in roles:
            if shared in role:
                role.remove(shared)
        roles[0].append(shared)
        roles[draw(st.sampled_from([1, 3]))].append(shared)
    stack, out, kernel, in_ = map(tuple, roles)
    return View(shape, (), Axes(stack, out, kernel, in_), groups)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(view=views(), limit=st.sampled_from([1, 100, 5000]), unit=st.sampled_from([1, 4, 32]))
def test_slabs_are_boxes_in_the_order_of_the_file(view, limit, unit):
    elements = math.prod(view.shape)
    stored = np.arange(elements)
    whole = view.logical(stored.reshape(view.shape))
    seen = np.full(whole.shape, -1)
    end = 0
    for slab in slabs(view, limit, unit):
        assert slab.start == end < slab.stop
        end = slab.stop
        part = slab.logical(stored[slab.start : slab.stop], view)
        box = tuple(slice(a, a + n) for a, n in zip(slab.at, part.shape, strict=True))
        np.testing.assert_array_equal(part, whole[box])
        seen[box] = part
        for axis in (1, 3):
            assert slab.at[axis] % unit == 0
            assert part.shape[axis] % unit == 0 or box[axis].stop == whole.shape[axis]
    assert end == elements
    np.testing.assert_array_equal(seen, whole)


def test_common_weights_come_in_slabs_of_the_size_asked_for():
    conv = View((512, 512, 3, 3), (), Axes((), (0,), (2, 3), (1,)))
    matmul = View((4096, 4096), (), Axes((), (1,), (), (0,)))
    batched = View((8, 1024, 1024), (), Axes((0,), (2,), (), (1,)))
    grouped = View((1024, 64, 3, 3), (), Axes((0,), (0,), (2, 3), (1,)), groups=2)
    for view in (conv, matmul, batched, grouped):
        sizes = [slab.stop - slab.start for slab in slabs(view, 1 << 20, 32)]
        assert max(sizes) <= 1 << 20 and len(sizes) <= 2 * math.prod(view.shape) / (1 << 20) + 1


def test_an_empty_weight_has_nothing_to_count():
    view = View((0, 4), (), Axes((), (1,), (), (0,)))
    assert sum(slab.stop - slab.start for slab in slabs(view, 10, 32)) == 0


def assembled(model: Any, weight: Any, limit: int) -> tuple[np.ndarray, int, int]:
    found = np.zeros(weight.view.logical_shape, bool)
    nan = inf = 0
    for mask in masks(model, weight, limit, 32):
        box = tuple(slice(a, a + n) for a, n in zip(mask.at, mask.nonzero.shape, strict=True))
        found[box] = mask.nonzero
        nan, inf = nan + mask.nan, inf + mask.inf
    return found, nan, inf


@pytest.mark.parametrize("path", ALL_MODELS)
def test_parts_make_up_the_whole_in_real_models(path: Path) -> None:
    from sparseview.model.document import Model

    model = Model.open(path)
    for weight in itertools.islice((w for w in model.weights if w.problem is None), 40):
        whole = tensors.nonzero_mask(model, weight.constant, weight.zero_point)
        expected = weight.view.logical(whole)
        assert zeros(model, weight) == expected.size - np.count_nonzero(expected)
        if expected.size <= 1 << 20:
            found, _, _ = assembled(model, weight, 3000)
            np.testing.assert_array_equal(found, expected)


def quantized(codes: np.ndarray, points: np.ndarray, axis: int, folder: Path) -> Any:
    """A MatMul over int8 codes with a zero point per channel along `axis`."""
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=axis),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    scale = helper.make_tensor("s", TensorProto.FLOAT, points.shape, np.ones(points.size))
    made = [
        helper.make_tensor("q", TensorProto.UINT8, codes.shape, codes.tobytes(), raw=True),
        scale,
        helper.make_tensor("z", TensorProto.UINT8, points.shape, points.tobytes(), raw=True),
    ]
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xy"]
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], made)
    return opened(helper.make_model(graph), folder)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_zero_point_per_channel(axis: int, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    codes = random.integers(120, 124, (96, 70), np.uint8)
    points = random.integers(120, 124, codes.shape[axis], np.uint8)
    model = quantized(codes, points, axis, tmp_path)
    (weight,) = model.weights
    expected = codes != np.expand_dims(points, 1 - axis)
    found, _, _ = assembled(model, weight, 500)
    np.testing.assert_array_equal(found, expected.T[None, :, None, :])
    assert zeros(model, weight) == np.count_nonzero(~expected)


FLOATS = [d for d, row in STORAGE.items() if row.meaning is not None or row.dtype.kind == "f"]


@pytest.mark.parametrize("dtype", FLOATS, ids=tensors.dtype_name)
@pytest.mark.parametrize("kept", ["all", "positive", "negative", "finite"])
def test_nan_and_infinities_of_every_type(dtype: int, kept: str) -> None:
    row = STORAGE[dtype]
    if row.dtype.itemsize <= 2:
        bits = np.arange(1 << row.bits).astype(f"u{row.dtype.itemsize}").view(row.dtype)
    else:
        special = [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1.0, -1.0, 1e30, -1e30, 1e-40]
        bits = np.array(special, row.dtype)
    meaning = row.meaning or row.dtype
    with np.errstate(invalid="ignore"):
        values = bits.view(meaning).astype(np.float64)
        chosen = {
            "all": np.ones(values.shape, bool),
            "positive": ~np.signbit(values),
            "negative": np.signbit(values),
            "finite": np.isfinite(values),
        }[kept]
    bits, values = bits[chosen], values[chosen]
    assert nonfinite(bits, dtype) == (np.isnan(values).sum(), np.isinf(values).sum())
    assert tensors.is_nonzero(bits, dtype).tolist() == (values != 0).tolist()


def test_types_without_nan_have_none() -> None:
    assert nonfinite(np.array([-1, 0, 127], np.int8), TensorProto.INT8) == (0, 0)
    assert nonfinite(np.zeros(0, np.float32), TensorProto.FLOAT) == (0, 0)
    complex_ = np.array([np.nan, complex(0, np.inf), 1], np.complex64)
    assert nonfinite(complex_, TensorProto.COMPLEX64) == (1, 1)


def test_nan_is_told_and_no_zero(tmp_path: Path) -> None:
    array = np.zeros((64, 64), np.float32)
    array[3, :5], array[40, 7], array[1, 1] = np.nan, -np.inf, -0.0
    tensor = helper.make_tensor("w", TensorProto.FLOAT, array.shape, array.tobytes(), raw=True)
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in "xy"]
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    made = helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:], [tensor]))
    model = opened(made, tmp_path)
    found, nan, inf = assembled(model, model.weights[0], 1000)
    assert (nan, inf, int(found.sum())) == (5, 1, 6)


@pytest.mark.parametrize("dtype", FLOATS, ids=tensors.dtype_name)
def test_counting_is_masking(dtype: int) -> None:
    from sparseview.model.values import count_nonzero, is_nonzero

    row = STORAGE[dtype]
    random = np.random.default_rng(dtype)
    size = row.dtype.itemsize
    codes = random.integers(0, 1 << min(row.bits, 32), 500, np.uint64)
    codes[::3], codes[1::7] = 0, 1 << (row.bits - 1)  # zeros, and the sign alone
    bits = codes.astype(f"u{size}").view(row.dtype)
    expected = is_nonzero(bits, dtype)
    out = np.empty(500, bool)
    assert is_nonzero(bits, dtype, out=out) is out and (out == expected).all()
    assert count_nonzero(bits, dtype) == expected.sum()
    point = bits[5:6]
    assert count_nonzero(bits, dtype, point) == is_nonzero(bits, dtype, point).sum()
