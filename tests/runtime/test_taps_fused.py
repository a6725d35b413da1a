"""Inputs of weights in ONNX Runtime's own float operators, and in DeformConv: brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import model, value, weights
from onnx import ModelProto, helper
from onnx import numpy_helper as nh
from probing import agrees, holds, statistics
from test_taps import random

MICROSOFT = "com.microsoft"


def one(op: str, w: np.ndarray, x: tuple[int | str, ...], **attributes: object) -> ModelProto:
    """A model of one of ONNX Runtime's operators, whose output may have any shape."""
    inputs = attributes.pop("inputs", ["x", "w"])
    node = helper.make_node(op, inputs, ["y"], "n", domain=MICROSOFT, **attributes)
    proto = model([node], [nh.from_array(w, "w")], x=x, domains=[MICROSOFT])
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    return proto


# The side of the weight, its shape, the input's, attributes.
FUSED = {
    "plain": (1, (6, 4), (5, 6), {}),
    "tokens": (1, (6, 4), (5, 3, 6), {}),
    "the weight turned": (1, (4, 6), (5, 3, 6), {"transB": 1}),
    "the input turned": (1, (6, 4), (5, 6, 3), {"transA": 1}),
    "both turned": (1, (4, 6), (5, 6, 3), {"transA": 1, "transB": 1}),
    "stacked": (1, (2, 6, 4), (2, 5, 6), {}),
    "the input's batch in the middle": (1, (2, 6, 4), (5, 2, 6), {"transBatchA": 1}),
    "that, and turned": (1, (2, 6, 4), (6, 2, 5), {"transBatchA": 1, "transA": 1}),
    "the weight's batch in the middle": (1, (6, 2, 4), (2, 5, 6), {"transBatchB": 1}),
    "on the left": (0, (4, 6), (6, 3), {}),
    "on the left, the input turned": (0, (4, 6), (3, 6), {"transB": 1}),
    "on the left, itself turned": (0, (6, 4), (6, 3), {"transA": 1}),
    "on the left, the input's batch in the middle": (
        0,
        (2, 4, 6),
        (6, 2, 3),
        {"transBatchB": 1},
    ),
}


# Its name of old knows no transBatch.
OF_OLD = [("TransposeMatMul", case) for case, row in FUSED.items() if "Batch" not in str(row)]


@pytest.mark.parametrize(("op", "case"), [*(("FusedMatMul", case) for case in FUSED), *OF_OLD])
def test_fused_matmul_either_side_turned(op: str, case: str, tmp_path: Path) -> None:
    side, w, x, attributes = FUSED[case]
    inputs = ["x", "w"] if side == 1 else ["w", "x"]
    proto = one(op, weights(*w), x, inputs=inputs, **attributes)

    def pick(y: np.ndarray, part: int) -> np.ndarray:
        y = y[part] if len(w) == 3 else y
        return y[..., 0] if side == 1 else y[..., 0, :]

    agrees(proto, tmp_path, pick, x=random(*x))


def test_a_factor_of_the_product_is_no_part_of_the_input(tmp_path: Path) -> None:
    x = random(5, 6)
    proto = one("FusedMatMul", weights(6, 4), ("N", 6), alpha=0.5)
    holds(statistics(proto, tmp_path, "w", x=x), [x])


def test_what_a_fused_matmul_with_activation_meets(tmp_path: Path) -> None:
    # DirectML's own: nothing here runs it, but what comes in can be seen.
    x = random(5, 6, 3)
    proto = one("FusedMatMulActivation", weights(6, 4), x.shape, transA=1, activation="Relu")
    rows = x.transpose(0, 2, 1).reshape(-1, 6)
    holds(statistics(proto, tmp_path, "w", x=x), [rows])


def test_fused_gemm_is_a_gemm_before_its_activation(tmp_path: Path) -> None:
    proto = one("FusedGemm", weights(6, 4), (6, 5), transA=1, activation="Relu")
    node = helper.make_node("Gemm", ["x", "w"], ["y"], "g", transA=1)
    like = model([node], [nh.from_array(weights(6, 4), "w")], x=(6, 5))
    agrees(proto, tmp_path, lambda y, _: y[:, 0], like=like, x=random(6, 5))


