"""Statistics of a weight's input against brute force, for every operator that is tapped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from builders import model, weights
from onnx import helper
from onnx import numpy_helper as nh
from probing import agrees


def random(*shape: int, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


CONVS = {
    "1d": ((3, 2, 3), (4, 2, 9), {}),
    "2d pads": ((3, 2, 3, 2), (2, 2, 6, 5), {"pads": [1, 0, 2, 1]}),
    "strides and dilations": (
        (2, 3, 2, 3),
        (3, 3, 9, 8),
        {"strides": [2, 3], "dilations": [3, 2], "pads": [2, 1, 0, 2]},
    ),
    "groups": ((6, 2, 3, 3), (2, 4, 5, 6), {"group": 2, "pads": [1, 1, 1, 1]}),
    "depthwise": ((4, 1, 3, 3), (2, 4, 6, 6), {"group": 4, "strides": [2, 2]}),
    "same upper": ((2, 2, 3, 4), (2, 2, 7, 6), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "same lower": ((2, 2, 4, 3), (2, 2, 7, 6), {"auto_pad": "SAME_LOWER", "strides": [3, 2]}),
    "valid": ((2, 2, 3, 3), (2, 2, 5, 5), {"auto_pad": "VALID"}),
    "3d": ((2, 2, 2, 3, 2), (2, 2, 4, 5, 3), {"pads": [1, 0, 1, 0, 1, 1], "strides": [1, 2, 1]}),
    "1x1": ((3, 4, 1, 1), (3, 4, 3, 3), {}),
}


@pytest.mark.parametrize("case", CONVS, ids=CONVS)
def test_conv_is_im2col_of_its_own_input(case: str, tmp_path: Path) -> None:
    kernel, x, attributes = CONVS[case]
    node = helper.make_node("Conv", ["x", "w", "bias"], ["y"], "conv", **attributes)
    tensors = [nh.from_array(weights(*kernel), "w"), nh.from_array(weights(kernel[0]), "bias")]
    free = ["N", *x[1:]]
    proto = model([node], tensors, x=free, y=["N", kernel[0], *(f"d{i}" for i in x[2:])])
    groups = attributes.get("group", 1)
    per_group = kernel[0] // groups
    agrees(proto, tmp_path, lambda y, part: y[:, part * per_group], x=random(*x))


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("side", [0, 1])
def test_gemm_with_the_weight_on_either_side(
    trans_a: int, trans_b: int, side: int, tmp_path: Path
) -> None:
    inputs = ["w", "x"] if side == 0 else ["x", "w"]
    node = helper.make_node("Gemm", inputs, ["y"], "g", transA=trans_a, transB=trans_b)
    # A' is [5, 6], B' is [6, 4]; only the last dim's size is known to whoever reads samples.
    shapes = [(6, 5) if trans_a else (5, 6), (4, 6) if trans_b else (6, 4)]
    proto = model([node], [nh.from_array(weights(*shapes[side]), "w")], x=shapes[1 - side])
    agrees(
        proto,
        tmp_path,
        (lambda y, _: y[0]) if side == 0 else (lambda y, _: y[:, 0]),
        x=random(*shapes[1 - side]),
    )


MATMULS = {
    "plain": ((6, 4), ("N", 6), (5, 6)),
    "tokens": ((6, 4), ("N", 3, 6), (5, 3, 6)),
    "a vector": ((6,), ("N", 3, 6), (5, 3, 6)),
    "batched weight": ((3, 6, 4), ("N", 3, 2, 6), (5, 3, 2, 6)),
    "weight spread over the batch": ((1, 6, 4), ("N", 3, 2, 6), (5, 3, 2, 6)),
    "input spread over the stack": ((3, 6, 4), ("N", 1, 2, 6), (5, 1, 2, 6)),
    "two stacked dims": ((2, 3, 6, 4), ("N", 2, 3, 2, 6), (4, 2, 3, 2, 6)),
    "more dims in the weight": ((3, 6, 4), ("N", 6), (5, 6)),
}


@pytest.mark.parametrize("case", MATMULS, ids=MATMULS)
def test_matmul_on_the_right(case: str, tmp_path: Path) -> None:
    w, dims, x = MATMULS[case]
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "m")
    proto = model([node], [nh.from_array(weights(*w), "w")], x=dims, y=["a"] * 0)
    del proto.graph.output[0].type.tensor_type.shape.dim[:]
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    stack = w[:-2] if len(w) > 2 and w[0] > 1 else ()

    def pick(y: np.ndarray, part: int) -> np.ndarray:
        if len(w) == 1:
            return y
        first = y[..., 0]  # [..., stack, rows]
        if not stack:
            return first
        at = np.unravel_index(part, stack)
        return first[(..., *at, slice(None))]

    agrees(proto, tmp_path, pick, x=random(*x))


@pytest.mark.parametrize(
    ("w", "dims", "x"),
    [((4, 6), ("N", 6, 3), (5, 6, 3)), ((2, 4, 6), ("N", 2, 6, 3), (5, 2, 6, 3))],
)
def test_matmul_on_the_left(
    w: tuple[int, ...], dims: tuple[int | str, ...], x: tuple[int, ...], tmp_path: Path
) -> None:
    node = helper.make_node("MatMul", ["w", "x"], ["y"], "m")
    proto = model([node], [nh.from_array(weights(*w), "w")], x=dims)
    proto.graph.output[0].type.tensor_type.ClearField("shape")
    if len(w) == 2:
        agrees(proto, tmp_path, lambda y, _: y[..., 0, :], x=random(*x))
    else:
        agrees(proto, tmp_path, lambda y, part: y[:, part, 0, :], x=random(*x))


def test_a_weight_behind_a_transpose(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Transpose", ["w"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["x", "t"], ["y"], "m"),
    ]
    proto = model(nodes, [nh.from_array(weights(4, 6), "w")], x=("N", 6))
    agrees(proto, tmp_path, lambda y, _: y[:, 0], x=random(5, 6))
