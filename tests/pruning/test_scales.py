"""Quantized weights are ranked by what their codes mean: |scale * (q - zero point)|."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from layers import model_of, saved, tensor
from onnx import TensorProto, helper

from sparseview.model.document import Model
from sparseview.pruning.prune import PruneRequest, plan

RNG = np.random.default_rng(5)
CODES = RNG.integers(0, 256, (6, 8)).astype(np.uint8)
POINTS = RNG.integers(90, 160, 6).astype(np.uint8)
SCALES = (2.0 ** RNG.integers(-6, 3, 6)).astype(np.float32)


def dequantized(axis: int, codes: np.ndarray, scale: np.ndarray, point: np.ndarray):
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["f"], axis=axis),
        helper.make_node("Gemm", ["x", "f"], ["y"], name="layer", transB=1),
    ]
    kind = TensorProto.UINT8
    return model_of(nodes, [tensor("w", codes, kind), tensor("s", scale), tensor("z", point, kind)])


def qlinear(codes: np.ndarray, scale: np.ndarray, point: np.ndarray):
    names = ["x", "xs", "xz", "w", "s", "z", "ys", "xz"]
    node = helper.make_node("QLinearConv", names, ["y"], "layer")
    u8 = TensorProto.UINT8
    one = np.array(1, np.float32)
    constants = [
        tensor("w", codes.reshape(6, 8, 1, 1), u8), tensor("s", scale), tensor("z", point, u8),
        tensor("xs", one), tensor("ys", one), tensor("xz", np.array(0, np.uint8), u8),
    ]  # fmt: skip
    return model_of([node], constants, {"x": [1, 8, 2, 2]})


def expected(codes: np.ndarray, scale: np.ndarray, point: np.ndarray, count: int) -> np.ndarray:
    """The codes with the `count` least |scale * (q - zero point)| at their zero points."""
    spread = np.broadcast_to(point.reshape(-1, 1), codes.shape)
    real = np.abs(scale.reshape(-1, 1).astype(np.float64) * (codes.astype(float) - spread))
    order = np.lexsort((-np.arange(codes.size), real.reshape(-1)))[:count]
    after = codes.copy()
    after.reshape(-1)[order] = spread.reshape(-1)[order]
    return after


@pytest.mark.parametrize("sparsity", [0.25, 0.5, 0.8])
def test_a_scale_for_each_channel(tmp_path: Path, sparsity: float) -> None:
    wanted = expected(CODES, SCALES, POINTS, round(sparsity * 48))
    for proto in (dequantized(0, CODES, SCALES, POINTS), qlinear(CODES, SCALES, POINTS)):
        model = Model.open(saved(proto, tmp_path))
        found = plan(model, PruneRequest(weights=(0,), sparsity=sparsity))
        assert np.array_equal(found.changes["main/w"].reshape(6, 8), wanted)


def test_a_threshold_is_in_the_weights_own_numbers(tmp_path: Path) -> None:
    model = Model.open(saved(dequantized(0, CODES, SCALES, POINTS), tmp_path))
    found = plan(model, PruneRequest(weights=(0,), threshold=4.0))
    real = np.abs(SCALES[:, None] * (CODES.astype(float) - POINTS[:, None]))
    wanted = np.where(real < 4.0, POINTS[:, None], CODES)
    assert np.array_equal(found.changes["main/w"], wanted)


def test_one_border_over_layers_of_other_scales(tmp_path: Path) -> None:
    u8 = TensorProto.UINT8
    nodes = [
        helper.make_node("DequantizeLinear", ["a", "s1"], ["fa"]),
        helper.make_node("Gemm", ["x", "fa"], ["h"], "one", transB=1),
        helper.make_node("DequantizeLinear", ["b", "s2"], ["fb"]),
        helper.make_node("Gemm", ["h", "fb"], ["y"], "two", transB=1),
    ]
    a, b = np.arange(1, 65, dtype=np.uint8).reshape(8, 8), np.arange(100, 164, dtype=np.uint8)
    b = b.reshape(8, 8)
    constants = [
        tensor("a", a, u8), tensor("b", b, u8),
        tensor("s1", np.array(1.0, np.float32)), tensor("s2", np.array(0.01, np.float32)),
    ]  # fmt: skip
    model = Model.open(saved(model_of(nodes, constants), tmp_path))
    found = plan(model, PruneRequest(weights=(0, 1), sparsity=0.5, scope="global"))
    assert (found.changes["main/b"] == 0).mean() == 63 / 64  # 1.63 is more than 1
    assert (found.changes["main/a"] == 0).sum() == 1


def test_a_scale_of_zero_keeps_counts_exact(tmp_path: Path) -> None:
    scales = SCALES.copy()
    scales[2] = 0
    model = Model.open(saved(dequantized(0, CODES, scales, POINTS), tmp_path))
    found = plan(model, PruneRequest(weights=(0,), sparsity=0.5))
    assert found.rows[0].after.zeros == 24
    assert (found.changes["main/w"][2] == POINTS[2]).all()


@pytest.mark.parametrize("kind", ["bfloat16", "float8_e8m0fnu"])
def test_a_scale_in_bits_is_what_its_bits_mean(kind: str, tmp_path: Path) -> None:
    scales = SCALES.astype(getattr(ml_dtypes, kind))  # powers of two: the same numbers
    model = dequantized(0, CODES, SCALES, POINTS)
    stored = {"bfloat16": TensorProto.BFLOAT16, "float8_e8m0fnu": TensorProto.FLOAT8E8M0}[kind]
    model.graph.initializer[1].CopyFrom(tensor("s", scales.view(f"u{scales.itemsize}"), stored))
    found = plan(Model.open(saved(model, tmp_path)), PruneRequest(weights=(0,), sparsity=0.5))
    assert np.array_equal(found.changes["main/w"], expected(CODES, SCALES, POINTS, 24))


def test_codes_without_a_known_scale_say_so(tmp_path: Path) -> None:
    names = ["x", "w", "", "z"]
    node = helper.make_node("MatMulInteger", names, ["y"], "layer")
    constants = [tensor("w", CODES, TensorProto.UINT8), tensor("z", POINTS[:1], TensorProto.UINT8)]
    model = Model.open(saved(model_of([node], constants), tmp_path))
    (row,) = plan(model, PruneRequest(weights=(0,), sparsity=0.5)).rows
    assert row.remark is not None and "codes" in row.remark
    model = Model.open(saved(dequantized(0, CODES, SCALES, POINTS), tmp_path))
    (row,) = plan(model, PruneRequest(weights=(0,), sparsity=0.5)).rows
    assert row.remark is None