def test_fused_conv_is_a_conv_before_its_sum_and_activation(tmp_path: Path) -> None:
    attributes = {"pads": [1, 0, 0, 2], "strides": [2, 1], "group": 2}
    kernel = weights(4, 2, 3, 2)
    inputs = ["x", "w", "", "z"]
    proto = one("FusedConv", kernel, ("N", 4, 6, 5), inputs=inputs, activation="Relu", **attributes)
    proto.graph.initializer.append(nh.from_array(random(1, 4, 3, 6), "z"))
    node = helper.make_node("Conv", ["x", "w"], ["y"], "c", **attributes)
    like = model([node], [nh.from_array(kernel, "w")], x=("N", 4, 6, 5))
    x = random(2, 4, 6, 5)
    agrees(proto, tmp_path, lambda y, part: y[:, 2 * part], like=like, x=x)


@pytest.mark.parametrize("op", ["Attention", "PackedAttention", "DecoderMaskedSelfAttention"])
def test_attention_multiplies_tokens_with_all_of_its_matrix(op: str, tmp_path: Path) -> None:
    shape = {"PackedAttention": (7, 6), "DecoderMaskedSelfAttention": (4, 1, 6)}
    x = shape.get(op, (3, 5, 6))
    w = weights(6, 12)
    inputs = ["x", "w", "bias", *(["steps", "lengths"] if op == "PackedAttention" else [])]
    proto = one(op, w, ("N", *x[1:]), inputs=inputs, num_heads=2)
    proto.graph.initializer.append(nh.from_array(weights(12), "bias"))
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    like = model([node], [nh.from_array(w, "w")], x=("N", *x[1:]))
    agrees(proto, tmp_path, lambda y, _: y[..., 0], like=like, x=random(*x))


DEFORMED = {
    "plain": ((3, 2, 2, 3), (2, 2, 5, 6), {}, False),
    "strides, pads, dilations": (
        (2, 2, 2, 3),
        (2, 2, 7, 9),
        {"strides": [2, 1], "pads": [1, 0, 0, 2], "dilations": [2, 3]},
        True,
    ),
    "groups": ((4, 2, 2, 2), (2, 4, 4, 5), {"group": 2}, True),
    "sets of offsets": ((2, 4, 2, 2), (2, 4, 4, 5), {"offset_group": 2}, True),
}


@pytest.mark.parametrize("case", DEFORMED, ids=DEFORMED)
def test_deform_conv_reads_where_its_offsets_send_it(case: str, tmp_path: Path) -> None:
    kernel, x, attributes, masked = DEFORMED[case]
    strides, dilations = attributes.get("strides", (1, 1)), attributes.get("dilations", (1, 1))
    pads = attributes.get("pads", (0, 0, 0, 0))
    places = [
        (x[2 + i] + pads[i] + pads[2 + i] - (kernel[2 + i] - 1) * dilations[i] - 1) // strides[i]
        + 1
        for i in (0, 1)
    ]
    spots = attributes.get("offset_group", 1) * kernel[2] * kernel[3]
    inputs = ["x", "w", "offset", "", "mask"] if masked else ["x", "w", "offset"]
    node = helper.make_node("DeformConv", inputs, ["y"], "d", **attributes)
    proto = model([node], [nh.from_array(weights(*kernel), "w")], x=("N", *x[1:]))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    proto.graph.input.append(value("offset", "N", 2 * spots, *places))
    # Some of them far outside of the picture.
    given = {"x": random(*x), "offset": 1.5 * random(x[0], 2 * spots, *places, seed=3)}
    if masked:
        proto.graph.input.append(value("mask", "N", spots, *places))
        given["mask"] = random(x[0], spots, *places, seed=4)
    per_group = kernel[0] // attributes.get("group", 1)
    agrees(proto, tmp_path, lambda y, part: y[:, part * per_group], **given)
