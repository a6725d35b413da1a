"""Bytes by storage, against weights that are really laid out so."""

from __future__ import annotations

import gzip as real_gzip
from collections.abc import Callable
from typing import Any

import layouts
import numpy as np
import pytest
from checks import blocks
from hypothesis import given, settings
from hypothesis import strategies as st

from sparseview.progress import Cancelled, Progress
from sparseview.sparsity.analysis import measure
from sparseview.sparsity.storages import STORAGES, Layout, gzip, own, sizes


def layout(weight: Any, rank: int = 4, bits: int | None = None) -> Layout:
    """What the formulas see of a weight [stack, out, kernel, in]."""
    nonzero = weight != 0
    live = {}
    for r, c in [(4, 4), (1, 4), (8, 8)]:
        if parts := blocks(nonzero, r, c):
            live[f"bsr:{r}x{c}"] = sum(map(any, parts))
    return Layout(
        elements=weight.size,
        nonzeros=int(nonzero.sum()),
        bits=bits or weight.dtype.itemsize * 8,
        shape=weight.shape,
        rank=rank,
        live_blocks=live,
        satisfies=frozenset(measure(nonzero).satisfies),
    )


@st.composite
def a_weight(draw: st.DrawFn) -> Any:
    shape = tuple(draw(st.sampled_from(sizes)) for sizes in ((1, 2), (1, 4, 6), (1, 9), (1, 4, 8)))
    seed, share = draw(st.integers(0, 999)), draw(st.sampled_from((0.0, 0.5, 0.9, 1.0)))
    random = np.random.default_rng(seed)
    dtype = draw(st.sampled_from((np.float64, np.float32, np.float16, np.int8)))
    weight = random.integers(1, 9, shape).astype(dtype) * (random.random(shape) >= share)
    if draw(st.booleans()) and shape[3] % 4 == 0:
        weight.reshape(-1, 4)[:, 1::2] = 0
    return weight.astype(dtype)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(a_weight())
def test_every_formula_is_what_the_arrays_take(weight: Any) -> None:
    found = sizes(layout(weight), "unstructured")
    assert found["dense"] == layouts.dense(weight)
    assert found["bitmask"] == layouts.bitmask(weight)
    assert found["coo"] == layouts.coo(weight)
    assert found["csr"] == layouts.csr(weight)
    assert found["bsr:4x4"] == layouts.bsr(weight, 4, 4)
    assert found["2:4"] == layouts.packed(weight, 2, 4)
    sparse = layouts.onnx_sparse(weight)
    assert found["onnx_sparse"] == len(sparse.values.raw_data) + len(sparse.indices.raw_data)


@pytest.mark.parametrize("density", [0.5, 0.05])
def test_an_onnx_sparse_tensor_is_that_long_in_a_file(density: float) -> None:
    random = np.random.default_rng(0)
    weight = np.where(random.random((64, 64)) < density, 1.5, 0).astype(np.float32)
    written = layouts.onnx_sparse(weight).SerializeToString()
    known = sizes(layout(weight.reshape(1, 64, 1, 64), rank=2), "unstructured")["onnx_sparse"]
    assert known is not None
    assert 0 < len(written) - known < 64  # names, types, shapes


def test_the_figures_that_the_project_was_begun_with() -> None:
    """Bytes of dense at 50, 70, 90, 95 % zeros in float32: `Potential, honestly`."""
    for zeros, linear, mask in (
        (50, 1.5, 0.53),
        (70, 0.9, 0.33),
        (90, 0.3, 0.13),
        (95, 0.15, 0.08),
    ):
        whole = Layout(10_000, 10_000 - zeros * 100, 32, (1, 100, 1, 100), 2)
        found = sizes(whole, "unstructured")
        assert found["onnx_sparse"] == pytest.approx(linear * 40_000)
        assert found["bitmask"] == pytest.approx(mask * 40_000, abs=200)
    two_four = Layout(64 * 64, 2048, 16, (1, 64, 1, 64), 2, satisfies=frozenset({"2:4"}))
    assert sizes(two_four, "2:4")["2:4"] == 64 * 64 + 64 * 64 // 8
    # The report's example of cli.md, and the panel of the mock-up.
    assert sizes(Layout(9408, 4704, 32, (1, 64, 49, 3), 4), "unstructured")["bitmask"] == 19_992
    conv = sizes(Layout(36_864, 1295, 32, (1, 64, 9, 64), 4), "unstructured")
    assert (conv["bitmask"], conv["csr"], conv["onnx_sparse"]) == (9788, 10_620, 15_540)


