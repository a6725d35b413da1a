"""Weights that read one input in different ways: each sees its own rows, as it does alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import model, value, weights
from onnx import helper
from onnx import numpy_helper as nh
from probing import opened, samples
from test_taps import random

from sparseview.runtime.calibration import Statistics, calibrate

# Operator, shapes of x and of the weight, and what parts the layers.
PICTURE = (3, 4, 7, 6)
Case = tuple[str, tuple[int, ...], tuple[int, ...], list[dict[str, Any]]]
CASES: dict[str, Case] = {
    "Conv": (
        "Conv",
        PICTURE,
        (4, 4, 3, 3),
        [
            {},
            {"strides": [2, 2]},
            {"dilations": [2, 2]},
            {"pads": [1, 1, 1, 1]},
            {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
            {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
        ],
    ),
    "grouped Conv": (
        "Conv",
        PICTURE,
        (4, 2, 3, 3),
        [{"group": 2}, {"group": 2, "dilations": [2, 1]}],
    ),
    "ConvTranspose": (
        "ConvTranspose",
        PICTURE,
        (4, 4, 3, 3),
        [
            {},
            {"strides": [2, 2]},
            {"strides": [2, 2], "output_padding": [1, 1]},
            {"strides": [2, 2], "auto_pad": "SAME_UPPER"},
            {"strides": [2, 2], "auto_pad": "SAME_LOWER"},
            {"strides": [2, 2], "output_shape": [13, 11]},
            {"dilations": [2, 2]},
            {"pads": [1, 1, 0, 1]},
        ],
    ),
    "Einsum": (
        "Einsum",
        (5, 6, 6),
        (6, 4),
        [
            {"equation": "bij,jk->bik"},
            {"equation": "bij,ik->bjk"},
            {"equation": "bij,jk->bk"},
            {"equation": "bij,ik->bk"},
        ],
    ),
}


def each_as_alone(nodes: list[Any], tensors: list[Any], folder: Path, **given: Any) -> None:
    """Calibrated together the weights have the statistics that each has by itself, all unlike."""
    proto = model(nodes, tensors, x=("N", *given["x"].shape[1:]))
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    for name in given.keys() - {"x"}:
        proto.graph.input.append(value(name, "N", *given[name].shape[1:]))
    both = opened(proto, folder)
    data = samples(both, **given)
    together = calibrate(both, both.weights, data, gram=True)
    grams = []
    for weight in both.weights:
        (apart,) = calibrate(both, [weight], data, gram=True).values()
        found = together[weight.id]
        assert isinstance(apart, Statistics) and isinstance(found, Statistics)
        assert apart.rows == found.rows
        np.testing.assert_array_equal(found.gram, apart.gram)
        grams.append(apart.gram)
    for at, one in enumerate(grams):
        assert not any(np.array_equal(one, other) for other in grams[:at])


@pytest.mark.parametrize("name", CASES)
def test_what_an_attribute_changes_is_not_shared(name: str, tmp_path: Path) -> None:
    op, x, shape, ways = CASES[name]
    outputs = ["y", *(f"out{i}" for i in range(1, len(ways)))]
    nodes = [
        helper.make_node(op, ["x", f"w{i}"], [outputs[i]], f"n{i}", **way)
        for i, way in enumerate(ways)
    ]
    tensors = [nh.from_array(weights(*shape, seed=i), f"w{i}") for i in range(len(ways))]
    each_as_alone(nodes, tensors, tmp_path, x=random(*x))


def test_rows_and_columns_of_one_matrix_are_not_shared(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["y"], "from the right"),
        helper.make_node("MatMul", ["v", "x"], ["z"], "from the left"),
    ]
    tensors = [nh.from_array(weights(6, 4), "w"), nh.from_array(weights(4, 6), "v")]
    each_as_alone(nodes, tensors, tmp_path, x=random(5, 6, 6))


def test_a_deformed_kernel_is_not_shared_with_one_that_is_dilated(tmp_path: Path) -> None:
    ways = [{"pads": [1] * 4}, {"pads": [2] * 4, "dilations": [2, 2]}]
    nodes = [
        helper.make_node("DeformConv", ["x", f"w{i}", "offset"], [out], f"n{i}", **way)
        for i, (out, way) in enumerate(zip("yz", ways, strict=True))
    ]
    tensors = [nh.from_array(weights(2, 4, 3, 3, seed=i), f"w{i}") for i in range(2)]
    offset = random(3, 18, 7, 6, seed=3)
    each_as_alone(nodes, tensors, tmp_path, x=random(*PICTURE), offset=offset)
