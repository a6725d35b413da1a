"""Inputs of quantized weights: the codes' meaning, against the same operator on floats."""

from __future__ import annotations

from collections.abc import Sequence
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


# Of the input, and others of the weight, which nothing here may depend on.
PARAMETERS = [
    nh.from_array(SCALE, "s"),
    nh.from_array(ZERO, "z"),
    nh.from_array(np.float32(2), "ws"),
    nh.from_array(np.uint8(7), "wz"),
]


def test_qlinear_conv(tmp_path: Path) -> None:
    attributes = {"pads": [1, 0, 1, 0], "strides": [2, 1], "group": 2}
    w = codes(4, 2, 3, 3)
    node = helper.make_node(
        "QLinearConv", ["x", "s", "z", "w", "ws", "wz", "s", "z"], ["y"], "q", **attributes
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
        node = helper.make_node(op, ["x", "w", "z", "wz"], ["y"], "q")
        dtype = TensorProto.INT32
    else:
        node = helper.make_node(op, ["x", "s", "z", "w", "ws", "wz", "s", "z"], ["y"], "q")
        dtype = TensorProto.UINT8
    proto = on_codes(model([node], [nh.from_array(w, "w"), *PARAMETERS], x=("N", 6)), dtype)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    like = model([node], [nh.from_array(w.astype(np.float32), "w")], x=("N", 6))

    def convert(x: np.ndarray) -> np.ndarray:
        return meaning(x) if op == "QLinearMatMul" else meaning(x) / SCALE

    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, convert=convert, x=codes(5, 6, seed=9))


def floats(op: str, w: np.ndarray, x: Sequence[int | str], **attributes: object) -> ModelProto:
    """The operator that does on floats what one does on codes; the weight on either side."""
    inputs = attributes.pop("inputs", ["x", "w"])
    node = helper.make_node(op, inputs, ["y"], "like", **attributes)
    return model([node], [nh.from_array(w.astype(np.float32), "w")], x=x)


def microsoft(
    op: str,
    inputs: Sequence[str],
    w: np.ndarray,
    x: Sequence[int | str],
    more: Sequence[TensorProto] = PARAMETERS,
    **attributes: object,
) -> ModelProto:
    """One of ONNX Runtime's operators over codes, on codes."""
    node = helper.make_node(op, inputs, ["y"], "q", domain="com.microsoft", **attributes)
    tensors = [nh.from_array(w, "w"), *more]
    return on_codes(model([node], tensors, x=x, domains=["com.microsoft"]), TensorProto.FLOAT)


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
def test_qgemm_is_a_gemm_of_what_its_codes_mean(trans_a: int, trans_b: int, tmp_path: Path) -> None:
    w, x = codes(*((4, 6) if trans_b else (6, 4))), (6, 5) if trans_a else (5, 6)
    turned = {"transA": trans_a, "transB": trans_b}
    proto = microsoft("QGemm", ["x", "s", "z", "w", "ws", "wz"], w, x, **turned)
    like = floats("Gemm", w, x, **turned)
    given = codes(*x, seed=9)
    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, convert=meaning, x=given)


@pytest.mark.parametrize("turned", [0, 1])
def test_qgemm_with_the_weight_first(turned: int, tmp_path: Path) -> None:
    x = (3, 6) if turned else (6, 3)
    proto = microsoft("QGemm", ["w", "ws", "wz", "x", "s", "z"], codes(4, 6), x, transB=turned)
    like = floats("Gemm", codes(4, 6), x, inputs=["w", "x"], transB=turned)
    given = codes(*x, seed=9)
    agrees(proto, tmp_path, lambda y, _: y[0], like=like, convert=meaning, x=given)


def test_matmul_integer_to_float_knows_its_scale(tmp_path: Path) -> None:
    w, x = codes(6, 4), codes(5, 3, 6, seed=9)
    inputs = ["x", "w", "s", "ws", "z", "wz"]
    proto = microsoft("MatMulIntegerToFloat", inputs, w, ("N", 3, 6))
    like = floats("MatMul", w, ("N", 3, 6))
    agrees(proto, tmp_path, lambda y, _: y[..., 0], like=like, convert=meaning, x=x)