def test_four_bit_values_share_bytes() -> None:
    odd = Layout(15, 7, 4, (1, 3, 1, 5), 2)
    found = sizes(odd, "unstructured")
    assert found["dense"] == 8
    assert found["bitmask"] == 2 + 4
    assert found["coo"] == 4 + 7 * 8
    assert found["csr"] == 4 + 7 * 4 + 4 * 4
    assert found["onnx_sparse"] == 4 + 7 * 8


@pytest.mark.parametrize(("n", "m"), [(1, 2), (1, 4), (3, 8), (1, 32), (16, 32)])
def test_other_patterns_have_places_as_wide_as_they_need(n: int, m: int) -> None:
    weight = np.zeros((1, 4, 2, m * 2), np.float32)
    weight.reshape(-1, m)[:, :n] = 1
    storage = own(f"{n}:{m}")
    assert storage is not None and storage.name == f"{n}:{m}"
    assert storage.bytes(layout(weight)) == layouts.packed(weight, n, m)


def test_a_weight_is_also_told_in_the_storage_of_its_own_format() -> None:
    weight = np.zeros((1, 16, 1, 16), np.float32)
    weight[0, :8, 0, :8] = 1
    found = sizes(layout(weight), "bsr:8x8")
    assert found["bsr:8x8"] == layouts.bsr(weight, 8, 8) == 64 * 4 + 4 + 3 * 4
    assert own("bsr:4x4") is None and own("2:4") is None
    assert own("unstructured") is None and own("channel:out") is None


def test_names_are_the_keys_of_the_report() -> None:
    assert [*(s.name for s in STORAGES), gzip.NAME] == [
        "dense", "bitmask", "coo", "csr", "bsr:4x4", "2:4", "onnx_sparse", "gzip",
    ]  # fmt: skip


# gzip


def reader(data: bytes) -> Callable[[int, int], bytes]:
    def read(start: int, count: int) -> bytes:
        assert start >= 0 and start + count <= len(data)
        return data[start : start + count]

    return read


def gaussian(share: float, dtype: Any = np.float32) -> bytes:
    random = np.random.default_rng(1)
    values = random.standard_normal(1 << 20).astype(np.float32)
    values[random.random(values.size) < share] = 0
    if dtype == np.int8:
        values = np.clip(np.round(values * 40), -128, 127)
    return values.astype(dtype).tobytes()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_exact_is_what_a_gzip_file_takes(share: float) -> None:
    data = gaussian(share)[:2_500_001]
    found = gzip.exact(len(data), reader(data))
    assert found == gzip.Gzip(len(real_gzip.compress(data, 6)), True)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_the_estimate_is_near(share: float, dtype: Any) -> None:
    data = gaussian(share, dtype)
    found = gzip.estimate(len(data), reader(data))
    assert not found.exact
    assert found.bytes == pytest.approx(len(real_gzip.compress(data, 6)), rel=0.03)


def test_the_estimate_is_near_where_zeros_come_in_stretches() -> None:
    """Rows of a power of two, as weights have: every other kilobyte is zero."""
    values = np.random.default_rng(2).standard_normal((4096, 256)).astype(np.float32)
    values[::2] = 0
    values[:700] = 0
    data = values.tobytes()
    estimate = gzip.estimate(len(data), reader(data)).bytes
    assert estimate == pytest.approx(len(real_gzip.compress(data, 6)), rel=0.06)


@pytest.mark.parametrize("size", [0, 1, 1000, gzip.SMALL])
def test_what_is_small_is_not_estimated(size: int) -> None:
    data = gaussian(0.5)[:size]
    found = gzip.estimate(size, reader(data))
    assert found == gzip.Gzip(len(real_gzip.compress(data, 6)), True)


def test_a_dense_gaussian_shrinks_too() -> None:
    """Told beside pruned ones, or gzip would seem to prove sparsity."""
    data = gaussian(0.0)
    assert gzip.exact(len(data), reader(data)).bytes / len(data) == pytest.approx(0.93, abs=0.01)


def test_compressing_everything_can_be_stopped() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        gzip.exact(10, reader(bytes(10)), progress)
