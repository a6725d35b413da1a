"""Inputs of ConvTranspose and Einsum weights against brute force."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import model, weights
from onnx import helper
from onnx import numpy_helper as nh
from probing import agrees
from test_taps import random

TRANSPOSED = {
    "plain": ((2, 3, 3), (3, 2, 5), {}),
    "strides and pads": ((2, 3, 3, 2), (2, 2, 4, 3), {"strides": [2, 3], "pads": [1, 0, 1, 1]}),
    "dilations": ((2, 2, 3, 3), (2, 2, 4, 4), {"dilations": [2, 1], "strides": [1, 2]}),
    "more at the end": (
        (2, 2, 3, 3),
        (2, 2, 4, 4),
        {"strides": [2, 2], "output_padding": [1, 0], "pads": [1, 1, 1, 1]},
    ),
    "a shape given": ((2, 2, 3, 3), (2, 2, 4, 4), {"strides": [2, 2], "output_shape": [8, 7]}),
    "same upper": ((2, 2, 3, 3), (2, 2, 4, 4), {"strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    "groups": ((4, 3, 3, 2), (2, 4, 3, 3), {"group": 2, "strides": [2, 1]}),
    "3d": ((2, 2, 2, 2, 3), (2, 2, 3, 2, 2), {"strides": [2, 1, 2]}),
}


@pytest.mark.parametrize("case", TRANSPOSED, ids=TRANSPOSED)
def test_conv_transpose(case: str, tmp_path: Path) -> None:
    kernel, x, attributes = TRANSPOSED[case]
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], "up", **attributes)
    proto = model([node], [nh.from_array(weights(*kernel), "w")], x=("N", *x[1:]))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    agrees(proto, tmp_path, lambda y, part: y[:, part * kernel[1]], x=random(*x))


EINSUMS = {
    # equation, the weight's shape, the input's, the first output unit of part p
    "bsk,kn->bsn": ((6, 4), (5, 3, 6), lambda y, p: y[..., 0]),
    "bhsk,hkn->bhsn": ((2, 6, 4), (5, 2, 3, 6), lambda y, p: y[:, p, :, 0]),
    "bskm,kmn->bsn": ((2, 3, 4), (5, 3, 2, 3), lambda y, p: y[..., 0]),
    "bsak,kn->bsn": ((6, 4), (5, 3, 2, 6), lambda y, p: y[..., 0]),
    "bk,ckn->bn": ((3, 6, 4), (5, 6), lambda y, p: y[..., 0]),
}


@pytest.mark.parametrize("equation", EINSUMS, ids=EINSUMS)
def test_einsum(equation: str, tmp_path: Path) -> None:
    w, x, pick = EINSUMS[equation]
    node = helper.make_node("Einsum", ["x", "w"], ["y"], "e", equation=equation)
    proto = model([node], [nh.from_array(weights(*w), "w")], x=("N", *x[1:]))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    agrees(proto, tmp_path, pick, x=random(*x))


def test_einsum_with_the_weight_first(tmp_path: Path) -> None:
    node = helper.make_node("Einsum", ["w", "x"], ["y"], "e", equation="nk,bk->bn")
    proto = model([node], [nh.from_array(weights(4, 6), "w")], x=("N", 6))
    agrees(proto, tmp_path, lambda y, _: y[:, 0], x=random(5, 6))