def test_zero_points_and_scales_of_each_column_of_the_input(tmp_path: Path) -> None:
    w, x = codes(4, 6), codes(6, 3, seed=9)
    zeros, scales = np.array([3, 131, 90], np.uint8), np.array([0.5, 0.25, 2], np.float32)
    more = [*PARAMETERS, nh.from_array(scales, "ss"), nh.from_array(zeros, "zz")]
    inputs = ["w", "x", "ws", "ss", "wz", "zz"]
    proto = microsoft("MatMulIntegerToFloat", inputs, w, (6, 3), more)
    like = floats("MatMul", w, (6, 3), inputs=["w", "x"])

    def meant(x: np.ndarray) -> np.ndarray:
        return (x.astype(np.float32) - zeros.astype(np.float32)) * scales

    agrees(proto, tmp_path, lambda y, _: y[0], like=like, convert=meant, x=x)


def test_zero_points_of_each_row_of_the_input(tmp_path: Path) -> None:
    w, x = codes(6, 4), codes(3, 6, seed=9)
    zeros = np.array([3, 131, 90], np.uint8)
    node = helper.make_node("MatMulInteger", ["x", "w", "zz", "wz"], ["y"], "q")
    tensors = [nh.from_array(w, "w"), *PARAMETERS, nh.from_array(zeros, "zz")]
    proto = on_codes(model([node], tensors, x=(3, 6)), TensorProto.INT32)

    def meant(x: np.ndarray) -> np.ndarray:
        return x.astype(np.float32) - zeros.astype(np.float32)[:, None]

    like = floats("MatMul", w, (3, 6))
    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, convert=meant, x=x)


def test_dynamic_quantize_matmul_is_fed_floats(tmp_path: Path) -> None:
    w = codes(6, 4)
    proto = microsoft("DynamicQuantizeMatMul", ["x", "w", "ws", "wz"], w, ("N", 3, 6))
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    like = floats("MatMul", w, ("N", 3, 6))
    agrees(proto, tmp_path, lambda y, _: y[..., 0], like=like, x=random(5, 3, 6))


def test_qattention_multiplies_what_its_tokens_mean(tmp_path: Path) -> None:
    w, x = codes(6, 12), codes(3, 5, 6, seed=9)
    bias = nh.from_array(random(12), "b")
    inputs = ["x", "w", "b", "s", "ws", "", "z", "wz"]
    proto = microsoft("QAttention", inputs, w, ("N", 5, 6), [*PARAMETERS, bias], num_heads=2)
    like = floats("MatMul", w, ("N", 5, 6))
    agrees(proto, tmp_path, lambda y, _: y[..., 0], like=like, convert=meaning, x=x)


def test_conv_integer_is_in_units_of_its_scale(tmp_path: Path) -> None:
    attributes = {"pads": [1, 0, 1, 0], "dilations": [1, 2]}
    w = codes(3, 2, 3, 2)
    node = helper.make_node("ConvInteger", ["x", "w", "z", "wz"], ["y"], "q", **attributes)
    tensors = [nh.from_array(w, "w"), *PARAMETERS]
    proto = on_codes(model([node], tensors, x=("N", 2, 6, 5)), TensorProto.INT32)
    like = floats("Conv", w, ("N", 2, 6, 5), **attributes)
    x = codes(2, 2, 6, 5, seed=9)
    agrees(
        proto, tmp_path, lambda y, _: y[:, 0], like=like, convert=lambda x: meaning(x) / SCALE, x=x
    )


@pytest.mark.parametrize("last", [0, 1])
def test_a_qlinear_conv_of_onnx_runtime_may_have_its_channels_last(
    last: int, tmp_path: Path
) -> None:
    w, x = codes(4, 2, 3, 3), codes(2, 4, 6, 5, seed=9)
    inputs = ["x", "s", "z", "w", "ws", "wz", "s", "z"]
    shape = ("N", 6, 5, 4) if last else ("N", 4, 6, 5)
    proto = microsoft("QLinearConv", inputs, w, shape, channels_last=last, group=2)
    proto.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8
    like = floats("Conv", w, ("N", 4, 6, 5), group=2)

    def meant(x: np.ndarray) -> np.ndarray:
        return meaning(np.moveaxis(x, -1, 1) if last else x)

    given = np.moveaxis(x, 1, -1) if last else x
    agrees(proto, tmp_path, lambda y, part: y[:, 2 * part], like=like, convert=meant, x=given)


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
