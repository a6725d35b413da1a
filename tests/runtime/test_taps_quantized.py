"""Inputs of quantized weights: the codes' meaning, against the same operator on floats."""

from __future__ import annotations

from pathlib import Path

import builders
import numpy as np
import pytest
from builders import model
from onnx import ModelProto, TensorProto, helper
from onnx import numpy_helper as nh
from probing import agrees, holds, statistics
from test_taps import random

SCALE, ZERO = np.float32(0.25), np.uint8(131)


def codes(*shape: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).integers(100, 160, shape).astype(np.uint8)


def meaning(x: np.ndarray) -> np.ndarray:
    return (x.astype(np.float32) - np.float32(ZERO)) * SCALE


def on_codes(proto: ModelProto, dtype: int) -> ModelProto:
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.UINT8
    proto.graph.output[0].type.tensor_type.elem_type = dtype
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    return proto


PARAMETERS = [nh.from_array(SCALE, "s"), nh.from_array(ZERO, "z")]


def test_qlinear_conv(tmp_path: Path) -> None:
    attributes = {"pads": [1, 0, 1, 0], "strides": [2, 1], "group": 2}
    w = codes(4, 2, 3, 3)
    node = helper.make_node(
        "QLinearConv", ["x", "s", "z", "w", "s", "z", "s", "z"], ["y"], "q", **attributes
    )
    proto = on_codes(model([node], [nh.from_array(w, "w"), *PARAMETERS], x=("N", 4, 6, 5)), 2)
    node = helper.make_node("Conv", ["x", "w"], ["y"], "c", **attributes)
    like = model([node], [nh.from_array(w.astype(np.float32), "w")], x=("N", 4, 6, 5))
    x = codes(2, 4, 6, 5, seed=9)
    agrees(proto, tmp_path, lambda y, part: y[:, 2 * part], like=like, convert=meaning, x=x)


@pytest.mark.parametrize("op", ["MatMulInteger", "QLinearMatMul"])
def test_matmul_over_codes(op: str, tmp_path: Path) -> None:
    w = codes(6, 4)
    if op == "MatMulInteger":
        node = helper.make_node(op, ["x", "w", "z", "z"], ["y"], "q")
        dtype = TensorProto.INT32
    else:
        node = helper.make_node(op, ["x", "s", "z", "w", "s", "z", "s", "z"], ["y"], "q")
        dtype = TensorProto.UINT8
    proto = on_codes(model([node], [nh.from_array(w, "w"), *PARAMETERS], x=("N", 6)), dtype)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    like = model([node], [nh.from_array(w.astype(np.float32), "w")], x=("N", 6))

    def convert(x: np.ndarray) -> np.ndarray:
        return meaning(x) if op == "QLinearMatMul" else meaning(x) / SCALE

    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, convert=convert, x=codes(5, 6, seed=9))


def test_a_weight_of_codes_behind_a_dequantize(tmp_path: Path) -> None:
    proto = builders.qdq()
    node = helper.make_node("Gemm", ["x", "q"], ["y"], "g", transB=1)
    like = model([node], [nh.from_array(np.zeros((48, 32), np.float32), "q")])
    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, x=random(5, 32))


def test_matmul_nbits(tmp_path: Path) -> None:
    n, k, block = 4, 32, 16
    packed = codes(n, k // block, block // 2)
    scales = random(n * k // block)
    node = helper.make_node(
        "MatMulNBits", ["x", "w", "scales"], ["y"], "n", domain="com.microsoft",
        N=n, K=k, block_size=block, bits=4,
    )  # fmt: skip
    proto = model(
        [node], [nh.from_array(packed, "w"), nh.from_array(scales, "scales")], x=("N", k),
        domains=["com.microsoft"],
    )  # fmt: skip
    x = random(5, k)
    holds(statistics(proto, tmp_path, "w", x=x), [x])
